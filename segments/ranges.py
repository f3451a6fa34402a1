"""All leads in ranges of their ids, each one transaction: for engines that answer conditions for everybody."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import Max, Min

from leadqual.common.locks import let_others
from leadqual.leads.models import Lead

# A range is meant to take this long: others wait for its lock.
TARGET_SECONDS = 0.4
FIRST_RANGE, LEAST_RANGE, GREATEST_RANGE = 5_000, 500, 50_000
Progress = Callable[[int, int], None]


def ranges(progress: Progress | None) -> Iterator[tuple[int, int]]:
    """Ranges of lead ids, each as long as the last one's time suggests, so that a commit comes soon."""
    ends = Lead.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["last"] is None:
        return
    low, last, length = ends["first"], ends["last"], FIRST_RANGE
    total = last - low + 1
    while low <= last:
        high = low + length - 1
        started = time.monotonic()
        yield low, high
        taken = max(time.monotonic() - started, 0.001)
        if progress is not None:
            progress(min(high, last) - ends["first"] + 1, total)
        let_others(taken)
        low = high + 1
        length = int(min(GREATEST_RANGE, max(LEAST_RANGE, length * min(4, TARGET_SECONDS / taken))))


@contextmanager
def without_jit() -> Iterator[None]:
    """PostgreSQL would spend longer on compiling the statement than on running it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL jit = off")
    yield
