"""The six steps as the home page draws them: state, one number, what is undecided. A query or two each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handoff.models import Feedback, Handoff, State
from journeys.models import JourneyMap
from leadqual.common.undecided import Undecided
from leadqual.leads.models import Lead, Status
from leadqual.scoring.models import ModelState, Qualification, ScoringModel
from segments.models import Segment, SegmentState

WEEK = 7


@dataclass(frozen=True)
class Step:
    """A station of the loop. Without a number there is nothing yet; `words` say what the number counts."""

    number: int
    name: str
    figure: int | None
    words: str
    note: str = ""
    url: str = ""
    undecided: list[Undecided] = field(default_factory=list)


def address(route: str) -> str:
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""


def steps(open_questions: Iterable[Undecided], *, day: int, now: datetime) -> list[Step]:
    by_step: dict[int, list[Undecided]] = {}
    for question in open_questions:
        by_step.setdefault(question.step, []).append(question)
    made = [_segments(), _maps(), _scenarios(), _scoring(day), _handoff(now), _improvement(now)]
    return [
        Step(number, name, figure, words, note, address(route), by_step.get(number, []))
        for number, (name, figure, words, note, route) in enumerate(made, 1)
    ]


Made = tuple[str, int | None, str, str, str]


def _segments() -> Made:
    live = Segment.objects.filter(state=SegmentState.LIVE).count()
    return _("Segments"), live, ngettext("live segment", "live segments", live), "", "segments:list"


def _maps() -> Made:
    live = JourneyMap.objects.live().count()
    return _("Journey maps"), live, ngettext("live map", "live maps", live), "", "journeys:list"


def _scenarios() -> Made:
    note = _("Leads move by what they do; scenarios that move them on come with a later version.")
    return _("Scenarios"), None, _("none yet"), note, "scenarios:list"


def _scoring(day: int) -> Made:
    hot = Qualification.objects.filter(ended_day=None)
    counted = hot.aggregate(now=Count("pk"), new=Count("pk", filter=Q(opened_day__gt=day - WEEK)))
    model = ScoringModel.objects.filter(state=ModelState.LIVE).defer("frozen").first()
    note = (
        _("%(model)s, %(new)d of them since a week") % {"model": model, "new": counted["new"]}
        if model
        else ""
    )
    return (
        _("Scoring"),
        counted["now"],
        ngettext("hot lead", "hot leads", counted["now"]),
        note,
        "scoring:live",
    )


def _handoff(now: datetime) -> Made:
    counted = Handoff.objects.filter(state__in=(State.OFFERED, State.WAITING)).aggregate(
        unanswered=Count("pk", filter=Q(state=State.OFFERED)),
        late=Count("pk", filter=Q(state=State.OFFERED, accept_by__lt=now)),
        waiting=Count("pk", filter=Q(state=State.WAITING)),
    )
    note = _("%(late)d past their deadline, %(waiting)d wait for a rep") % counted
    number = counted["unanswered"]
    return (
        _("Handoff"),
        number,
        ngettext("unanswered offer", "unanswered offers", number),
        note,
        "handoff:list",
    )


def _improvement(now: datetime) -> Made:
    since = now - timedelta(days=30)
    answers = Feedback.objects.filter(corrects=None, at__gte=since).count()
    words = ngettext("answer of sales in 30 days", "answers of sales in 30 days", answers)
    return _("Improvement"), answers, words, "", "improvement:home"


@dataclass(frozen=True)
class FunnelStep:
    status: str
    label: str
    number: int
    share: int  # per cent of the widest


FUNNEL = (
    Status.NEW, Status.NURTURING, Status.HOT, Status.ACCEPTED, Status.OPPORTUNITY, Status.CUSTOMER,
)  # fmt: skip


def funnel() -> list[FunnelStep]:
    """How many leads stand where now; one query that an index answers."""
    counted = dict(Lead.objects.values_list("status").annotate(number=Count("pk")).order_by())
    widest = max((counted.get(status.value, 0) for status in FUNNEL), default=0) or 1
    return [
        FunnelStep(
            status.value, str(status.label), counted.get(status.value, 0),
            round(100 * counted.get(status.value, 0) / widest),
        )
        for status in FUNNEL
    ]  # fmt: skip
