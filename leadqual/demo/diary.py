"""The year as it is played: what happens when, and the rows that will tell of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import heappop, heappush
from typing import Any

from handoff.models import Bought, Handoff, State
from leadqual.leads.models import Outcome, Status
from leadqual.scoring.models import Qualification


@dataclass(slots=True)
class Hot:
    """A time during which a lead is hot."""

    lead: int
    model: int
    day: int
    at: datetime
    reason: str
    score: int
    card: dict[str, Any]
    ended_day: int | None = None
    ended_at: datetime | None = None
    ended_reason: str = ""
    row: Qualification | None = None


@dataclass(slots=True, eq=False)
class Deal:
    """A handoff, with what is true about it and nobody in the product knows."""

    lead: int
    hot: Hot | None
    policy: int
    origin: str
    made_at: datetime
    team: int | None = None
    rep: int | None = None
    state: str = State.WAITING
    candidates: list[list[int]] = field(default_factory=list)
    reasons: dict[str, Any] = field(default_factory=dict)
    offered_at: datetime | None = None
    accept_by: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    closed_as: str = ""
    answer: str = ""
    moved_from: "Deal | None" = None
    alarmed_at: datetime | None = None
    facts: frozenset[str] = frozenset()
    timing: str = ""
    next_action: str = ""
    next_action_on: date | None = None
    row: Handoff | None = None


@dataclass(slots=True, eq=False)
class Said:
    """A feedback."""

    deal: Deal
    bought: str
    timing: str
    reason: str
    at: datetime
    by: int
    bant: dict[str, str] = field(default_factory=dict)
    amount: int | None = None
    corrects: "Said | None" = None
    row: Any = None


@dataclass(frozen=True, slots=True)
class Step:
    """A lead went from one status to the next."""

    lead: int
    before: str
    after: str
    at: datetime
    by: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Change:
    """An owner or an outcome changed."""

    lead: int
    field: str
    old: Any
    new: Any
    at: datetime
    by: int | None
    why: str


@dataclass(slots=True)
class Stand:
    """Where a lead stands by now."""

    status: str = Status.NEW
    outcome: str = Outcome.OPEN
    outcome_at: datetime | None = None
    owner: int | None = None
    with_sales: bool = False
    hot: Hot | None = None
    last: Hot | None = None  # the last that has ended
    deal: Deal | None = None  # unfinished


class Diary:
    """Moments and rows. Happenings of one moment come in the order in which they were noted."""

    def __init__(self, leads: list[int]) -> None:
        self.stands = {lead: Stand() for lead in leads}
        self.hots: list[Hot] = []
        self.deals: list[Deal] = []
        self.said: list[Said] = []
        self.steps: list[Step] = []
        self.changes: list[Change] = []
        self._coming: list[tuple[datetime, int, Callable[..., None], tuple[Any, ...]]] = []
        self._noted = 0

    def note(self, at: datetime, happening: Callable[..., None], *arguments: Any) -> None:
        self._noted += 1
        heappush(self._coming, (at, self._noted, happening, arguments))

    def play(self, until: datetime) -> None:
        """Everything that happens before the moment; each happening is told when it is."""
        while self._coming and self._coming[0][0] < until:
            at, _number, happening, arguments = heappop(self._coming)
            happening(at, *arguments)

    def set_status(self, lead: int, status: str, at: datetime, *, by: int | None = None, why: str) -> None:
        stand = self.stands[lead]
        if stand.status != status:
            self.steps.append(Step(lead, stand.status, status, at, by, why))
            stand.status = status

    def set_owner(self, lead: int, owner: int | None, at: datetime, why: str = "handoff") -> None:
        stand = self.stands[lead]
        if stand.owner != owner:
            self.changes.append(Change(lead, "owner", stand.owner, owner, at, None, why))
            stand.owner = owner

    def set_outcome(self, lead: int, outcome: str, at: datetime, by: int) -> None:
        stand = self.stands[lead]
        if stand.outcome != outcome:
            self.changes.append(Change(lead, "outcome", stand.outcome, outcome, at, by, ""))
        stand.outcome, stand.outcome_at = outcome, at

    def last_word(self, deal: Deal) -> Said | None:
        return next((each for each in reversed(self.said) if each.deal is deal), None)

    def say(self, said: Said) -> None:
        said.corrects = self.last_word(said.deal)
        self.said.append(said)

    def answered(self, deal: Deal) -> bool:
        word = self.last_word(deal)
        return word is not None and word.bought != Bought.OPEN
