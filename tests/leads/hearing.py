from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.dispatch import Signal


@contextmanager
def heard(signal: Signal) -> Iterator[list[dict[str, Any]]]:
    """What the signal was sent with, in order, while the block ran."""
    told: list[dict[str, Any]] = []

    def receiver(**given: Any) -> None:
        told.append(given)

    signal.connect(receiver)
    try:
        yield told
    finally:
        signal.disconnect(receiver)
