"""Handing over in the year that is played: policies, turns, free places and deadlines, chosen by the product's pool."""

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from handoff.business_time import after_business_hours, next_business_day
from handoff.choosing import Choice
from handoff.models import Cadence, HandoffPolicy, Origin, State, Strategy
from handoff.pool import Pool
from leadqual.common import clock
from leadqual.demo.becoming_hot import Heat
from leadqual.demo.diary import Deal, Diary
from leadqual.demo.truth import Acts, Person, facts
from leadqual.leads.models import Status

SOON = timedelta(seconds=20)


class Desk:
    """Shares out what is hot and what goes to sales directly; `floor` is told of every offer.

    `policy_of` says which live policy a lead falls under; `people` and `acts` are for the truth alone.
    """

    def __init__(
        self, diary: Diary, pool: Pool, policies: Mapping[int, HandoffPolicy], policy_of: Mapping[int, int],
        companies: Mapping[int, int], people: Mapping[int, Person], acts: Mapping[int, Acts],
    ) -> None:  # fmt: skip
        self.diary, self.pool, self.policies, self.policy_of = diary, pool, policies, policy_of
        self.companies, self.people, self.acts = companies, people, acts
        self.company_rep: dict[int, int] = {}
        self.waiting: list[int] = []  # hot, with nobody
        self.unplaced: list[Deal] = []
        self.heat: Heat
        self.floor: Floor

    def became_hot(self, at: datetime, lead: int) -> None:
        if self.diary.stands[lead].deal is None:
            self.waiting.append(lead)
            self.diary.note(at + SOON, self.hand_over)

    def asked_for_sales(self, at: datetime, lead: int, type: str) -> None:
        """An act that goes to sales at once."""
        stand = self.diary.stands[lead]
        if stand.deal is None and stand.status != Status.DISQUALIFIED:
            deal = Deal(lead, None, self.policy_of[lead], Origin.DIRECT, at, reasons={"act": type})
            stand.deal = deal
            self.diary.deals.append(deal)
            self.unplaced.append(deal)
            self.diary.note(at + SOON, self.hand_over)

    def turn(self, at: datetime, policy: int) -> None:
        """Of a policy with a cadence: those of its leads that wait by now."""
        self.hand_over(at, turn=policy)

    def plan_turns(self, first: int, last: int) -> None:
        for policy in self.policies.values():
            for day in range(first, last):
                if moment := turn_on(policy, clock.date_of(day)):
                    self.diary.note(moment, self.turn, policy.pk)

    def hand_over(self, at: datetime, turn: int | None = None) -> None:
        for deal in list(self.unplaced):
            if self._place(at, deal):
                self.unplaced.remove(deal)
        stands = self.diary.stands
        self.waiting = [lead for lead in self.waiting if stands[lead].hot and stands[lead].deal is None]
        for lead in sorted(self.waiting, key=self._queue):
            policy = self.policies[self.policy_of[lead]]
            if policy.cadence == Cadence.AT_ONCE or policy.pk == turn:
                deal = Deal(lead, stands[lead].hot, policy.pk, Origin.HOT, at)
                if self._place(at, deal):
                    self.diary.deals.append(deal)
                    self.waiting.remove(lead)

    def _queue(self, lead: int) -> tuple[int, datetime, int]:
        hot = self.diary.stands[lead].hot
        assert hot is not None
        return -hot.score, hot.at, lead

    def _place(self, at: datetime, deal: Deal) -> bool:
        policy = self.policies[deal.policy]
        choice = self.pool.choose(policy, deal.lead, company_rep=self._known_rep(deal.lead, policy))
        if choice.member is None:
            return False
        deal.hot = self.diary.stands[deal.lead].hot
        self._offer(at, deal, choice)
        return True

    def _known_rep(self, lead: int, policy: HandoffPolicy) -> int | None:
        if policy.strategy != Strategy.SAME_COMPANY_FIRST:
            return None
        return self.company_rep.get(self.companies[lead])

    def _offer(self, at: datetime, deal: Deal, choice: Choice) -> None:
        member, hours = choice.member, self.policies[deal.policy].accept_within_hours
        assert member is not None
        assert hours is not None
        self.pool.give(member)
        self.company_rep[self.companies[deal.lead]] = member.rep_id
        deal.team, deal.rep, deal.state, deal.offered_at = member.team_id, member.rep_id, State.OFFERED, at
        deal.candidates = [list(each) for each in choice.candidates]
        deal.reasons |= choice.reasons
        deal.accept_by = after_business_hours(at, hours)
        deal.facts = facts(self.people[deal.lead], self.acts.get(deal.lead, ()), clock.day_of(at))
        stand = self.diary.stands[deal.lead]
        stand.deal, stand.with_sales = deal, True
        self.diary.set_owner(deal.lead, member.user_id, at)
        self.diary.note(deal.accept_by + SOON, self.time_is_up, deal)
        self.floor.offered(at, deal)

    def time_is_up(self, at: datetime, deal: Deal) -> None:
        """To whoever has not had it yet; where there is nobody, an alarm, and the rep answers late."""
        if deal.state != State.OFFERED or deal.alarmed_at is not None:
            return
        tried = [*deal.reasons.get("tried", []), deal.rep]
        choice = self.pool.choose(self.policies[deal.policy], deal.lead, tried=tried)
        if choice.member is None:
            deal.alarmed_at = at
            self.floor.remind(at, deal)
            return
        deal.state, deal.closed_at = State.EXPIRED, at
        self.pool.take_back(deal.rep)
        following = Deal(deal.lead, deal.hot, deal.policy, deal.origin, at, moved_from=deal)
        following.reasons = {"tried": tried} | {
            key: deal.reasons[key] for key in ("act",) if key in deal.reasons
        }
        self.diary.deals.append(following)
        self._offer(at, following, choice)

    def finish(self, at: datetime, deal: Deal, *, keep_owner: bool = False) -> None:
        """Sales is done with the lead, and the rep has a place again."""
        stand = self.diary.stands[deal.lead]
        stand.deal, stand.with_sales = None, False
        deal.closed_at = at
        self.pool.take_back(deal.rep)
        if not keep_owner:
            self.diary.set_owner(deal.lead, None, at)
        if self.waiting or self.unplaced:
            self.diary.note(at + SOON, self.hand_over)

    def leaves(self, at: datetime, rep: int) -> None:
        """A rep who is gone gets nothing any more, and answers nothing."""
        self.pool.members[rep].away = True


