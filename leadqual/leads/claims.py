"""Who works on which rows of the inbox. A claim is committed before the work, with its attempt counted.

The token of a claim is its `claimed_until`: a row whose token has changed was claimed by somebody else meanwhile.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from leadqual.common.rows import stored_moment
from leadqual.leads.models import Inbox

LEASE = timedelta(seconds=60)
PUT_OFF = timedelta(seconds=30)
MOST_ATTEMPTS = 3

_TABLE = Inbox._meta.db_table


class ClaimLost(Exception):
    """Some of the rows are no longer ours; nothing of the work may be kept."""


@dataclass(frozen=True, slots=True)
class Claimed:
    id: int
    attempts: int
    payload: str
    received_at: datetime
    error: str
    token: datetime


def claim_new(*, now: datetime, limit: int) -> list[Claimed]:
    """Rows that nobody has tried yet, oldest first."""
    return _claim("attempts = 0", now=now, limit=limit)


def claim_again(*, now: datetime) -> Claimed | None:
    """One row that was tried before and whose claim has run out."""
    return next(iter(_claim("attempts > 0", now=now, limit=1)), None)


def count_attempt(row: Claimed) -> Claimed | None:
    """Counts one more attempt at a row we hold, in its own commit; None when it is no longer ours."""
    ours = Inbox.objects.filter(pk=row.id, claimed_until=row.token)
    return replace(row, attempts=row.attempts + 1) if ours.update(attempts=F("attempts") + 1) else None


def take_out(ids: Collection[int], token: datetime) -> None:
    """Deletes rows of our claim; ClaimLost unless all are still ours."""
    marks, values = _in(ids)
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {_TABLE} WHERE id {marks} AND claimed_until = %s", [values, stored_moment(token)]
        )
        if cursor.rowcount != len(ids):
            raise ClaimLost


def quarantine(errors: Mapping[int, str], token: datetime, *, now: datetime) -> int:
    """Sets rows of our claim aside with what is wrong with each; how many."""
    rows = [[stored_moment(now), error, pk, stored_moment(token)] for pk, error in sorted(errors.items())]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {_TABLE} SET quarantined_at = %s, error = %s, claimed_until = NULL"
            " WHERE id = %s AND claimed_until = %s",
            rows,
        )
        return cursor.rowcount


def put_off(row: Claimed, error: str, *, now: datetime) -> int:
    """Keeps the error and lets the row rest before its next attempt; 1, or 0 when the row is no longer ours."""
    ours = Inbox.objects.filter(pk=row.id, claimed_until=row.token)
    return ours.update(error=error, claimed_until=now + PUT_OFF)


def _claim(which: str, *, now: datetime, limit: int) -> list[Claimed]:
    token = now + LEASE
    skip = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {_TABLE} SET attempts = attempts + 1, claimed_until = %s WHERE id IN (
                SELECT id FROM {_TABLE} WHERE quarantined_at IS NULL AND {which}
                AND (claimed_until IS NULL OR claimed_until < %s) ORDER BY id LIMIT %s {skip}
            ) RETURNING id, attempts, payload, received_at, error""",
            [stored_moment(token), stored_moment(now), limit],
        )
        rows = sorted(cursor.fetchall())
    return [
        Claimed(pk, attempts, payload, _aware(at), error, token) for pk, attempts, payload, at, error in rows
    ]


def _in(ids: Collection[int]) -> tuple[str, Any]:
    if connection.vendor == "postgresql":
        return "= ANY(%s)", list(ids)
    return "IN (SELECT value FROM json_each(%s))", str(list(ids))


def _aware(value: Any) -> datetime:
    """SQLite answers raw queries with moments that do not say that they are UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
