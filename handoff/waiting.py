"""The leads that wait for a rep, and the policy each falls under."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Case, Count, Exists, OuterRef, Q, QuerySet, Value, When

from handoff.models import UNFINISHED, Handoff, HandoffPolicy
from handoff.turns import Turn
from leadqual.leads.models import Lead
from leadqual.scoring.models import Qualification
from segments.models import Membership

LEAD_FIELDS = (
    "family_name",
    "given_name",
    "title",
    "department",
    "email",
    "phone",
    "company__name",
    "owner_id",
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One lead in the queue: a hot one, or a handoff that has no rep yet (an act that goes to sales, a hand-over)."""

    lead: Lead
    policy_id: int
    qualification: Qualification | None
    handoff: Handoff | None

    @property
    def position(self) -> tuple[int, datetime, int] | None:
        hot = self.qualification
        return (hot.score, hot.opened_at, hot.pk) if hot else None


def policy_of_lead(policies: Sequence[HandoffPolicy]) -> Case:
    """The first live policy whose segment has the lead of the row; empty when there is none."""
    cases: list[When] = []
    for policy in policies:
        if policy.segment_id is None:
            return Case(*cases, default=Value(policy.pk), output_field=BigIntegerField())
        member = Membership.objects.filter(segment_id=policy.segment_id, lead_id=OuterRef("lead_id"))
        cases.append(When(Exists(member), then=Value(policy.pk)))
    return Case(*cases, default=Value(None), output_field=BigIntegerField(null=True))


def hot_leads() -> QuerySet[Qualification]:
    """Open qualifications that sales may have and nobody at sales has, by score, then by who became hot first."""
    taken = Handoff.objects.filter(lead_id=OuterRef("lead_id"), state__in=UNFINISHED)
    free = Qualification.objects.filter(~Exists(taken), ended_day=None, released=True)
    return free.order_by("-score", "opened_at", "pk")


def next_hot(
    policies: Sequence[HandoffPolicy],
    turns: Sequence[Turn],
    after: tuple[int, datetime, int] | None,
    limit: int,
) -> list[Waiting]:
    """The next in the queue whose policy may hand over now, locked; leads that somebody works on are left out."""
    rows = hot_leads().annotate(policy_id=policy_of_lead(policies)).filter(_may_go(turns))
    if after is not None:
        score, opened, pk = after
        later = Q(opened_at__gt=opened) | Q(opened_at=opened, pk__gt=pk)
        rows = rows.filter(Q(score__lt=score) | Q(later, score=score))
    rows = (
        rows.select_for_update(of=("self", "lead"), skip_locked=True, no_key=True)
        .select_related("lead__company")
        .only("score", "opened_at", "opened_day", "card", *(f"lead__{name}" for name in LEAD_FIELDS))
    )
    return [Waiting(row.lead, row.policy_id, row, None) for row in rows[:limit]]


def still_free(waiting: Sequence[Waiting]) -> list[Waiting]:
    """Asked again now that the leads are locked: a handoff may have been made between the reading and the locking."""
    leads = [each.lead.pk for each in waiting]
    taken = set(Handoff.objects.unfinished().filter(lead_id__in=leads).values_list("lead_id", flat=True))
    return [each for each in waiting if each.lead.pk not in taken]


def left_of_turn(policies: Sequence[HandoffPolicy], turn: Turn) -> set[int]:
    """The leads that wait and came in time for this turn."""
    rows = hot_leads().order_by().annotate(policy_id=policy_of_lead(policies))
    return set(rows.filter(turn.in_time, policy_id=turn.policy.pk).values_list("lead_id", flat=True))


def next_unplaced(policies: Sequence[HandoffPolicy], after: int, limit: int) -> list[Waiting]:
    """Handoffs without a rep, the oldest first, locked; whatever the cadence, for these go to sales at once."""
    rows = (
        Handoff.objects.waiting()
        .filter(pk__gt=after)
        .annotate(falls_under=policy_of_lead(policies))
        .filter(falls_under__in=[policy.pk for policy in policies])
        .select_for_update(of=("self", "lead"), skip_locked=True, no_key=True)
        .select_related("lead__company")
        .order_by("pk")
    )
    found = list(rows[:limit])
    open_now = {
        hot.lead_id: hot
        for hot in Qualification.objects.filter(ended_day=None, lead_id__in=[row.lead_id for row in found])
    } if found else {}  # fmt: skip
    return [Waiting(row.lead, row.falls_under, open_now.get(row.lead_id), row) for row in found]


def count_waiting(policies: Sequence[HandoffPolicy]) -> dict[int | None, int]:
    """How many wait under each policy (None: no live policy has them), in two queries."""
    counts: dict[int | None, int] = {}
    case = policy_of_lead(policies)
    for rows in (hot_leads().order_by(), Handoff.objects.waiting().order_by()):
        found: QuerySet[Any, Any] = rows.annotate(falls_under=case).values_list("falls_under")
        for policy, n in found.annotate(n=Count("pk")):
            counts[policy] = counts.get(policy, 0) + n
    return counts


def _may_go(turns: Sequence[Turn]) -> Q:
    at_once = [turn.policy.pk for turn in turns if turn.at is None]
    allowed = Q(policy_id__in=at_once)
    for turn in turns:
        if turn.at is not None:
            allowed |= Q(policy_id=turn.policy.pk) & turn.in_time
    return allowed
