"""SQL for what is stored, the same answer on both databases.

`Stored` is the typed value under a key of a JSON column; the tests answer true or false where both sides are there.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, BooleanField, DecimalField, F, Func, TextField, Value

from leadqual.common.globs import as_like, as_sqlite_glob
from segments.conditions.kinds import MAX_DAY, MIN_DAY, Kind

_OUTPUT: dict[Kind, Any] = {
    Kind.NUMBER: DecimalField(max_digits=40, decimal_places=20),
    Kind.DATE: BigIntegerField(),
    Kind.BOOLEAN: BooleanField(),
}


class Stored(Func):
    """The value under a key of a JSON column if it is of the kind, else NULL: absent, JSON null, another type.

    SQLite knows no booleans and no types of columns here, so its JSON type is asked; PostgreSQL compares whole JSON
    values (numbers lie between strings and booleans) before it casts, since a cast of another type is an error.
    """

    def __init__(self, column: str, key: str, kind: Kind) -> None:
        super().__init__(F(column), output_field=_OUTPUT.get(kind, TextField()))
        self.key = key
        self.kind = kind

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        column, params = compiler.compile(self.source_expressions[0])
        path = f'$."{self.key}"'
        kind, value = f"JSON_TYPE({column}, %s)", f"JSON_EXTRACT({column}, %s)"
        template = {
            Kind.NUMBER: f"CASE WHEN {kind} IN ('integer', 'real') THEN {value} END",
            Kind.DATE: f"CASE WHEN {kind} = 'integer' AND {value} BETWEEN {MIN_DAY} AND {MAX_DAY} THEN {value} END",
            Kind.BOOLEAN: f"CASE {kind} WHEN 'true' THEN 1 WHEN 'false' THEN 0 END",
        }.get(self.kind, f"CASE WHEN {kind} = 'text' THEN {value} END")
        return template, [*params, path] * template.count("%s")

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        column, params = compiler.compile(self.source_expressions[0])
        value = f"({column} -> %s)"
        number = f"{value}::numeric"
        template = {
            Kind.NUMBER: f"CASE WHEN jsonb_typeof{value} = 'number' THEN {number} END",
            Kind.DATE: f"CASE WHEN {value} BETWEEN '{MIN_DAY}'::jsonb AND '{MAX_DAY}'::jsonb"
            f" THEN CASE WHEN scale({number}) = 0 THEN {number}::bigint END END",
            Kind.BOOLEAN: f"CASE WHEN jsonb_typeof{value} = 'boolean' THEN {value}::boolean END",
        }.get(self.kind, f"CASE WHEN jsonb_typeof{value} = 'string' THEN {column} ->> %s END")
        return template, [*params, self.key] * template.count("%s")


class Test(Func):
    """An expression that is true, false or (where something is missing) NULL."""

    output_field = BooleanField()
    template = "(%(expressions)s)"
    __test__ = False


class Same(Test):
    arg_joiner = " = "

    def __init__(self, *expressions: Any, **extra: Any) -> None:
        super().__init__(*map(operand, expressions), **extra)


class Other(Same):
    arg_joiner = " <> "


class Above(Same):
    arg_joiner = " > "


class AtLeast(Same):
    arg_joiner = " >= "


class Below(Same):
    arg_joiner = " < "


class AtMost(Same):
    arg_joiner = " <= "


class Within(Same):
    """Between two values, both included."""

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        return _filled("({} BETWEEN {} AND {})", self, compiler)


class OneOf(Test):
    def __init__(self, expression: Any, values: Sequence[Any] = (), **extra: Any) -> None:
        super().__init__(expression, *map(operand, values), **extra)

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        options = ", ".join("{}" for _option in self.source_expressions[1:])
        return _filled(f"({{}} IN ({options}))", self, compiler)


class NoneOf(OneOf):
    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        options = ", ".join("{}" for _option in self.source_expressions[1:])
        return _filled(f"({{}} NOT IN ({options}))", self, compiler)


class IdIn(Test):
    """Ids of ours, written into the statement: there may be more of them than a database takes parameters."""

    def __init__(self, column: str, ids: tuple[int, ...] = (), **extra: Any) -> None:
        super().__init__(F(column), **extra)
        self.ids = ids

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        sql, params = compiler.compile(self.source_expressions[0])
        return f"(+{sql} IN ({', '.join(map(str, map(int, self.ids)))}))", list(params)


class Contains(Same):
    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return _filled("(INSTR({}, {}) > 0)", self, compiler)

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return _filled("(STRPOS({}, {}) > 0)", self, compiler)


class Lacks(Same):
    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return _filled("(INSTR({}, {}) = 0)", self, compiler)

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return _filled("(STRPOS({}, {}) = 0)", self, compiler)


class StartsWith(Test):
    def __init__(self, expression: Any, text: str = "", **extra: Any) -> None:
        super().__init__(expression, Value(len(text)), Value(text), **extra)

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        return _filled("(SUBSTR({}, 1, {}) = {})", self, compiler)


class EndsWith(StartsWith):
    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return _filled("(SUBSTR({}, -{}) = {})", self, compiler)

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return _filled("(RIGHT({}, {}) = {})", self, compiler)


class Glob(Test):
    """The whole text fits a pattern, case included."""

    def __init__(self, expression: Any, pattern: str = "", **extra: Any) -> None:
        super().__init__(expression, **extra)
        self.pattern = pattern

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        sql, params = compiler.compile(self.source_expressions[0])
        return f"({sql} GLOB %s)", [*params, as_sqlite_glob(self.pattern)]

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        sql, params = compiler.compile(self.source_expressions[0])
        return f"({sql} LIKE %s)", [*params, as_like(self.pattern)]


class boolean(Test):
    """Two-valued: where a test is NULL the answer is false, so that NOT is the complement."""

    template = "((%(expressions)s) IS TRUE)"


class Missing(Test):
    template = "(%(expressions)s IS NULL)"


class Present(Test):
    template = "(%(expressions)s IS NOT NULL)"


class Both(Test):
    arg_joiner = " AND "


class Either(Test):
    arg_joiner = " OR "


class Known(Func):
    """A text, or NULL where it is empty."""

    template = "NULLIF(%(expressions)s, '')"
    output_field = TextField()


def operand(value: Any) -> Any:
    """A value for SQL. Fractions go as decimals in their shortest form: exact on PostgreSQL, the same on SQLite."""
    if isinstance(value, float):
        return _Fraction(value)
    if isinstance(value, bool | int | str):
        return Value(value)
    return value


class _Fraction(Value):
    """A float as it is on SQLite, where all fractions are floats, and its shortest decimal on PostgreSQL."""

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return "%s", [self.value]

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return "%s", [Decimal(repr(self.value))]


def _filled(template: str, function: Func, compiler: Any) -> Any:
    compiled = [compiler.compile(part) for part in function.source_expressions]
    return template.format(*(sql for sql, _ in compiled)), [
        param for _, params in compiled for param in params
    ]


class FirstAfter(Func):
    """The first of some days at fixed distances from a date that lies after `day`; NULL if none does."""

    output_field = BigIntegerField()

    def __init__(self, expression: Any, day: int = 0, distances: Sequence[int] = (), **extra: Any) -> None:
        super().__init__(expression, **extra)
        self.day = day
        self.distances = distances

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        sql, params = compiler.compile(self.source_expressions[0])
        cases = [f"WHEN {sql} > {self.day - distance} THEN {sql} + {distance}" for distance in self.distances]
        return f"(CASE {' '.join(cases)} END)", [*params, *params] * len(cases)
