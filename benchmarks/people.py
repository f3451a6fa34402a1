"""Segments refreshed."""

from typing import Any

from benchmarks.bench import Bench, Row
from segments.membership import refresh


def _refresh(bench: Bench) -> dict[str, Any]:
    done = refresh(day=bench.day, now=bench.now)
    return {
        "members": sum(each.size for each in done),
        "moved": sum(each.joined + each.left for each in done),
    }


ROWS = [
    Row("segments", "20 segments refreshed with diff", "F", {"postgresql": 2.2, "sqlite": 6.5}, _refresh),
]
