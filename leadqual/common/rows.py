"""Many rows of one table written at once, each with its own values."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

from leadqual.common.batches import batches

AT_ONCE = 1000  # rows that one INSERT on PostgreSQL names


def update_rows(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """UPDATE by primary key, one prepared statement run for every row.

    `bulk_update` builds a CASE per row and column: 20 columns of 1,000 leads took it 40 times as long.
    """
    if not rows or not fields:
        return
    meta: Any = rows[0]._meta
    columns: list[Any] = [meta.get_field(name) for name in fields]
    quote = connection.ops.quote_name
    assignments = ", ".join(f"{quote(column.column)} = %s" for column in columns)
    sql = f"UPDATE {quote(meta.db_table)} SET {assignments} WHERE {quote(meta.pk.column)} = %s"
    values = [
        [*(column.get_db_prep_save(getattr(row, column.attname), connection) for column in columns), row.pk]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)


def insert_rows(
    model: type[models.Model],
    fields: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    ignore_conflicts: bool = False,
) -> None:
    """INSERT of rows given as values; every column without a default in the database must be among `fields`.

    `bulk_create` prepares each value of each instance anew: for thousands of rows it took four times as long.
    """
    meta: Any = model._meta
    columns: list[Any] = [meta.get_field(name) for name in fields]
    quote = connection.ops.quote_name
    into = f"INSERT INTO {quote(meta.db_table)} ({', '.join(quote(column.column) for column in columns)})"
    ending = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    marks = ", ".join(["%s"] * len(columns))
    taken = ", ".join(_taken(number, column) for number, column in enumerate(columns))
    prepare = [_preparing(column) for column in columns]
    ready = ([each(value) for each, value in zip(prepare, row, strict=True)] for row in rows)
    with connection.cursor() as cursor:
        for batch in batches(ready, AT_ONCE):
            if connection.vendor == "sqlite":
                cursor.executemany(f"{into} VALUES ({marks}){ending}", batch)
            else:
                # One value for all rows: the client looks at every placeholder for longer than the server at its row.
                given = json.dumps(batch, ensure_ascii=False, default=str)
                source = "jsonb_array_elements(%s::jsonb) AS rows(given)"
                cursor.execute(f"{into} SELECT {taken} FROM {source}{ending}", [given])


def _taken(number: int, column: Any) -> str:
    """On PostgreSQL, a value of a row given as JSON. A cast to varchar(n) would cut a long text off without a word."""
    text = f"(rows.given->>{number})"
    return text if isinstance(column, models.CharField) else f"{text}::{column.rel_db_type(connection)}"


def _preparing(column: Any) -> Callable[[Any], Any]:
    """The same moment or choice mostly stands in every row, so it is prepared once."""
    if isinstance(column, models.JSONField):
        return lambda value: None if value is None else json.dumps(value, ensure_ascii=False)
    if isinstance(column, models.UUIDField):
        return lambda value: column.get_db_prep_save(value, connection)
    if not isinstance(column, models.DateTimeField) and not column.choices:
        return lambda value: value
    known: dict[Any, Any] = {}

    def moment(value: Any) -> Any:
        if value not in known:
            known[value] = column.get_db_prep_save(value, connection)
        return known[value]

    return moment


def stored_moment(moment: datetime) -> Any:
    """A moment as statements of our own must be given it."""
    return connection.ops.adapt_datetimefield_value(moment)


def insert_new(rows: Sequence[models.Model], *, ignore_conflicts: bool = False) -> None:
    """INSERT of new instances of one model, whose generated keys nobody needs; `ignore_conflicts`: as far as new."""
    if rows:
        meta: Any = rows[0]._meta
        columns = [column for column in meta.concrete_fields if not isinstance(column, models.AutoField)]
        values = ([getattr(row, column.attname) for column in columns] for row in rows)
        insert_rows(
            type(rows[0]), [column.name for column in columns], values, ignore_conflicts=ignore_conflicts
        )
