from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leadqual.common.rows import insert_rows
from leadqual.messaging.models import Notice


@dataclass(frozen=True, slots=True)
class News:
    """What one colleague should see. `key` names the event; with the reader it makes the notice exactly-once."""

    user_id: int
    key: str
    kind: str
    data: dict[str, Any] = field(default_factory=dict)


def notify(news: Iterable[News], *, now: datetime) -> None:
    """Inside the transaction of the change it tells of. A notice that stands already is not written again."""
    rows = ((each.user_id, f"{each.key}:{each.user_id}", each.kind, each.data, now) for each in news)
    insert_rows(Notice, ["user", "key", "kind", "data", "created_at"], rows, ignore_conflicts=True)


def mark_read(user_id: int, keys: Iterable[str] | None, *, now: datetime) -> int:
    """The user's unread notices (all, or those with the given stored keys) are read from now on; how many."""
    unread = Notice.objects.filter(user_id=user_id, read_at=None)
    if keys is not None:
        unread = unread.filter(key__in=list(keys))
    return unread.update(read_at=now)
