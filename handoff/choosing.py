"""Who gets a lead: a pure choice among the members of a team, with its reasons."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import nsmallest
from typing import Any

from handoff.models import Strategy

# How many of those who came into question are kept on the handoff, the chosen one included.
CANDIDATES_KEPT = 5


class Because(StrEnum):
    ONLY_ONE = "only_one"
    WEIGHT = "weight"
    TURN = "turn"
    TERRITORY = "territory"
    COMPANY = "company"
    BY_HAND = "by_hand"


@dataclass(slots=True)
class Member:
    """A rep as the choice sees one. `territory` names a condition; its answers come from outside."""

    rep_id: int
    user_id: int
    team_id: int
    address: str
    weight: int
    capacity: int
    load: int
    turn: int
    territory: str = ""
    away: bool = False

    @property
    def free(self) -> int:
        return max(0, self.capacity - self.load)

    @property
    def pull(self) -> float:
        """Grows with the weight and with the part of the capacity that is free."""
        return self.weight * (self.capacity - self.load) / self.capacity


@dataclass(slots=True)
class Choice:
    member: Member | None
    candidates: list[list[int]] = field(default_factory=list)
    reasons: dict[str, Any] = field(default_factory=dict)


Key = Callable[[Member], tuple[Any, ...]]


def by_pull(member: Member) -> tuple[Any, ...]:
    return (-member.pull, member.turn, member.rep_id)


def by_turn(member: Member) -> tuple[Any, ...]:
    return (member.turn, member.rep_id)


def choose(
    members: Iterable[Member],
    strategy: str,
    *,
    answers: Mapping[str, bool],
    company_rep: int | None = None,
    tried: Collection[int] = (),
) -> Choice:
    """The best of the members who are there, have a free place and in whose territory the lead lies.

    `answers` says for each territory whether the lead lies in it; `tried` have had their chance.
    """
    eligible: list[Member] = []
    passed = {"away": 0, "full": 0, "outside": 0}
    for member in members:
        if member.rep_id in tried:
            continue
        if member.away:
            passed["away"] += 1
        elif member.load >= member.capacity:
            passed["full"] += 1
        elif member.territory and not answers.get(member.territory, False):
            passed["outside"] += 1
        else:
            eligible.append(member)
    reasons: dict[str, Any] = {"strategy": strategy, "considered": len(eligible)}
    reasons |= {why: count for why, count in passed.items() if count}
    if not eligible:
        return Choice(None, [], reasons)
    best = nsmallest(CANDIDATES_KEPT, eligible, key=_key(strategy, company_rep))
    reasons["because"] = _because(best[0], strategy, len(eligible), company_rep)
    return Choice(best[0], [[member.rep_id, member.free] for member in best], reasons)


def _key(strategy: str, company_rep: int | None) -> Key:
    if strategy == Strategy.ROUND_ROBIN:
        return by_turn
    if strategy == Strategy.TERRITORY_FIRST:
        return lambda member: (not member.territory, *by_pull(member))
    if strategy == Strategy.SAME_COMPANY_FIRST:
        return lambda member: (member.rep_id != company_rep, *by_pull(member))
    return by_pull


def _because(chosen: Member, strategy: str, eligible: int, company_rep: int | None) -> str:
    if strategy == Strategy.SAME_COMPANY_FIRST and chosen.rep_id == company_rep:
        return Because.COMPANY.value
    if strategy == Strategy.TERRITORY_FIRST and chosen.territory:
        return Because.TERRITORY.value
    if eligible == 1:
        return Because.ONLY_ONE.value
    return Because.TURN.value if strategy == Strategy.ROUND_ROBIN else Because.WEIGHT.value
