"""Acts as the tests of intake need them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from leadqual.leads import recording
from leadqual.leads.models import ActivityType
from leadqual.leads.recording import Event, Recorded
from leadqual.leads.signals import activities_recorded

NOON = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)  # 12:00 in Tokyo


def at(minutes: int = 0, *, days: int = 0) -> datetime:
    return NOON + timedelta(minutes=minutes, days=days)


def a_type(key: str = "visit", **fields: Any) -> ActivityType:
    return ActivityType.objects.create(key=key, label=key, **fields)


def recorded(*events: Event, now: datetime | None = None, create_types: bool = False) -> Recorded:
    with transaction.atomic():
        return recording.record(events, now=now or at(days=30), create_types=create_types)


@contextmanager
def heard() -> Iterator[list[dict[str, Any]]]:
    """What `activities_recorded` says meanwhile."""
    said: list[dict[str, Any]] = []

    def listen(sender: Any, signal: Any, **told: Any) -> None:
        said.append(told)

    activities_recorded.connect(listen)
    try:
        yield said
    finally:
        activities_recorded.disconnect(listen)
