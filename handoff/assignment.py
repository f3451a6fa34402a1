"""Hot leads to reps: in batches, by as many workers as there are, each lead to one rep, nobody over capacity."""

from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.db import transaction

from handoff.collecting import collect
from handoff.company_reps import CompanyReps
from handoff.models import Handoff, HandoffPolicy
from handoff.offering import make
from handoff.offers import Offer, offer
from handoff.pool import Pool, lock_pool
from handoff.turns import Turn, due_turns, live_policies, moment_of
from handoff.waiting import (
    Waiting,
    count_waiting,
    hot_leads,
    left_of_turn,
    next_hot,
    next_unplaced,
    still_free,
)
from leadqual.common.locks import Lock, lock_shared

# Statements per lead fall with it; the time for which the reps are locked grows with it.
BATCH = 500


@dataclass(slots=True)
class Assigned:
    """`waiting` is what is left over: no live policy has it, its policy's turn has not come, nobody had a place."""

    assigned: int = 0
    waiting: int = 0
    no_policy: int = 0
    before_turn: int = 0
    no_place: int = 0

    def as_json(self) -> dict[str, int]:
        return asdict(self)


@dataclass(slots=True)
class _Run:
    now: datetime
    day: int
    policies: list[HandoffPolicy]
    turns: list[Turn]
    left: int | None
    assigned: int = 0
    # Policies for whose teams this run found no free place; asking again would only read the queue.
    full: set[int] = field(default_factory=set)
    # Hot leads that this run looked at and for whom it had nobody.
    passed: set[int] = field(default_factory=set)

    @property
    def open_turns(self) -> list[Turn]:
        return [turn for turn in self.turns if turn.policy.pk not in self.full]

    @property
    def open_policies(self) -> list[HandoffPolicy]:
        return [policy for policy in self.policies if policy.pk not in self.full]

    @property
    def batch(self) -> int:
        return BATCH if self.left is None else min(BATCH, self.left)


def assign(*, now: datetime, day: int, limit: int | None = None) -> Assigned:
    """Hands over what waits, as far as policies, turns and free places go, at most `limit` leads.

    Each batch is a transaction of its own: a run that is killed has handed over what it had, and the next goes on.
    """
    policies = live_policies()
    run = _Run(now, day, policies, due_turns(policies, moment_of(now, day)), limit)
    somebody = Handoff.objects.waiting().exists() or hot_leads().order_by().exists()
    if somebody and policies:
        _hand_over_unplaced(run)
        _hand_over_hot(run)
    left = {turn: left_of_turn(run.policies, turn) if somebody else set() for turn in run.turns if turn.at}
    going_on = {turn.policy.pk for turn, leads in left.items() if not _is_over(run, turn, leads)}
    for turn in left:
        if turn.policy.pk not in going_on:
            turn.end()
    collect(now=now, busy=going_on)
    return _result(run, {turn.policy.pk: len(leads) for turn, leads in left.items()}, somebody)


def _is_over(run: _Run, turn: Turn, left: set[int]) -> bool:
    """Whoever is left has been looked at. Leads that others held meanwhile are for the next run of the same turn."""
    return turn.policy.pk in run.full or left <= run.passed


def _result(run: _Run, in_time: dict[int, int], somebody: bool) -> Assigned:
    result = Assigned(assigned=run.assigned)
    at_once = {turn.policy.pk for turn in run.turns if turn.at is None}
    for policy, n in (count_waiting(run.policies) if somebody else {}).items():
        result.waiting += n
        if policy is None:
            result.no_policy += n
            continue
        no_place = n if policy in at_once else min(n, in_time.get(policy, 0))
        result.no_place += no_place
        result.before_turn += n - no_place
    return result


def _hand_over_unplaced(run: _Run) -> None:
    after = 0
    while run.open_policies and run.batch:
        size = run.batch
        with transaction.atomic():
            pool = _lock(run, run.open_policies)
            waiting = next_unplaced(run.open_policies, after, size) if run.open_policies else []
            _place(run, pool, waiting)
        if len(waiting) < size:
            return
        after = max(each.handoff.pk for each in waiting if each.handoff)


def _hand_over_hot(run: _Run) -> None:
    after = None
    while run.open_turns and run.batch:
        size = run.batch
        with transaction.atomic():
            pool = _lock(run, [turn.policy for turn in run.open_turns])
            waiting = next_hot(run.policies, run.open_turns, after, size) if run.open_turns else []
            _place(run, pool, still_free(waiting))
        if len(waiting) < size:
            return
        after = waiting[-1].position


def _lock(run: _Run, policies: list[HandoffPolicy]) -> Pool:
    """The reps of all teams that these policies can give to. Marks the policies that have nobody free."""
    lock_shared(Lock.LEDGER)
    teams = {team for policy in policies for team in (policy.team_id, policy.fallback_team_id) if team}
    pool = lock_pool(day=run.day, teams=teams)
    run.full |= {policy.pk for policy in policies if not pool.free(policy)}
    return pool


def _place(run: _Run, pool: Pool, waiting: list[Waiting]) -> None:
    """Offers each waiting lead to the rep chosen for it; those for whom nobody is free stay as they are."""
    if not waiting:
        return
    policies = {policy.pk: policy for policy in run.policies}
    pool.territories.read([each.lead.pk for each in waiting], day=run.day)
    known = CompanyReps(pool, [(each.lead, policies[each.policy_id]) for each in waiting])
    offers: list[Offer] = []
    for each in waiting:
        policy = policies[each.policy_id]
        choice = pool.choose(policy, each.lead.pk, company_rep=known.rep_of(each.lead))
        if choice.member is None:
            run.passed.add(each.lead.pk)
            continue
        pool.give(choice.member)
        known.remember(each.lead, choice.member)
        offers.append(
            offer(
                each.lead,
                choice.member,
                policy,
                now=run.now,
                handoff=each.handoff,
                qualification=each.qualification,
                candidates=choice.candidates,
                reasons=choice.reasons,
            )
        )
    make(offers, pool, now=run.now)
    run.assigned += len(offers)
    if run.left is not None:
        run.left -= len(offers)
