"""What the rows of the benchmark share."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from benchmarks.measuring import Measured
from leadqual.common import clock


@dataclass(slots=True)
class Bench:
    """Where a run stands: a market of so many leads, on this day."""

    db: str
    leads: int
    day: int
    run: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return clock.start_of(self.day) + timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what is measured, against which floor, and how often the floor it may cost.

    `per` is how many times the work did the thing, for rows per event or per lead. `bounds` are those of a million
    leads; a database without a bound is only shown.
    """

    key: str
    title: str
    floor: Literal["F", "F1", "own"]
    bounds: dict[str, float]
    work: Callable[[Bench], Any]
    prepare: Callable[[Bench], None] = lambda bench: None
    own_floor: Callable[[Bench], Measured] | None = None
    per: Callable[[Bench], int] = lambda bench: 1
    after: Callable[[Bench], dict[str, Any]] = lambda bench: {}  # not measured: what else is to tell
    alone: bool = False  # changes so much that the other rows are measured before it
    scaled: bool = True  # whether the bound is 1.6 times at small sizes
