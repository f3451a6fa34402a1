"""Locks that last as long as the transaction.

On SQLite every transaction of ours is IMMEDIATE, so a writer is alone and nothing more is needed.
"""

import time
from enum import IntEnum

from django.db import connection


class Lock(IntEnum):
    LEDGER = 1  # shared: scores of some leads are rewritten; exclusive: of ranges, or another model goes live
    PEOPLE = 2  # exclusive: leads are looked up by address and created where missing
    DESIGN = 3  # exclusive: a design file is put into effect


def lock_shared(lock: Lock) -> None:
    _advise("pg_advisory_xact_lock_shared", lock)


def lock_alone(lock: Lock, part: int = 0) -> None:
    """Waits until nobody else holds the lock; `part` divides it, for example by team."""
    _advise("pg_advisory_xact_lock", lock, part)


def _advise(function: str, lock: Lock, part: int = 0) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("a lock outside a transaction is released at once")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s, %s)", [int(lock), part])


# SQLite's waiters look again every tenth of a second, once they have waited for a while.
POLLED = 0.1


def let_others(taken: float) -> None:
    """Between two transactions of a long series, the first of which took so many seconds.

    SQLite gives its lock to whoever asks when it is free: a series without a pause keeps everybody else waiting until
    their time is up. PostgreSQL has a queue. Where the whole series is one transaction, a pause would only prolong it.
    """
    if connection.vendor == "sqlite" and taken > POLLED and not connection.in_atomic_block:
        time.sleep(POLLED * 1.1)
