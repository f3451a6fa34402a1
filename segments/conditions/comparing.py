"""Tests in SQL, the same on both databases: true, false, or NULL where something is missing."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import BigIntegerField, BooleanField, F, Func, TextField, Value
from django.db.models.expressions import Col

from leadqual.common.globs import as_like, as_sqlite_glob
from segments.conditions.stored import Stored


class Test(Func):
    output_field = BooleanField()
    template = "(%(expressions)s)"
    __test__ = False


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


class Comparison(Test):
    """What a lead has against values of ours; `sqlite` and `postgresql` are the forms, the lead's side first."""

    sqlite: ClassVar[str]
    postgresql: ClassVar[str] = ""

    def __init__(self, expression: Any, *values: Any, **extra: Any) -> None:
        super().__init__(expression, *map(operand, values), **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        lhs, *operands = self.source_expressions
        if isinstance(lhs, Stored):
            return lhs.tested_sqlite(self.form(self.sqlite), operands, compiler)
        return self._compiled(self.form(self.sqlite), compiler)

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        lhs, *operands = self.source_expressions
        form = self.form(self.postgresql or self.sqlite)
        if isinstance(lhs, Stored):
            return lhs.tested_postgresql(form, operands, compiler)
        return self._compiled(form, compiler)

    def form(self, template: str) -> str:
        return template

    def _compiled(self, template: str, compiler: Any) -> Any:
        compiled = [compiler.compile(part) for part in self.source_expressions]
        return template.format(*(sql for sql, _ in compiled)), [
            param for _, params in compiled for param in params
        ]


class Same(Comparison):
    sqlite = "({} = {})"


class Other(Comparison):
    sqlite = "({} <> {})"


class Above(Comparison):
    sqlite = "({} > {})"


class AtLeast(Comparison):
    sqlite = "({} >= {})"


class Below(Comparison):
    sqlite = "({} < {})"


class AtMost(Comparison):
    sqlite = "({} <= {})"


class Within(Comparison):
    """Between two values, both included."""

    sqlite = "({} BETWEEN {} AND {})"


class Contains(Comparison):
    sqlite = "(INSTR({}, {}) > 0)"
    postgresql = "(STRPOS({}, {}) > 0)"


class Lacks(Comparison):
    sqlite = "(INSTR({}, {}) = 0)"
    postgresql = "(STRPOS({}, {}) = 0)"


class StartsWith(Comparison):
    """With the length of the text and the text."""

    sqlite = "(SUBSTR({}, 1, {}) = {})"


class EndsWith(Comparison):
    """With the length of the text and the text."""

    sqlite = "(SUBSTR({}, -{}) = {})"
    postgresql = "(RIGHT({}, {}) = {})"


class Glob(Comparison):
    """The whole text fits a pattern, case included."""

    sqlite = "({} GLOB {})"
    postgresql = "({} LIKE {})"

    def __init__(self, expression: Any, pattern: str = "", **extra: Any) -> None:
        super().__init__(expression, Pattern(pattern), **extra)


class OneOf(Comparison):
    sqlite = "({} IN (%s))"

    def form(self, template: str) -> str:
        return template % ", ".join("{}" for _operand in self.source_expressions[1:])


class NoneOf(OneOf):
    sqlite = "({} NOT IN (%s))"


class Pattern(Value):
    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return "%s", [as_sqlite_glob(self.value)]

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return "%s", [as_like(self.value)]


class Fraction(Value):
    """A float as it is on SQLite, where all fractions are floats; its shortest decimal on PostgreSQL, exact there."""

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return "%s", [self.value]

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return "%s", [Decimal(repr(self.value))]


def operand(value: Any) -> Any:
    if isinstance(value, float):
        return Fraction(value)
    return Value(value) if isinstance(value, bool | int | str) else value


class Bit(Test):
    """Whether a number has one of the bits of another."""

    template = "((%(expressions)s) <> 0)"
    arg_joiner = " & "


class IdIn(Test):
    """Ids of ours, written into the statement: there may be more of them than a database takes parameters."""

    def __init__(self, column: str, ids: tuple[int, ...] = (), **extra: Any) -> None:
        super().__init__(F(column), **extra)
        self.ids = ids

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        sql, params = compiler.compile(self.source_expressions[0])
        return f"({sql} IN ({', '.join(map(str, map(int, self.ids)))}))", list(params)

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        """With the plus SQLite reads the acts of the lead, not once for every id the acts with that id."""
        sql, params = self.as_sql(compiler, connection)
        return sql.replace("(", "(+", 1), params


class FirstAfter(Func):
    """The first of some days at fixed distances from a date that lies after `day`; NULL if none does."""

    output_field = BigIntegerField()

    def __init__(self, expression: Any, day: int = 0, distances: Sequence[int] = (), **extra: Any) -> None:
        super().__init__(expression, **extra)
        self.day = day
        self.distances = distances

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        sql, params = compiler.compile(self.source_expressions[0])
        return self._first(sql), [*params, *params] * len(self.distances)

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        """A date that must be dug out of JSON is dug out once, which takes half of the time."""
        if isinstance(self.source_expressions[0], Col):
            return self.as_sql(compiler, connection)
        sql, params = compiler.compile(self.source_expressions[0])
        return f"(SELECT {self._first('known.day')} FROM (SELECT {sql} AS day OFFSET 0) AS known)", params

    def _first(self, date: str) -> str:
        cases = [
            f"WHEN {date} > {self.day - distance} THEN {date} + {distance}" for distance in self.distances
        ]
        return f"(CASE {' '.join(cases)} END)"
