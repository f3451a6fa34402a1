"""A number that somebody waits for may take so long and no longer: then there is none."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError

LOOKED_AT = 10_000  # steps of SQLite's machine between two looks at the clock


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Reads within; LeadqualError `too_slow` when the time is up."""
    limit = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    ends = monotonic() + seconds
    try:
        with limit(seconds):
            yield
    except OperationalError as error:
        if monotonic() < ends:
            raise
        raise LeadqualError("too_slow", _("counting would take too long")) from error


@contextmanager
def _on_postgresql(seconds: float) -> Iterator[None]:
    within_another = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true), set_config('jit', 'off', true)",
            [str(int(seconds * 1000))],
        )
        yield
        if within_another:
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")


@contextmanager
def _on_sqlite(seconds: float) -> Iterator[None]:
    """Not in a transaction: on SQLite that would be the lock of whoever writes."""
    connection.ensure_connection()
    ends = monotonic() + seconds
    connection.connection.set_progress_handler(lambda: int(monotonic() > ends), LOOKED_AT)
    try:
        yield
    finally:
        connection.connection.set_progress_handler(None, 0)
