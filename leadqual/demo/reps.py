"""What the reps do with their offers, and what they say afterwards; here the truth decides who buys."""

import random
from collections.abc import Mapping
from datetime import datetime

from handoff.business_time import next_business_day
from handoff.models import Bought, State, Timing
from leadqual.common import clock
from leadqual.demo.diary import Deal, Diary, Said
from leadqual.demo.selling import Desk, Floor, business_day_in, in_office
from leadqual.demo.tongues import Tongue
from leadqual.demo.truth import TOO_LATE, chance, chance_too_early
from leadqual.leads.models import Outcome, Status
from leadqual.scoring.models import EndedReason

ACCEPTED, REJECTED = 0.86, 0.08  # of the offers; the others are not answered in time
HANDED_BACK = {True: 0.22, False: 0.1}  # by "called_too_early"
DISQUALIFIED, OPPORTUNITY = 0.02, 0.6
PLANNED = 0.7  # of the leads in hand have a next action
SAID_AT_ONCE, SAID_LATER, SAID_BEFORE, CORRECTED = 0.72, 0.88, 0.15, 0.05


class Reps(Floor):
    """Chance here depends on the facts of a handoff only, so rates in the data are those of the truth."""

    def __init__(
        self, t: Tongue, diary: Diary, desk: Desk, users: Mapping[int, int], rng: random.Random
    ) -> None:
        self.t, self.diary, self.desk, self.users, self.rng = t, diary, desk, users, rng

    def offered(self, at: datetime, deal: Deal) -> None:
        luck, hours = self.rng.random(), self.rng.choice([1, 1, 2, 2, 3, 4, 5])
        answer = self.accept if luck < ACCEPTED else self.reject if luck < ACCEPTED + REJECTED else None
        deal.timing = self._timing(deal)
        if answer is not None:
            self.diary.note(in_office(at, hours, self.rng), answer, deal)

    def remind(self, at: datetime, deal: Deal) -> None:
        self.diary.note(in_office(at, self.rng.randrange(3, 12), self.rng), self.accept, deal)

    def accept(self, at: datetime, deal: Deal) -> None:
        if deal.state != State.OFFERED or self._gone(deal):
            return
        deal.state, deal.answered_at, deal.alarmed_at = State.ACCEPTED, at, None
        self.diary.set_status(deal.lead, Status.ACCEPTED, at, by=self._user(deal), why="handoff")
        luck, rng = self.rng.random(), self.rng
        back = HANDED_BACK["called_too_early" in deal.facts]
        if luck < back:
            self.diary.note(business_day_in(at, rng.randrange(2, 11), rng), self.hand_back, deal)
            return
        end = rng.randrange(9, 38)
        if rng.random() < OPPORTUNITY:
            self.diary.note(business_day_in(at, rng.randrange(1, 8), rng), self.opportunity, deal)
        if rng.random() < SAID_BEFORE:
            self.diary.note(business_day_in(at, end // 2, rng), self.say_open, deal)
        self.diary.note(business_day_in(at, end, rng), self.close, deal)

    def reject(self, at: datetime, deal: Deal) -> None:
        if deal.state == State.OFFERED and not self._gone(deal):
            deal.answered_at = at
            self._give_up(at, deal, State.REJECTED, "rejected")

    def hand_back(self, at: datetime, deal: Deal) -> None:
        if deal.state == State.ACCEPTED and not self._gone(deal):
            self._give_up(at, deal, State.RECYCLED, "handed_back")

    def opportunity(self, at: datetime, deal: Deal) -> None:
        if deal.state == State.ACCEPTED and not self._gone(deal):
            self.diary.set_status(deal.lead, Status.OPPORTUNITY, at, by=self._user(deal), why="handoff")

    def close(self, at: datetime, deal: Deal) -> None:
        if deal.state != State.ACCEPTED or self._gone(deal):
            return
        if self.rng.random() < DISQUALIFIED:
            self._disqualify(at, deal)
            return
        won, user = self.rng.random() < chance(deal.facts), self._user(deal)
        status, outcome = (Status.CUSTOMER, Outcome.WON) if won else (Status.LOST, Outcome.LOST)
        ended = EndedReason.CUSTOMER if won else EndedReason.SALES
        deal.state, deal.closed_as = State.CLOSED, status.value
        self.desk.heat.end(deal.lead, ended, at)
        self.diary.set_outcome(deal.lead, outcome.value, at, user)
        self.diary.set_status(deal.lead, status.value, at, by=user, why="outcome")
        self.desk.finish(at, deal, keep_owner=won)
        self._ask(at, deal, Bought.YES if won else Bought.NO)

    def _disqualify(self, at: datetime, deal: Deal) -> None:
        deal.state, deal.closed_as = State.CLOSED, Status.DISQUALIFIED.value
        deal.answer = self.rng.choice(self.t.said["disqualified"])
        self.desk.heat.end(deal.lead, EndedReason.DISQUALIFIED, at)
        self.diary.set_status(deal.lead, Status.DISQUALIFIED, at, by=self._user(deal), why="handoff")
        self.desk.finish(at, deal)

    def _give_up(self, at: datetime, deal: Deal, state: State, occasion: str) -> None:
        deal.state, deal.closed_as = state, Status.RECYCLED.value
        deal.answer = self.rng.choice(self.t.said[occasion])
        self.desk.heat.end(deal.lead, EndedReason.SALES, at)
        self.diary.set_status(deal.lead, Status.RECYCLED, at, by=self._user(deal), why=state.value)
        self.desk.finish(at, deal)
        self._ask(at, deal, Bought.OPEN)

    def _ask(self, at: datetime, deal: Deal, bought: str) -> None:
        """Most answer together with the ending, some days later, some never."""
        luck, rng = self.rng.random(), self.rng
        if luck < SAID_AT_ONCE:
            self.say(at, deal, bought)
        elif luck < SAID_LATER:
            self.diary.note(business_day_in(at, rng.randrange(1, 9), rng), self.say, deal, bought)
        if luck < SAID_AT_ONCE * CORRECTED:
            self.diary.note(business_day_in(at, rng.randrange(1, 6), rng), self.correct, deal)

    def say(self, at: datetime, deal: Deal, bought: str) -> None:
        if self._gone(deal):
            return
        occasion = {Bought.YES: "won", Bought.NO: "lost"}.get(Bought(bought), "handed_back")
        reason = deal.answer or self.rng.choice(self.t.said[occasion])
        amount = self.rng.randrange(4, 60) * 100_000 if bought == Bought.YES else None
        bant = self._bant(bought)
        self.diary.say(Said(deal, bought, deal.timing, reason, at, self._user(deal), bant, amount))

    def say_open(self, at: datetime, deal: Deal) -> None:
        """Not decided yet; what follows corrects it."""
        if deal.state == State.ACCEPTED and not self._gone(deal):
            reason = self.rng.choice(self.t.said["open"])
            self.diary.say(Said(deal, Bought.OPEN, "", reason, at, self._user(deal), self._bant(Bought.OPEN)))

    def correct(self, at: datetime, deal: Deal) -> None:
        before = self.diary.last_word(deal)
        if before is not None and not self._gone(deal):
            reason = self.rng.choice(self.t.said["corrected"])
            amount = before.amount and before.amount + 100_000
            self.diary.say(
                Said(deal, before.bought, before.timing, reason, at, before.by, {}, amount)
            )  # fmt: skip

    def plan(self, day: int) -> None:
        """What they have noted to do next about the leads that are theirs today."""
        for deal in self.diary.deals:
            if deal.state == State.ACCEPTED and not self._gone(deal) and self.rng.random() < PLANNED:
                on = next_business_day(clock.date_of(day + self.rng.randrange(-2, 9)))
                deal.next_action, deal.next_action_on = self.rng.choice(self.t.said["next"]), on

    def _timing(self, deal: Deal) -> str:
        luck, early = self.rng.random(), chance_too_early(deal.facts)
        if luck < early:
            return Timing.TOO_EARLY.value
        return Timing.TOO_LATE.value if luck < early + TOO_LATE else Timing.RIGHT.value

    def _bant(self, bought: str) -> dict[str, str]:
        rng = self.rng
        if rng.random() < 0.4:
            return {}
        likely = {Bought.YES: ("yes", "yes", "partly"), Bought.NO: ("no", "partly", "no")}
        values = likely.get(Bought(bought), ("partly", "no", "yes"))
        letters = rng.sample(["budget", "authority", "need", "timing"], rng.randrange(1, 4))
        return {letter: rng.choice(values) for letter in sorted(letters)}

    def _user(self, deal: Deal) -> int:
        assert deal.rep is not None
        return self.users[deal.rep]

    def _gone(self, deal: Deal) -> bool:
        assert deal.rep is not None
        return self.desk.pool.members[deal.rep].away
