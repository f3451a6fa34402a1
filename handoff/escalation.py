"""Offers that nobody accepted in time: to the next candidate, then to the fallback team, then an alarm."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import transaction

from handoff.models import Handoff, State
from handoff.offering import make
from handoff.offers import Offer, offer
from handoff.pool import Pool, lock_pool
from handoff.telling import ALARM, MOVED_ON, notice
from handoff.working_day import working_day
from leadqual.common.locks import Lock, lock_shared
from leadqual.messaging.notices import News, notify

BATCH = 200


@dataclass(slots=True)
class MovedOn:
    offered: int = 0
    alarmed: int = 0


def move_on(*, now: datetime, day: int | None = None) -> MovedOn:
    """Every offer whose time is up: a new offer to somebody who has not had it yet, or an alarm. Runs twice safely.

    The old offer ends in the transaction that makes the new one, and only if it is still an offer; one that
    somebody accepts at the same moment stays theirs.
    """
    result = MovedOn()
    after = 0
    overdue = Handoff.objects.overdue(now).order_by("pk").values_list("pk", flat=True)
    while ids := list(overdue.filter(pk__gt=after)[:BATCH]):
        after = ids[-1]
        with transaction.atomic():
            _move_batch(ids, now, working_day(now, day), result)
    return result


def _move_batch(ids: Collection[int], now: datetime, day: int, result: MovedOn) -> None:
    lock_shared(Lock.LEDGER)
    teams = _teams(ids)
    pool = lock_pool(day=day, teams=teams)
    overdue = _overdue(ids, now)
    pool.territories.read([row.lead_id for row in overdue], day=day)
    offers: list[Offer] = []
    alarmed: list[Handoff] = []
    moved: list[int] = []
    news: list[News] = []
    for row in overdue:
        following = _next_offer(row, pool, now)
        if following is None:
            alarmed.append(row)
        else:
            offers.append(following)
            moved.append(row.pk)
            news += [notice(MOVED_ON, row, row.rep.user_id)] if row.rep else []
    Handoff.objects.filter(pk__in=moved).update(state=State.EXPIRED, closed_at=now, to_collect=False)
    make(offers, pool, now=now)
    Handoff.objects.filter(pk__in=[row.pk for row in alarmed]).update(alarmed_at=now)
    notify([*news, *_alarms(alarmed)], now=now)
    result.offered += len(offers)
    result.alarmed += len(alarmed)


def _teams(ids: Collection[int]) -> set[int]:
    rows = Handoff.objects.filter(pk__in=ids).values_list(
        "team_id", "policy__team_id", "policy__fallback_team_id"
    )
    return {team for row in rows for team in row if team is not None}


def _overdue(ids: Collection[int], now: datetime) -> list[Handoff]:
    """Asked again under the lock, and locked together with their leads; those somebody is answering are left out."""
    return list(
        Handoff.objects.overdue(now)
        .filter(pk__in=ids)
        .select_for_update(of=("self", "lead"), skip_locked=True, no_key=True)
        .select_related(
            "lead__company", "qualification", "rep", "policy", "team", "policy__team", "policy__fallback_team"
        )
        .order_by("pk")
    )


def _next_offer(row: Handoff, pool: Pool, now: datetime) -> Offer | None:
    """To the best of those who have not had this lead, the fallback team last; None when there is nobody."""
    if row.policy is None:
        return None
    tried = [*row.reasons.get("tried", []), row.rep_id]
    choice = pool.choose(row.policy, row.lead_id, tried=tried)
    if choice.member is None:
        return None
    pool.take_back(row.rep_id)
    pool.give(choice.member)
    following = offer(
        row.lead, choice.member, row.policy, now=now, qualification=row.qualification, origin=row.origin,
        candidates=choice.candidates, reasons={**choice.reasons, "tried": tried}, moved_from=row,
    )  # fmt: skip
    if act := row.reasons.get("act"):
        following.handoff.reasons["act"] = act
    return following


def _alarms(rows: Collection[Handoff]) -> list[News]:
    """To the managers of the teams that did not take it; where there are none, to the administrators."""
    if not rows:
        return []
    admins: list[int] = []
    alarms = []
    for row in rows:
        teams = [row.team, *((row.policy.team, row.policy.fallback_team) if row.policy else ())]
        managers = {team.manager_id for team in teams if team is not None and team.manager_id}
        if not managers and not admins:
            users = get_user_model()._default_manager.filter(is_superuser=True, is_active=True)
            admins = list(users.values_list("pk", flat=True))
        alarms += [notice(ALARM, row, user) for user in managers or admins]
    return alarms
