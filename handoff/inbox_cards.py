"""A handoff as its rep sees it: who, why hot, since when, until when. Read for all rows together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from handoff.deadlines import Deadline, deadline
from handoff.models import Handoff, Origin, State
from handoff.wording import acts_in
from leadqual.common import clock
from leadqual.leads.models import Activity
from leadqual.scoring.models import LeadScore, ModelState
from leadqual.scoring.showing import ScoreCard, band_of, band_words, judged

ACTS = 3
# Days; what lies longer back is no reason to call today.
RECENT = 90


@dataclass(frozen=True, slots=True)
class Act:
    label: str
    path: str
    at: datetime

    @property
    def when(self) -> str:
        return date_format(self.at.astimezone(clock.zone()), _("j M H:i"))


@dataclass(frozen=True, slots=True)
class Standing:
    """The score as known now, beside what was judged when the lead became hot."""

    total: int
    band: str

    @property
    def words(self) -> str:
        return band_words(self.band)


@dataclass(frozen=True, slots=True)
class InboxCard:
    handoff: Handoff
    score: ScoreCard | None
    now: Standing | None
    origin: str
    since: datetime
    deadline: Deadline | None
    today: date
    acts: Sequence[Act] = field(default_factory=list)

    @property
    def since_words(self) -> str:
        return date_format(self.since.astimezone(clock.zone()), _("j M H:i"))

    @property
    def is_offered(self) -> bool:
        return self.handoff.state == State.OFFERED

    @property
    def planned_too_late(self) -> bool:
        on = self.handoff.next_action_on
        return on is not None and on < self.today


def cards(rows: Iterable[Handoff], *, now: datetime) -> list[InboxCard]:
    """At most three queries, whatever the number of rows; `qualification__model` and `lead__company` come along."""
    handoffs = list(rows)
    leads = [row.lead_id for row in handoffs]
    standings, acts = standings_of(leads), last_acts(leads, now)
    labels = acts_in(handoffs)
    return [
        card(row, now=now, standing=standings.get(row.lead_id), acts=acts.get(row.lead_id, []), labels=labels)
        for row in handoffs
    ]


def card(
    row: Handoff,
    *,
    now: datetime,
    standing: Standing | None,
    acts: Sequence[Act],
    labels: Mapping[str, str],
) -> InboxCard:
    hot = row.qualification
    return InboxCard(
        handoff=row,
        score=judged(hot) if hot else None,
        now=standing,
        origin=origin_in_words(row, labels),
        since=hot.opened_at if hot else row.made_at,
        deadline=deadline(row.accept_by, now) if row.state == State.OFFERED else None,
        today=clock.date_of(clock.day_of(now)),
        acts=acts,
    )


def origin_in_words(row: Handoff, labels: Mapping[str, str]) -> str:
    act = row.reasons.get("act")
    if row.origin == Origin.DIRECT:
        return labels.get(act, act) if act else str(Origin.DIRECT.label)
    return _("Handed over by hand") if row.origin == Origin.MANUAL else ""


def standings_of(leads: Sequence[int]) -> dict[int, Standing]:
    """The live model's word on each lead; one query."""
    if not leads:
        return {}
    rows = LeadScore.objects.filter(model__state=ModelState.LIVE, lead_id__in=leads)
    return {
        lead: Standing(total, band_of(total, hot_at=hot_at, cool_at=cool_at))
        for lead, total, hot_at, cool_at in rows.values_list(
            "lead_id", "total", "model__hot_at", "model__cool_at"
        )
    }


def last_acts(leads: Sequence[int], now: datetime) -> dict[int, list[Act]]:
    """The latest few acts of each lead, newest first; one query for all of them."""
    if not leads:
        return {}
    place = Window(
        RowNumber(), partition_by=[F("lead_id")], order_by=[F("occurred_at").desc(), F("pk").desc()]
    )
    rows = (
        Activity.objects.filter(lead_id__in=leads, machine=False, day__gt=clock.day_of(now) - RECENT)
        .annotate(place=place)
        .filter(place__lte=ACTS)
        .order_by("lead_id", "place")
        .values_list("lead_id", "signature__type__label", "signature__path", "occurred_at")
    )
    found: dict[int, list[Act]] = {}
    for lead, label, path, at in rows:
        found.setdefault(lead, []).append(Act(label, path, at))
    return found
