"""Who is hot in the year that is played: the rules of `scoring/qualification.py`, lead by lead and day by day."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from leadqual.common import clock
from leadqual.demo.diary import Diary, Hot
from leadqual.demo.past import Judge, card_of
from leadqual.leads.models import Status
from leadqual.scoring.candidates import NEVER_HOT
from leadqual.scoring.evaluator import Score, earliest
from leadqual.scoring.models import EndedReason, OpenedReason
from leadqual.scoring.qualification import BEFORE_HOT

NIGHT = timedelta(minutes=5)


class Heat:
    """Judges leads with a day's last act, and in the night those whose points fade or whose time of rest is over.

    `born` says from which day on a lead is known; `on_open` is told of every lead that became hot.
    """

    def __init__(
        self, diary: Diary, judge: Judge, cool_down: int, born: Mapping[int, int],
        on_open: Callable[[datetime, int], None],
    ) -> None:  # fmt: skip
        self.diary, self.judge, self.cool_down = diary, judge, cool_down
        self.born, self.on_open = born, on_open
        self.due: dict[int, set[int]] = defaultdict(set)
        self.hopeful: set[int] = set()  # enough points, but not hot

    def day(self, day: int, moments: Mapping[int, datetime]) -> None:
        """Plans the judgements of one day; `moments` are those at which leads did something for the last time."""
        at = clock.start_of(day) + NIGHT
        for lead in sorted((self.due.pop(day, set()) | self.hopeful) - moments.keys()):
            self.diary.note(at, self.look, lead, day)
        for lead, moment in moments.items():
            if self.born[lead] <= day:
                self.diary.note(moment, self.look, lead, day)

    def look(self, at: datetime, lead: int, day: int, reason: str = OpenedReason.SCORE) -> None:
        found = self.judge.score(lead, day)
        model, stand = self.judge.model, self.diary.stands[lead]
        self._plan(lead, found)
        if stand.hot is not None and found.total < model.cool_at:
            ended = EndedReason.MODEL if reason == OpenedReason.PUBLISH else EndedReason.COOLED
            self.end(lead, ended, at)
        self.hopeful.discard(lead)
        if stand.hot is None and found.total >= model.hot_at and stand.status not in NEVER_HOT:
            self.hopeful.add(lead)
            if not stand.with_sales and self.judge.gate_open(lead, day) and self._again(lead, day):
                self._open(at, lead, day, reason)

    def _plan(self, lead: int, found: Score) -> None:
        """When to look again if nothing is done meanwhile. Far from hot, only a deduction that ends can matter."""
        near = self.diary.stands[lead].hot is not None or found.total >= self.judge.model.hot_at
        rising = (line.next_day for line in found.lines if line.points < 0)
        again = found.next_change if near else earliest(*rising)
        if again is not None:
            self.due[again].add(lead)

    def _open(self, at: datetime, lead: int, day: int, reason: str) -> None:
        found, stand = self.judge.score(lead, day), self.diary.stands[lead]
        hot = Hot(lead, self.judge.model.id, day, at, str(reason), found.total, card_of(found))
        stand.hot = hot
        self.diary.hots.append(hot)
        self.hopeful.discard(lead)
        if stand.status in BEFORE_HOT:
            self.diary.set_status(lead, Status.HOT, at, why="qualification")
        self.on_open(at, lead)

    def _again(self, lead: int, day: int) -> bool:
        """`scoring/reopening.py`: after sales' no a rest and a strong act, after any other end one of the two."""
        last = self.diary.stands[lead].last
        if last is None or last.ended_reason == EndedReason.MODEL:
            return True
        assert last.ended_day is not None
        assert last.ended_at is not None
        rested = day >= last.ended_day + self.cool_down
        act = self.judge.acts.last_strong(lead, day)
        acted = act is not None and act > (last.ended_day, last.ended_at)
        return (rested and acted) if last.ended_reason == EndedReason.SALES else (rested or acted)

    def end(self, lead: int, reason: EndedReason, at: datetime) -> None:
        stand = self.diary.stands[lead]
        hot = stand.hot
        if hot is None:
            return
        hot.ended_day, hot.ended_at, hot.ended_reason = clock.day_of(at), at, reason.value
        stand.hot, stand.last = None, hot
        self.hopeful.add(lead)
        cooled = reason in (EndedReason.COOLED, EndedReason.MODEL)
        if cooled and stand.status == Status.HOT and not stand.with_sales:
            self.diary.set_status(lead, Status.NURTURING, at, why=f"qualification: {reason}")

    def follow(self, judge: Judge, cool_down: int, at: datetime) -> None:
        """Another model went live: everybody is judged by it at once."""
        self.judge, self.cool_down = judge, cool_down
        self.due.clear()
        self.hopeful.clear()
        day = clock.day_of(at)
        for lead in sorted(self.diary.stands):
            if self.born[lead] <= day:
                self.look(at, lead, day, OpenedReason.PUBLISH)
