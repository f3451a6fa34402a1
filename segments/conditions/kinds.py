"""The kinds of values that fields have, in the form in which they are compared."""

from enum import StrEnum
from typing import Any

from leadqual.common.words import folded

MAX_NUMBER = 10**15
# Day numbers that a date can have: years 1 to 9999.
MIN_DAY, MAX_DAY = -719_162, 2_932_896


class Kind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    LIST = "list"


TEXTS = frozenset({Kind.TEXT, Kind.CHOICE})


def typed(kind: Kind, raw: Any) -> Any:
    """`raw` if it is of the kind, else None: a number field that holds text holds nothing.

    Lists stay as editing stores them, "|cloud|security|".
    """
    if raw is None or not _FITS[kind](raw):
        return None
    return None if raw == "" else raw


def _is_number(raw: Any) -> bool:
    return isinstance(raw, int | float) and not isinstance(raw, bool)


def _is_day(raw: Any) -> bool:
    return isinstance(raw, int) and not isinstance(raw, bool) and MIN_DAY <= raw <= MAX_DAY


def _is_text(raw: Any) -> bool:
    return isinstance(raw, str)


_FITS = {
    Kind.TEXT: _is_text,
    Kind.CHOICE: _is_text,
    Kind.LIST: _is_text,
    Kind.NUMBER: _is_number,
    Kind.DATE: _is_day,
    Kind.BOOLEAN: lambda raw: isinstance(raw, bool),
}


def fold(text: str) -> str:
    return folded(text)
