"""What was judged and how it ended: the rows that every report on scores and rules counts.

One row per lead. A lead that was hot and handed over more than once counts where its outcome belongs: the last time it
was handed over before the outcome, or, without one, the last time of all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from handoff.models import UNFINISHED, Bought, Feedback, Handoff, State
from handoff.reassigning import REASSIGNED
from leadqual.common import clock
from leadqual.improvement.scope import Scope
from leadqual.improvement.statistics import Rate
from leadqual.scoring.models import Qualification


class Known(StrEnum):
    """What is known of a sale. Only the first two are decided; the others are counted, and are never a loss."""

    WON = "won"
    LOST = "lost"
    WITH_SALES = "with_sales"  # the handoff is open
    GIVEN_BACK = "given_back"  # declined or handed back: nobody asked for a decision
    UNKNOWN = "unknown"  # the handoff has ended in another way, and no outcome came


DECIDED = (Known.WON, Known.LOST)
SAID = {Bought.YES.value: Known.WON, Bought.NO.value: Known.LOST}
GIVEN_BACK = (State.REJECTED.value, State.RECYCLED.value)
TAKEN = (State.ACCEPTED.value, State.RECYCLED.value, State.CLOSED.value)


def taken_on(state: str, closed_as: str, answered_at: datetime | None) -> bool:
    """Whether a rep took the lead on, also when a colleague was given it afterwards."""
    passed_on = state == State.WITHDRAWN and closed_as == REASSIGNED
    return state in TAKEN or (passed_on and answered_at is not None)


@dataclass(frozen=True, slots=True)
class Judged:
    """A hot lead as it was judged, and what became of it. `fired`: the rules that gave it points then."""

    lead: int
    model: int
    score: int
    hot_day: int
    offered_day: int
    accepted_after: int | None  # days from the first offer until a rep took the lead on
    fired: frozenset[int]
    known: Known
    timing: str

    @property
    def decided(self) -> bool:
        return self.known in DECIDED

    @property
    def won(self) -> bool:
        return self.known == Known.WON

    @property
    def waited(self) -> int:
        """Days from hot to the first offer."""
        return self.offered_day - self.hot_day


@dataclass(slots=True)
class _Story:
    """The handoffs of one qualification, from the first offer to the last."""

    lead: int
    qualification: int
    hot_day: int
    outcome: str
    outcome_day: int | None
    offered_day: int
    accepted_after: int | None = None
    state: str = ""
    said: str = ""
    timing: str = ""

    @property
    def has_the_outcome(self) -> bool:
        return self.outcome_day is not None and self.hot_day <= self.outcome_day

    @property
    def known(self) -> Known:
        if self.has_the_outcome:
            return Known(self.outcome)
        if self.said in SAID:
            return SAID[self.said]
        if self.state in UNFINISHED:
            return Known.WITH_SALES
        return Known.GIVEN_BACK if self.state in GIVEN_BACK else Known.UNKNOWN


@dataclass(frozen=True, slots=True)
class Tally:
    """How a number of judged leads ended."""

    won: int = 0
    lost: int = 0
    with_sales: int = 0
    given_back: int = 0
    unknown: int = 0

    @property
    def rate(self) -> Rate:
        """Of the decided."""
        return Rate(self.won, self.won + self.lost)

    @property
    def undecided(self) -> int:
        return self.with_sales + self.given_back + self.unknown

    @property
    def all(self) -> int:
        return self.won + self.lost + self.undecided


def tally(rows: Iterable[Judged]) -> Tally:
    counts = dict.fromkeys(Known, 0)
    for row in rows:
        counts[row.known] += 1
    return Tally(**{known.value: count for known, count in counts.items()})


def judged(scope: Scope) -> list[Judged]:
    """Three queries, whatever the number of leads. Leads that were never offered to a rep are not judged by anyone."""
    handed = scope.qualifications().filter(
        Exists(Handoff.objects.filter(qualification=OuterRef("pk"), offered_at__isnull=False))
    )
    chosen = _chosen(_stories(handed))
    rows = handed.order_by("pk").values_list("pk", "lead_id", "model_id", "score", "card")
    return [
        _row(chosen[lead], model, score, card)
        for pk, lead, model, score, card in rows.iterator(chunk_size=2000)
        if chosen[lead].qualification == pk
    ]


def _row(story: _Story, model: int, score: int, card: dict[str, Any]) -> Judged:
    return Judged(
        lead=story.lead,
        model=model,
        score=score,
        hot_day=story.hot_day,
        offered_day=story.offered_day,
        accepted_after=story.accepted_after,
        fired=frozenset(line["rule"] for line in card.get("lines", ())),
        known=story.known,
        timing=story.timing,
    )


def _chosen(stories: Iterable[_Story]) -> dict[int, _Story]:
    """By lead, the one time that counts."""
    chosen: dict[int, _Story] = {}
    for story in stories:
        other = chosen.get(story.lead)
        if other is None or _rank(story) > _rank(other):
            chosen[story.lead] = story
    return chosen


def _rank(story: _Story) -> tuple[bool, int, int]:
    return (story.has_the_outcome, story.hot_day, story.qualification)


OFFER = (
    "pk", "lead_id", "qualification_id", "qualification__opened_day", "lead__outcome", "lead__outcome_day",
    "state", "offered_at", "answered_at", "closed_as",
)  # fmt: skip


def _stories(handed: QuerySet[Qualification]) -> Iterable[_Story]:
    """Every time that one of these leads was handed over as hot, on whatever day and by whatever version."""
    leads = handed.values("lead")
    answers = Feedback.objects.filter(corrected_by=None, handoff__lead__in=leads)
    said = {pk: answer for pk, *answer in answers.values_list("handoff_id", "bought", "timing")}
    offers = Handoff.objects.filter(lead__in=leads, qualification__isnull=False, offered_at__isnull=False)
    stories: dict[int, _Story] = {}
    for (
        pk,
        lead,
        qualification,
        hot_day,
        outcome,
        outcome_day,
        state,
        offered_at,
        answered_at,
        closed_as,
    ) in offers.order_by("offered_at", "pk").values_list(*OFFER):
        offered_day = clock.day_of(offered_at)
        story = stories.setdefault(
            qualification, _Story(lead, qualification, hot_day, outcome, outcome_day, offered_day)
        )
        story.state = state
        if answered_at is not None and taken_on(state, closed_as, answered_at):
            story.accepted_after = clock.day_of(answered_at) - story.offered_day
        bought, timing = said.get(pk, ("", ""))
        story.said, story.timing = bought or story.said, timing or story.timing
    return stories.values()
