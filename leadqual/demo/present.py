"""From the end of yesterday to now: scores, segments and offers made by the product, as any day."""

from datetime import datetime, timedelta
from functools import partial

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from handoff.assignment import assign
from handoff.direct import hand_over_manually
from handoff.models import UNFINISHED, Handoff, SalesRep, State
from handoff.pool import is_away
from leadqual.common import clock, undecided
from leadqual.common.progress import Progress
from leadqual.common.rows import update_rows
from leadqual.demo import design
from leadqual.demo.maps import walk
from leadqual.demo.tongues import Tongue
from leadqual.leads.models import Lead, Status
from leadqual.operations.placing import refresh_and_place
from leadqual.scoring.models import LeadScore, ModelState
from leadqual.scoring.rescoring import rebuild_all, rescore_due
from segments.membership import refresh
from segments.models import Membership, MembershipChange, Segment

OFFERS_AT_LEAST = 1


def bring_up(t: Tongue, *, day: int, now: datetime, progress: Progress | None = None) -> None:
    """May be interrupted anywhere and begun again."""
    if LeadScore.objects.filter(model__state=ModelState.LIVE).exists():
        rescore_due(day=day, now=now, progress=progress)
    else:
        rebuild_all(day=day, now=now, progress=progress)
    refresh(day=day, now=now, progress=partial(progress, _("segments")) if progress else None)
    _date_members(t)
    walk(day=day)
    refresh_and_place(day=day, now=now)
    assign(now=now, day=day)
    for rep in SalesRep.objects.filter(active=True).select_related("user").order_by("pk"):
        if not is_away(rep, day):
            _give_some(rep, day=day, now=now)
    undecided.check(day=day)


def _give_some(rep: SalesRep, *, day: int, now: datetime) -> None:
    """A marketer hands a few promising leads over, so that every inbox has something to answer."""
    counts = Handoff.objects.filter(rep=rep).aggregate(
        offered=Count("pk", filter=Q(state=State.OFFERED)), all=Count("pk", filter=Q(state__in=UNFINISHED))
    )
    missing = min(OFFERS_AT_LEAST - counts["offered"], rep.capacity - counts["all"])
    if missing <= 0:
        return
    for lead in _promising()[:missing]:
        hand_over_manually(lead, now=now, rep=rep, day=day)


def _promising() -> list[Lead]:
    scores = LeadScore.objects.filter(model__state=ModelState.LIVE).order_by("-total", "lead_id")
    free = scores.filter(lead__with_sales=False, lead__status=Status.NURTURING)
    return [score.lead for score in free.select_related("lead")[:OFFERS_AT_LEAST]]


def _date_members(t: Tongue) -> None:
    """Who is in a segment by what they are has been so since they came in; the refresh can only say today."""
    asked = [
        design.middle_makers(t),
        design.large_makers(t),
        design.services(t),
        t("決裁者", "Decision makers"),
    ]
    found = list(Segment.objects.filter(name__in=asked).values_list("pk", flat=True))
    born = dict(Lead.objects.values_list("pk", "created_day"))
    changes = MembershipChange.objects.filter(segment_id__in=found, joined=True)
    dated = [
        MembershipChange(pk=pk, day=born[lead], at=clock.start_of(born[lead]) + timedelta(hours=18))
        for pk, lead in changes.values_list("pk", "lead_id")
    ]
    update_rows(dated, ["day", "at"])
    came_in = Lead.objects.filter(pk=OuterRef("lead_id")).values("created_day")
    Membership.objects.filter(segment_id__in=found).update(since_day=Subquery(came_in))
