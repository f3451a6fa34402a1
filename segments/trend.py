"""How a number of members moved, as a line: the points of an SVG, and the same in a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from leadqual.common import clock

WIDTH, HEIGHT, EDGE = 640, 120, 6
ROWS = 14


@dataclass(frozen=True, slots=True)
class Trend:
    """`points` for a polyline; `rows` are (date, members), the newest first, one a week on long stretches."""

    points: str
    low: int
    high: int
    first: date
    last: date
    rows: list[tuple[date, int]]
    width: int = WIDTH
    height: int = HEIGHT


def drawn(history: Sequence[tuple[int, int]]) -> Trend | None:
    """None where there is nothing to draw a line through. The line begins at zero, so that heights mean sizes."""
    if len(history) < 2:
        return None
    high = max(1, *(members for _day, members in history))
    steps = len(history) - 1
    points = " ".join(
        f"{number * WIDTH / steps:.1f},{HEIGHT - EDGE - members / high * (HEIGHT - 2 * EDGE):.1f}"
        for number, (_day, members) in enumerate(history)
    )
    every = max(1, -(-len(history) // ROWS))
    rows = [(clock.date_of(day), members) for day, members in history[::-1][::every]]
    return Trend(
        points,
        min(members for _day, members in history),
        high,
        clock.date_of(history[0][0]),
        clock.date_of(history[-1][0]),
        rows,
    )
