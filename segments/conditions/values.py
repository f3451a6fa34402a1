"""A value as written in a condition, brought into the form in which it is compared."""

from collections.abc import Callable
from datetime import date, datetime
from math import isfinite
from typing import Any

from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from segments.conditions.fields import Field
from segments.conditions.kinds import MAX_NUMBER, Kind, fold
from segments.conditions.operators import Operator, Shape
from segments.conditions.wheres import clean_glob

MAX_TEXT = 500
MAX_LIST = 100
MAX_DAYS = 36_500

Cleaned = tuple[Any, Any]  # as compared, as shown


def clean_value(
    field: Field, operator: Operator, raw: Any, place: str, *, any_choice: bool = False
) -> Cleaned:
    """`any_choice`: a frozen tree may name choices that were removed since."""
    choices = {} if any_choice else {fold(str(value)): str(value) for value, _label in field.choices}

    def one(value: Any, where: str) -> Cleaned:
        compared, shown = _ONE[field.kind](value, where)
        if choices and compared not in choices:
            listed = ", ".join(list(choices.values())[:20])
            raise LeadqualError("unknown_choice", _("must be one of: %s") % listed, where)
        return compared, shown

    match operator.shape:
        case Shape.NOTHING:
            if raw is not None:
                raise LeadqualError("bad_value", _("this operator takes no value"), place)
            return None, None
        case Shape.DAYS:
            return _days(raw, place)
        case Shape.PART:
            return _text(raw, place)
        case Shape.GLOB:
            return clean_glob(raw, place), raw
        case Shape.ONE:
            return one(raw, place)
    return _several(one, operator.shape, raw, place)


def _several(one: Callable[[Any, str], Cleaned], shape: Shape, raw: Any, place: str) -> Cleaned:
    if not isinstance(raw, list | tuple):
        raise LeadqualError("bad_value", _("must be a list"), place)
    if shape is Shape.TWO and len(raw) != 2:
        raise LeadqualError("bad_value", _("must be two values, the lower first"), place)
    if not 1 <= len(raw) <= MAX_LIST:
        raise LeadqualError("bad_value", _("must be a list of 1 to %d values") % MAX_LIST, place)
    cleaned = [one(value, f"{place}[{number}]") for number, value in enumerate(raw)]
    compared, shown = tuple(c for c, _s in cleaned), tuple(s for _c, s in cleaned)
    if shape is Shape.TWO and compared[0] > compared[1]:
        raise LeadqualError("bad_value", _("must be two values, the lower first"), place)
    return compared, shown


def _text(value: Any, place: str) -> Cleaned:
    if not isinstance(value, str):
        raise LeadqualError("bad_value", _("must be a text"), place)
    if len(value) > MAX_TEXT:
        raise LeadqualError("too_long", _("at most %d characters are possible") % MAX_TEXT, place)
    if not fold(value):
        raise LeadqualError("bad_value", _("must not be empty; to find empty fields use “is_empty”"), place)
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise LeadqualError("bad_value", _("contains characters that no text has"), place)
    return fold(value), value


def _item(value: Any, place: str) -> Cleaned:
    if isinstance(value, str) and "|" in value:
        raise LeadqualError("bad_value", _("must not contain “|”"), place)
    return _text(value, place)


def _number(value: Any, place: str) -> Cleaned:
    # A whole number may be too large to be asked whether it is finite.
    known = isinstance(value, int) or (isinstance(value, float) and isfinite(value))
    if isinstance(value, bool) or not known:
        raise LeadqualError("bad_value", _("must be a number"), place)
    if abs(value) > MAX_NUMBER:
        raise LeadqualError("bad_value", _("must be between -10^15 and 10^15"), place)
    return value, value


def _date(value: Any, place: str) -> Cleaned:
    """YAML gives dates as such, JSON as text."""
    text = value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value
    try:
        return clock.parse_day(text), clock.date_of(clock.parse_day(text)).isoformat()
    except (TypeError, ValueError) as error:
        raise LeadqualError("bad_value", _("must be a date like 2024-06-30"), place) from error


def _boolean(value: Any, place: str) -> Cleaned:
    if not isinstance(value, bool):
        raise LeadqualError("bad_value", _("must be true or false"), place)
    return value, value


def _days(value: Any, place: str) -> Cleaned:
    return (whole(value, place, 1, MAX_DAYS),) * 2


def whole(value: Any, place: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise LeadqualError(
            "bad_number",
            _("must be a whole number from %(low)d to %(high)d") % {"low": low, "high": high},
            place,
        )
    return value


_ONE: dict[Kind, Callable[[Any, str], Cleaned]] = {
    Kind.TEXT: _text,
    Kind.CHOICE: _text,
    Kind.LIST: _item,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.BOOLEAN: _boolean,
}
