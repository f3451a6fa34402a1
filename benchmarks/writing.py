"""Rows by the million: COPY on PostgreSQL, prepared statements on SQLite."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.db import connection, models, transaction

BLOCK = 20_000


def write(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows as text and numbers, ready for the database; None is NULL."""
    names = ", ".join(f'"{column}"' for column in columns)
    table = model._meta.db_table
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
            iterator = iter(rows)
            while block := list(islice(iterator, BLOCK)):
                copy.write("".join(map(_line, block)))
        return
    marks = ", ".join("?" * len(columns))
    sql = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'
    iterator = iter(rows)
    connection.ensure_connection()
    while block := list(islice(iterator, BLOCK)):
        with transaction.atomic():
            connection.connection.executemany(sql, block)


def _line(row: Sequence[Any]) -> str:
    return "\t".join([_cell(value) for value in row]) + "\n"


def _cell(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, str):
        return value.replace("\\", "\\\\") if "\\" in value else value
    if value is True or value is False:
        return "t" if value else "f"
    return str(value)


@contextmanager
def without_indexes(model: type[models.Model]) -> Iterator[None]:
    """Built once at the end, sorted, instead of row by row."""
    with connection.schema_editor(atomic=False) as editor:
        for index in model._meta.indexes:
            editor.remove_index(model, index)
    yield
    with connection.schema_editor(atomic=False) as editor:
        for index in model._meta.indexes:
            editor.add_index(model, index)


def settle() -> None:
    """What a database does by itself overnight; never part of a measurement."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM (ANALYZE)")
            cursor.execute("CHECKPOINT")
        else:
            cursor.execute("ANALYZE")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def reset_sequences() -> None:
    """After rows were written with their ids."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for table in ("leads_lead", "leads_company"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))"
            )
