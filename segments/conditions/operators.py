"""The operator table: one row per operator, asked by every reader.

A comparison with nothing (NULL, empty text, empty list, a value of another type) is false; only `is_empty` is true
of nothing. In SQL a test may be NULL where something is missing: the SQL reader makes it false.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, npgettext_lazy

from leadqual.common.globs import compile_glob
from segments.conditions import comparing as sql
from segments.conditions.kinds import TEXTS, Kind


class Shape(StrEnum):
    """What stands under `value`."""

    ONE = "one value"
    MANY = "a list of values"
    TWO = "two values, low and high"
    DAYS = "a number of days"
    PART = "a text"
    GLOB = "a pattern"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Operator:
    """`holds(value, operand, day)` for a value that is there; `test(lhs, operand, day)` the same in SQL.

    `fooled` tests would be true of an empty text, so the SQL reader makes it NULL for them first.
    `flips(operand)` are the distances in days from a date to the days on which the answer changes.
    """

    key: str
    kinds: frozenset[Kind]
    shape: Shape
    words: Any
    holds: Callable[[Any, Any, int], bool]
    test: Callable[[Any, Any, int], Any]
    fooled: bool = False
    flips: Callable[[int], tuple[int, ...]] | None = None


NUMBERS = frozenset({Kind.NUMBER})
DATES = frozenset({Kind.DATE})
LISTS = frozenset({Kind.LIST})
SCALARS = TEXTS | NUMBERS
ONLY_TEXT = frozenset({Kind.TEXT})
EVERY = frozenset(Kind)


def _item(text: str) -> str:
    return f"|{text}|"


def _items(test: type, join: type, lhs: Any, operand: tuple[str, ...]) -> Any:
    return join(*(test(lhs, _item(text)) for text in operand))


_ROWS = [
    Operator(
        "is", SCALARS | DATES | {Kind.BOOLEAN}, Shape.ONE, _("%(field)s is %(value)s"),
        lambda value, operand, day: value == operand,
        lambda lhs, operand, day: sql.Same(lhs, operand),
    ),
    Operator(
        "is_not", SCALARS, Shape.ONE, _("%(field)s is something other than %(value)s"),
        lambda value, operand, day: value != operand,
        lambda lhs, operand, day: sql.Other(lhs, operand),
        fooled=True,
    ),
    Operator(
        "is_one_of", SCALARS, Shape.MANY, _("%(field)s is one of %(value)s"),
        lambda value, operand, day: value in operand,
        lambda lhs, operand, day: sql.OneOf(lhs, *operand),
    ),
    Operator(
        "is_none_of", SCALARS, Shape.MANY, _("%(field)s is something other than %(value)s"),
        lambda value, operand, day: value not in operand,
        lambda lhs, operand, day: sql.NoneOf(lhs, *operand),
        fooled=True,
    ),
    Operator(
        "contains", ONLY_TEXT, Shape.PART, _("%(field)s contains %(value)s"),
        lambda value, operand, day: operand in value,
        lambda lhs, operand, day: sql.Contains(lhs, operand),
    ),
    Operator(
        "does_not_contain", ONLY_TEXT, Shape.PART, _("%(field)s does not contain %(value)s"),
        lambda value, operand, day: operand not in value,
        lambda lhs, operand, day: sql.Lacks(lhs, operand),
        fooled=True,
    ),
    Operator(
        "starts_with", ONLY_TEXT, Shape.PART, _("%(field)s starts with %(value)s"),
        lambda value, operand, day: value.startswith(operand),
        lambda lhs, operand, day: sql.StartsWith(lhs, len(operand), operand),
    ),
    Operator(
        "ends_with", ONLY_TEXT, Shape.PART, _("%(field)s ends with %(value)s"),
        lambda value, operand, day: value.endswith(operand),
        lambda lhs, operand, day: sql.EndsWith(lhs, len(operand), operand),
    ),
    Operator(
        "matches", ONLY_TEXT, Shape.GLOB, _("%(field)s matches the pattern %(value)s"),
        lambda value, operand, day: compile_glob(operand)(value),
        lambda lhs, operand, day: sql.Glob(lhs, operand),
        fooled=True,
    ),
    Operator(
        "more_than", NUMBERS, Shape.ONE, _("%(field)s is more than %(value)s"),
        lambda value, operand, day: value > operand,
        lambda lhs, operand, day: sql.Above(lhs, operand),
    ),
    Operator(
        "at_least", NUMBERS, Shape.ONE, _("%(field)s is at least %(value)s"),
        lambda value, operand, day: value >= operand,
        lambda lhs, operand, day: sql.AtLeast(lhs, operand),
    ),
    Operator(
        "less_than", NUMBERS, Shape.ONE, _("%(field)s is less than %(value)s"),
        lambda value, operand, day: value < operand,
        lambda lhs, operand, day: sql.Below(lhs, operand),
    ),
    Operator(
        "at_most", NUMBERS, Shape.ONE, _("%(field)s is at most %(value)s"),
        lambda value, operand, day: value <= operand,
        lambda lhs, operand, day: sql.AtMost(lhs, operand),
    ),
    Operator(
        "between", NUMBERS | DATES, Shape.TWO, _("%(field)s is from %(low)s to %(high)s"),
        lambda value, operand, day: operand[0] <= value <= operand[1],
        lambda lhs, operand, day: sql.Within(lhs, *operand),
    ),
    Operator(
        "before", DATES, Shape.ONE, _("%(field)s is before %(value)s"),
        lambda value, operand, day: value < operand,
        lambda lhs, operand, day: sql.Below(lhs, operand),
    ),
    Operator(
        "after", DATES, Shape.ONE, _("%(field)s is after %(value)s"),
        lambda value, operand, day: value > operand,
        lambda lhs, operand, day: sql.Above(lhs, operand),
    ),
    Operator(
        "in_last_days", DATES, Shape.DAYS,
        npgettext_lazy(
            "the last days", "%(field)s is today", "%(field)s is within the last %(value)d days", "value"
        ),
        lambda value, operand, day: 0 <= day - value < operand,
        lambda lhs, operand, day: sql.Within(lhs, day - operand + 1, day),
        flips=lambda operand: (0, operand),
    ),
    Operator(
        "days_ago_at_least", DATES, Shape.DAYS,
        ngettext_lazy("%(field)s is a day or more ago", "%(field)s is %(value)d days or more ago", "value"),
        lambda value, operand, day: day - value >= operand,
        lambda lhs, operand, day: sql.AtMost(lhs, day - operand),
        flips=lambda operand: (operand,),
    ),
    Operator(
        "in_next_days", DATES, Shape.DAYS,
        npgettext_lazy(
            "the next days", "%(field)s is today", "%(field)s is within the next %(value)d days", "value"
        ),
        lambda value, operand, day: 0 <= value - day < operand,
        lambda lhs, operand, day: sql.Within(lhs, day, day + operand - 1),
        flips=lambda operand: (1 - operand, 1),
    ),
    Operator(
        "days_ahead_at_least", DATES, Shape.DAYS,
        ngettext_lazy("%(field)s is a day or more ahead", "%(field)s is %(value)d days or more ahead", "value"),
        lambda value, operand, day: value - day >= operand,
        lambda lhs, operand, day: sql.AtLeast(lhs, day + operand),
        flips=lambda operand: (1 - operand,),
    ),
    Operator(
        "includes", LISTS, Shape.ONE, _("%(field)s include %(value)s"),
        lambda value, operand, day: _item(operand) in value,
        lambda lhs, operand, day: sql.Contains(lhs, _item(operand)),
    ),
    Operator(
        "includes_any_of", LISTS, Shape.MANY, _("%(field)s include one of %(value)s"),
        lambda value, operand, day: any(_item(text) in value for text in operand),
        lambda lhs, operand, day: _items(sql.Contains, sql.Either, lhs, operand),
    ),
    Operator(
        "includes_all_of", LISTS, Shape.MANY, _("%(field)s include all of %(value)s"),
        lambda value, operand, day: all(_item(text) in value for text in operand),
        lambda lhs, operand, day: _items(sql.Contains, sql.Both, lhs, operand),
    ),
    Operator(
        "includes_none_of", LISTS, Shape.MANY, _("%(field)s include none of %(value)s"),
        lambda value, operand, day: not any(_item(text) in value for text in operand),
        lambda lhs, operand, day: _items(sql.Lacks, sql.Both, lhs, operand),
        fooled=True,
    ),
    Operator(
        "is_known", EVERY, Shape.NOTHING, _("%(field)s is known"),
        lambda value, operand, day: value is not None,
        lambda lhs, operand, day: sql.Present(lhs),
        fooled=True,
    ),
    Operator(
        "is_empty", EVERY, Shape.NOTHING, _("%(field)s is empty"),
        lambda value, operand, day: value is None,
        lambda lhs, operand, day: sql.Missing(lhs),
        fooled=True,
    ),
]  # fmt: skip

OPERATORS: dict[str, Operator] = {row.key: row for row in _ROWS}
