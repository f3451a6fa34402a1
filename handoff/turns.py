"""Whose turn it is: which live policies may hand leads over now, and which leads came in time for it.

A turn is a moment of the policy's cadence. It takes the leads that were waiting by then, in as many runs and by as
many workers as it needs, and is over when a run finds nothing more to do: then its slot row is taken.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from handoff.business_time import last_daily, last_weekly
from handoff.models import Cadence, HandoffPolicy, PolicyState
from leadqual.common import clock
from leadqual.common.models import Slot
from leadqual.common.periods import take_slot


@dataclass(frozen=True, slots=True)
class Turn:
    """`at` is empty for a policy that hands over at once."""

    policy: HandoffPolicy
    at: datetime | None

    @property
    def in_time(self) -> Q:
        """Qualifications that opened before the turn; those opened for an earlier day count from that day on."""
        if self.at is None:
            return Q()
        day = clock.day_of(self.at)
        return Q(opened_at__lte=self.at) | Q(opened_day__lt=day) | _opened_later(day, self.at)

    def job(self) -> str:
        return f"handoff policy {self.policy.pk}"

    def slot(self) -> str:
        return self.at.isoformat() if self.at else ""

    def end(self) -> None:
        if self.at is not None:
            take_slot(self.job(), self.slot())


def _opened_later(day: int, at: datetime) -> Q:
    """Opened on the turn's day as judged, but written on a later one: a past day worked through now."""
    return Q(opened_day=day, opened_at__gte=clock.start_of(day + 1))


def live_policies() -> list[HandoffPolicy]:
    live = HandoffPolicy.objects.filter(state=PolicyState.LIVE)
    return list(live.select_related("team", "fallback_team").order_by("position", "pk"))


def moment_of(now: datetime, day: int) -> datetime:
    """As of today it is now; as of an earlier day it is that day's end."""
    if day >= clock.day_of(now):
        return now
    return clock.start_of(day + 1).astimezone(UTC) - timedelta(microseconds=1)


def turn_of(policy: HandoffPolicy, moment: datetime) -> Turn:
    if policy.cadence == Cadence.AT_ONCE or policy.cadence_time is None:
        return Turn(policy, None)
    if policy.cadence == Cadence.WEEKLY and policy.cadence_weekday is not None:
        return Turn(policy, last_weekly(policy.cadence_weekday, policy.cadence_time, moment))
    return Turn(policy, last_daily(policy.cadence_time, moment))


def due_turns(policies: Sequence[HandoffPolicy], moment: datetime) -> list[Turn]:
    """The turns that are not over yet; one query when a policy has a cadence at all."""
    turns = [turn_of(policy, moment) for policy in policies]
    over = _over(turn for turn in turns if turn.at is not None)
    return [turn for turn in turns if (turn.job(), turn.slot()) not in over]


def _over(turns: Iterable[Turn]) -> set[tuple[str, str]]:
    timed = list(turns)
    if not timed:
        return set()
    taken = Slot.objects.filter(job__in={t.job() for t in timed}, slot__in={t.slot() for t in timed})
    return set(taken.values_list("job", "slot"))
