"""Step 5 in numbers: what today's handing over came to, why leads wait, who has room."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from handoff.models import OPEN, Cadence, Handoff, HandoffPolicy, PolicyState, SalesRep, SalesTeam, State
from handoff.policies import problems
from handoff.policy_wording import policy_in_words, undecided_in_words
from handoff.pool import is_away
from handoff.waiting import count_waiting
from leadqual.common import clock

# Offers older than this are no part of today's numbers even if somebody answers them today.
LONGEST = timedelta(days=60)
TAKEN_ON = (State.ACCEPTED, State.CLOSED, State.RECYCLED)


@dataclass(frozen=True, slots=True)
class Today:
    offered: int = 0
    accepted: int = 0
    declined: int = 0
    expired: int = 0


@dataclass(slots=True)
class RepLoad:
    """`free` is what could be given to the rep now: nothing to somebody who is away."""

    rep: SalesRep
    load: int
    away: bool

    @property
    def free(self) -> int:
        return 0 if self.away else max(0, self.rep.capacity - self.load)

    @property
    def share(self) -> int:
        return share(self.load, self.rep.capacity)


@dataclass(slots=True)
class TeamLoad:
    team: SalesTeam
    reps: list[RepLoad] = field(default_factory=list)

    @property
    def load(self) -> int:
        return sum(each.load for each in self.reps)

    @property
    def capacity(self) -> int:
        return sum(each.rep.capacity for each in self.reps if not each.away)

    @property
    def free(self) -> int:
        return sum(each.free for each in self.reps)

    @property
    def share(self) -> int:
        return share(self.load, self.capacity)


@dataclass(frozen=True, slots=True)
class PolicyView:
    policy: HandoffPolicy
    sentences: list[str]
    undecided: list[str]
    today: Today
    waiting: int
    waits_for: str


def share(load: int, capacity: int) -> int:
    """Per cent of a bar."""
    return min(100, round(100 * load / capacity)) if capacity else 100 if load else 0


def policy_views(
    policies: Sequence[HandoffPolicy], free: dict[int, int], *, now: datetime
) -> tuple[list[PolicyView], int]:
    """Every policy with its numbers, and how many leads no live policy takes; three queries."""
    live = [policy for policy in policies if policy.state == PolicyState.LIVE]
    waiting, today = count_waiting(live), numbers_of_today(now)
    views = [
        PolicyView(
            policy=policy,
            sentences=policy_in_words(policy),
            undecided=undecided_in_words(problems(policy)) if policy.state != PolicyState.RETIRED else [],
            today=today.get(policy.pk, Today()),
            waiting=waiting.get(policy.pk, 0),
            waits_for=_waits_for(policy, free) if waiting.get(policy.pk) else "",
        )
        for policy in policies
    ]
    return views, waiting.get(None, 0)


def _waits_for(policy: HandoffPolicy, free: dict[int, int]) -> str:
    if not any(free.get(team or 0) for team in (policy.team_id, policy.fallback_team_id)):
        return _("nobody in the team or the fallback team has a free place")
    if policy.cadence != Cadence.AT_ONCE:
        return _("the next turn")
    return _("a free place in the right territory, or the next run in a few seconds")


def numbers_of_today(now: datetime) -> dict[int | None, Today]:
    """By policy; one query."""
    start = clock.start_of(clock.day_of(now))
    rows = Handoff.objects.filter(made_at__gte=start - LONGEST).filter(
        Q(offered_at__gte=start) | Q(answered_at__gte=start) | Q(closed_at__gte=start)
    )
    counted = rows.order_by().values_list("policy_id").annotate(
        offered=Count("pk", filter=Q(offered_at__gte=start)),
        accepted=Count("pk", filter=Q(answered_at__gte=start, state__in=TAKEN_ON)),
        declined=Count("pk", filter=Q(closed_at__gte=start, state=State.REJECTED)),
        expired=Count("pk", filter=Q(closed_at__gte=start, state=State.EXPIRED)),
    )  # fmt: skip
    return {policy: Today(*numbers) for policy, *numbers in counted}


def loads(reps: Iterable[SalesRep], *, day: int) -> list[RepLoad]:
    """One query; `user` comes along with the reps."""
    rows = list(reps)
    counted = dict(
        Handoff.objects.filter(state__in=OPEN, rep__in=[rep.pk for rep in rows])
        .order_by()
        .values_list("rep_id")
        .annotate(n=Count("pk"))
    )
    return [RepLoad(rep, counted.get(rep.pk, 0), is_away(rep, day)) for rep in rows]


def team_loads(teams: Collection[int] | None = None, *, day: int) -> list[TeamLoad]:
    """Teams with their reps, those who left without open leads apart; two queries."""
    reps = SalesRep.objects.select_related("user", "team__manager").order_by("team__name", "team", "pk")
    if teams is not None:
        reps = reps.filter(team__in=teams)
    found: dict[int, TeamLoad] = {}
    for each in loads(reps, day=day):
        if each.rep.active or each.load:
            found.setdefault(each.rep.team_id, TeamLoad(each.rep.team)).reps.append(each)
    return list(found.values())


def overdue(now: datetime, most: int, teams: Collection[int] | None = None) -> list[Handoff]:
    """Offers past their time that nobody has taken yet (by these teams), the oldest first."""
    rows = Handoff.objects.filter(state=State.OFFERED, accept_by__lte=now)
    if teams is not None:
        rows = rows.filter(team__in=teams)
    rows = rows.select_related("lead__company", "rep__user", "team", "policy")
    return list(rows.order_by("accept_by", "pk")[:most])


def waiting_if_live(policy: HandoffPolicy) -> int:
    """How many of the waiting leads would fall to the policy if it were live; two queries and the live policies."""
    others = HandoffPolicy.objects.filter(state=PolicyState.LIVE).exclude(pk=policy.pk)
    order = sorted([*others, policy], key=lambda each: (each.position, each.pk))
    return count_waiting(order).get(policy.pk, 0)


def waiting_without(policy: HandoffPolicy) -> int:
    """How many waiting leads no policy would take if this one were retired."""
    others = HandoffPolicy.objects.filter(state=PolicyState.LIVE).exclude(pk=policy.pk)
    return count_waiting(list(others.order_by("position", "pk"))).get(None, 0)
