"""The few words that the two databases spell differently."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class Dialect:
    """`outer_first` joins in the order written; `differs` compares nothing with nothing as equal.

    `fence` ends a select whose expressions are to be computed once, not wherever they are named outside.
    """

    greatest: str
    least: str
    outer_first: str
    differs: str
    sorted_inserts: bool
    fence: str
    full_joins: bool

    def min(self, *values: str) -> str:
        return values[0] if len(values) == 1 else f"{self.least}({', '.join(values)})"

    def max(self, *values: str) -> str:
        return values[0] if len(values) == 1 else f"{self.greatest}({', '.join(values)})"


POSTGRESQL = Dialect("GREATEST", "LEAST", "JOIN", "IS DISTINCT FROM", False, " OFFSET 0", True)
# SQLite has one loop inside the other: it must begin with the many rows that come in the order of their key.
SQLITE = Dialect("MAX", "MIN", "CROSS JOIN", "IS NOT", True, "", False)


def dialect() -> Dialect:
    return POSTGRESQL if connection.vendor == "postgresql" else SQLITE


@dataclass(frozen=True, slots=True)
class Stage:
    """A named intermediate result with one row per key."""

    name: str
    columns: Sequence[str]
    key: Sequence[str]
    sql: str
    params: Sequence[Any] = ()


WHOLE = {"jit": "off", "work_mem": "64MB"}
SCATTERED = WHOLE | {"enable_seqscan": "off", "random_page_cost": "1.1"}


def prepare(*, scattered: bool = False) -> None:
    """Once per transaction that scores, before its statements.

    Compiling these statements costs PostgreSQL seconds and saves nothing; a range is sorted and hashed in memory.
    `scattered`: a few thousand leads out of many are read through indexes, or it would read whole tables once a part.
    """
    if connection.vendor == "postgresql":
        settings = (SCATTERED if scattered else WHOLE).items()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in settings)
            )


def run(stages: Sequence[Stage], *statements: tuple[str, Sequence[Any]]) -> list[tuple[int, ...]]:
    """Runs statements that read the stages; the rows that the last returns.

    PostgreSQL gets one statement with the stages as common table expressions, and all but the last of `statements`
    as expressions that write. Materialized: pulled up, an expression would be computed wherever it is named. SQLite,
    which would search an intermediate result row by row, gets tables with keys.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            named = [
                f"{stage.name} ({', '.join(stage.columns)}) AS MATERIALIZED ({stage.sql})" for stage in stages
            ]
            named += [f"write_{n} AS ({sql})" for n, (sql, _params) in enumerate(statements[:-1])]
            values: list[Any] = [
                param
                for part in (*(s.params for s in stages), *(p for _sql, p in statements))
                for param in part
            ]
            prefix = f"WITH {', '.join(named)} " if named else ""
            cursor.execute(prefix + statements[-1][0], values)
        else:
            for stage in stages:
                columns = ", ".join(stage.columns)
                # Typed like the keys they are joined with: without a type the key would not be used.
                typed = ", ".join(f"{column} INTEGER" for column in stage.columns)
                cursor.execute(
                    f"CREATE TEMP TABLE IF NOT EXISTS {stage.name} ({typed}, PRIMARY KEY ({', '.join(stage.key)}))"
                    " WITHOUT ROWID"
                )
                cursor.execute(f"DELETE FROM {stage.name}")
                cursor.execute(f"INSERT INTO {stage.name} ({columns}) {stage.sql}", list(stage.params))
            for sql, params in statements:
                cursor.execute(sql, list(params))
        return list(cursor.fetchall()) if cursor.description else []