class Floor:
    """What the desk tells the reps; see `reps.py`."""

    def offered(self, at: datetime, deal: Deal) -> None:
        raise NotImplementedError

    def remind(self, at: datetime, deal: Deal) -> None:
        raise NotImplementedError

    def plan(self, day: int) -> None:
        raise NotImplementedError


def turn_on(policy: HandoffPolicy, day: date) -> datetime | None:
    """The moment of the policy's turn on the day, if there is one."""
    if policy.cadence != Cadence.WEEKLY or policy.cadence_time is None or policy.cadence_weekday is None:
        return None
    nominal = day - timedelta(days=(day.weekday() - policy.cadence_weekday) % 7)
    if next_business_day(nominal) != day:
        return None
    return datetime.combine(day, policy.cadence_time, clock.zone())


def in_office(start: datetime, hours: int, rng: random.Random) -> datetime:
    """A moment about so many hours of open office later, at no round minute and before the office closes."""
    at = after_business_hours(start, max(1, hours))
    at += timedelta(seconds=rng.randrange(30, 3300))
    return at - timedelta(hours=1) if at.astimezone(clock.zone()).hour >= 18 else at


def business_day_in(start: datetime, days: int, rng: random.Random) -> datetime:
    return in_office(start, 9 * days + rng.randrange(0, 8), rng)
