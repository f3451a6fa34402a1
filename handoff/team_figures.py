"""How a team's reps answer: the share of feedback given, and how long an offer waits."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, Exists, OuterRef, Q

from handoff.business_time import open_time_between
from handoff.chasing import feedback_due
from handoff.models import Feedback, Handoff, State
from leadqual.leads.models import Status

FEEDBACK_OVER, ANSWERS_OVER = timedelta(days=180), timedelta(days=90)
# Fewer say nothing.
ENOUGH = 5
MOST = 5000
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Share:
    said: int = 0
    due: int = 0

    @property
    def enough(self) -> bool:
        return self.due >= ENOUGH

    @property
    def percent(self) -> int:
        return round(100 * self.said / self.due) if self.due else 0


@dataclass(frozen=True, slots=True)
class Answering:
    """Business hours between offer and acceptance."""

    accepted: int
    hours: float


def answered_shares(reps: Collection[int], *, now: datetime) -> dict[int, Share]:
    """Of the leads taken on so long ago that feedback is due, on how many it was given; two queries."""
    said = Feedback.objects.filter(handoff=OuterRef("pk"))
    rows = (
        Handoff.objects.filter(feedback_due(now), rep__in=reps, answered_at__gte=now - FEEDBACK_OVER)
        .filter(state__in=(State.ACCEPTED, State.CLOSED))
        .exclude(closed_as=Status.DISQUALIFIED)
    )
    counted = rows.order_by().values_list("rep_id").annotate(
        said=Count("pk", filter=Q(Exists(said))), due=Count("pk")
    )  # fmt: skip
    return {rep: Share(n, due) for rep, n, due in counted}


def answering_times(reps: Collection[int], *, now: datetime) -> dict[int, Answering]:
    """The median of each rep's acceptances of the last three months; one query."""
    rows = Handoff.objects.filter(
        rep__in=reps, made_at__gte=now - ANSWERS_OVER, offered_at__isnull=False, answered_at__isnull=False,
        state__in=(State.ACCEPTED, State.CLOSED, State.RECYCLED),
    )  # fmt: skip
    waited: dict[int, list[float]] = {}
    found = rows.order_by("-pk").values_list("rep_id", "offered_at", "answered_at")
    for rep, offered, answered in found[:MOST]:
        if rep is None or offered is None or answered is None:
            continue
        waited.setdefault(rep, []).append(open_time_between(offered, answered) / HOUR)
    return {rep: Answering(len(hours), round(median(hours), 1)) for rep, hours in waited.items()}
