"""A small market, the same every time, as of a day that has passed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction

from leadqual.common import clock
from leadqual.demo.seeding import seed

TODAY = date(2026, 6, 10)  # a Wednesday
NOW = datetime(2026, 6, 10, 6, tzinfo=UTC)
DAY = clock.day_number(TODAY)


def a_market(leads: int = 400, language: str = "ja", **more: Any) -> bool:
    return seed(language=language, leads=leads, day=DAY, now=NOW, **more)


@contextmanager
def kept_for_a_module(unblock: Callable[[], Any], leads: int) -> Iterator[None]:
    """Laid once for the tests that only look at it; nothing of it stays."""
    with unblock(), transaction.atomic():
        a_market(leads)
        yield
        transaction.set_rollback(True)
