"""Values under a key of a JSON column, the same on both databases.

A column of JSON can hold anything under a key; a value of another kind than the field's counts as nothing. SQLite
hands out booleans as numbers, so the JSON type is asked. PostgreSQL fails on a cast of another type, so whole JSON
values are compared: there all strings come before all numbers, and all numbers before all booleans.
"""

import json
from collections.abc import Sequence
from typing import Any

from django.db.models import BigIntegerField, BooleanField, DecimalField, F, Func, TextField

from segments.conditions.kinds import MAX_DAY, MIN_DAY, Kind

_OUTPUT: dict[Kind, Any] = {
    Kind.NUMBER: DecimalField(max_digits=40, decimal_places=20),
    Kind.DATE: BigIntegerField(),
    Kind.BOOLEAN: BooleanField(),
}


class Stored(Func):
    """The value if it is of the kind, else NULL: absent, JSON null, another type.

    `value` is the typed value. `tested` is for a comparison: the raw value is compared first and its type asked only
    where that is true, which for most rows spares a second walk through the JSON.
    """

    def __init__(self, column: str, key: str, kind: Kind) -> None:
        super().__init__(F(column), output_field=_OUTPUT.get(kind, TextField()))
        self.key = key
        self.kind = kind

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return self._filled(_SQLITE[self.kind].value, compiler, f'$."{self.key}"')

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return self._filled(_POSTGRESQL[self.kind].value, compiler, self.key)

    def _filled(self, template: str, compiler: Any, key: str) -> Any:
        """`@` in the templates is the column and `#` the key."""
        column, params = compiler.compile(self.source_expressions[0])
        return template.replace("@", column).replace("#", "%s"), [*params, key] * template.count("#")

    def tested_sqlite(self, template: str, operands: Sequence[Any], compiler: Any) -> Any:
        form = _SQLITE[self.kind]
        compiled = [
            _json_word(each) if self.kind is Kind.BOOLEAN else compiler.compile(each) for each in operands
        ]
        return self._tested(form, template, compiled, compiler, f'$."{self.key}"')

    def tested_postgresql(self, template: str, operands: Sequence[Any], compiler: Any) -> Any:
        form = _POSTGRESQL[self.kind]
        text = self.kind in (Kind.TEXT, Kind.CHOICE)
        compiled = [compiler.compile(each) if text else _json(each) for each in operands]
        return self._tested(form, template, compiled, compiler, self.key)

    def _tested(self, form: "_Form", template: str, operands: Sequence[Any], compiler: Any, key: str) -> Any:
        raw, raw_params = self._filled(form.raw, compiler, key)
        test = template.format(raw, *(sql for sql, _params in operands))
        params = [*raw_params, *(param for _sql, some in operands for param in some)]
        check, check_params = self._filled(form.check, compiler, key)
        return check.replace("?", test), [*params, *check_params]


class _Form:
    """SQL of one kind of value. In `check`, `?` is the test, which comes first."""

    def __init__(self, value: str, raw: str, check: str) -> None:
        self.value, self.raw, self.check = value, raw, check


_EXTRACT, _TYPE = "JSON_EXTRACT(@, #)", "JSON_TYPE(@, #)"
_IN_SQLITE_RANGE = f"{_EXTRACT} BETWEEN {MIN_DAY} AND {MAX_DAY}"
_SQLITE_TEXT = _Form(f"CASE WHEN {_TYPE} = 'text' THEN {_EXTRACT} END", _EXTRACT, f"(? AND {_TYPE} = 'text')")
_SQLITE = {
    Kind.TEXT: _SQLITE_TEXT,
    Kind.CHOICE: _SQLITE_TEXT,
    Kind.NUMBER: _Form(
        f"CASE WHEN {_TYPE} IN ('integer', 'real') THEN {_EXTRACT} END",
        _EXTRACT,
        f"(? AND {_TYPE} IN ('integer', 'real'))",
    ),
    Kind.DATE: _Form(
        f"CASE WHEN {_TYPE} = 'integer' AND {_IN_SQLITE_RANGE} THEN {_EXTRACT} END",
        _EXTRACT,
        f"(? AND {_TYPE} = 'integer' AND {_IN_SQLITE_RANGE})",
    ),
    Kind.BOOLEAN: _Form(f"CASE {_TYPE} WHEN 'true' THEN 1 WHEN 'false' THEN 0 END", _TYPE, "(?)"),
}

_VALUE = "(@ -> #)"
_NUMBER = f"{_VALUE}::numeric"
_IN_RANGE = f"{_VALUE} BETWEEN '{MIN_DAY}'::jsonb AND '{MAX_DAY}'::jsonb"
# The CASE keeps PostgreSQL from casting before it has looked: the parts of an AND have no order.
_TEXT = _Form(
    f"CASE WHEN jsonb_typeof{_VALUE} = 'string' THEN @ ->> # END",
    "(@ ->> #)",
    f"(? AND jsonb_typeof{_VALUE} = 'string')",
)
_POSTGRESQL = {
    Kind.TEXT: _TEXT,
    Kind.CHOICE: _TEXT,
    Kind.NUMBER: _Form(
        f"CASE WHEN jsonb_typeof{_VALUE} = 'number' THEN {_NUMBER} END",
        _VALUE,
        f"(? AND jsonb_typeof{_VALUE} = 'number')",
    ),
    Kind.DATE: _Form(
        f"CASE WHEN {_IN_RANGE} THEN CASE WHEN scale({_NUMBER}) = 0 THEN {_NUMBER}::bigint END END",
        _VALUE,
        f"(CASE WHEN ? AND {_IN_RANGE} THEN scale({_NUMBER}) = 0 END)",
    ),
    Kind.BOOLEAN: _Form(
        f"CASE WHEN jsonb_typeof{_VALUE} = 'boolean' THEN {_VALUE}::boolean END", _VALUE, "(?)"
    ),
}


def _json(operand: Any) -> Any:
    return "%s::jsonb", [json.dumps(operand.value)]


def _json_word(operand: Any) -> Any:
    return "%s", [json.dumps(operand.value)]
