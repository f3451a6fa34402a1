"""One more condition on the list of leads: any field of the registry, with an operator of the condition language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.leads.reading import read_boolean, read_number
from segments.conditions.fields import Field
from segments.conditions.kinds import Kind
from segments.conditions.nodes import Ask, Compare
from segments.conditions.operators import OPERATORS, Operator, Shape
from segments.conditions.values import clean_value

MOST = 10
LONGEST = 600


@dataclass(frozen=True, slots=True)
class Asked:
    """`text` is how an address carries it: field|operator|value."""

    text: str
    words: str
    condition: Compare


def split(text: str) -> tuple[str, str, str]:
    field, _bar, rest = text[:LONGEST].partition("|")
    operator, _bar, value = rest.partition("|")
    return field, operator, value


def ask(text: str, fields: Mapping[str, Field]) -> Asked:
    """LeadqualError names the input at fault: field, op or value."""
    key, op, value = split(text)
    field, operator = fields.get(key), OPERATORS.get(op)
    if field is None or field.params:
        raise LeadqualError("unknown_field", _("choose a field"), "field")
    if operator is None or field.kind not in operator.kinds:
        raise LeadqualError("bad_operator", _("cannot be asked of this field"), "op")
    if operator.shape is not Shape.NOTHING and not value.strip():
        raise LeadqualError("missing_value", _("a value is missing"), "value")
    raw = _typed(field, operator, value.strip())
    try:
        compared, shown = clean_value(field, operator, raw, "value")
    except LeadqualError as error:
        raise LeadqualError(error.code, error.message, "value") from error
    condition = Compare(Ask(field.key, field.kind, ()), operator.key, compared, shown)
    return Asked(f"{key}|{op}|{value.strip()}", in_words(field, operator, shown), condition)


def operator_words(operator: Operator) -> str:
    """The operator for a choice: “… is at least …”."""
    blank = "…"
    if operator.shape is Shape.DAYS:
        return str(operator.words % {"field": blank, "value": 7}).replace("7", "n")
    return str(operator.words % {"field": blank, "value": blank, "low": blank, "high": blank})


def in_words(field: Field, operator: Operator, shown: Any) -> str:
    words: dict[str, Any] = {"field": str(field.label)}
    if operator.shape is Shape.TWO:
        words["low"], words["high"] = (_shown(field, value) for value in shown)
    elif operator.shape is Shape.MANY:
        words["value"] = pgettext("between values", ", ").join(_shown(field, value) for value in shown)
    elif operator.shape is Shape.DAYS:
        words["value"] = shown
    elif operator.shape is not Shape.NOTHING:
        words["value"] = _shown(field, shown)
    return str(operator.words % words)


def _shown(field: Field, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field.kind is Kind.DATE:
        return date_format(clock.date_of(clock.parse_day(value)), "SHORT_DATE_FORMAT")
    if isinstance(value, int | float):
        return number_format(value, use_l10n=True)
    return next((str(label) for choice, label in field.choices if str(choice) == str(value)), str(value))


def _typed(field: Field, operator: Operator, text: str) -> Any:
    """What stands in an input as the language takes it; lists are written with commas."""
    match operator.shape:
        case Shape.NOTHING:
            return None
        case Shape.DAYS:
            return _number(text)
        case Shape.PART | Shape.GLOB:
            return text
        case Shape.MANY | Shape.TWO:
            parts = [part.strip() for part in text.replace("、", ",").split(",")]
            return [_one(field, part) for part in parts if part]
    return _one(field, text)


def _one(field: Field, text: str) -> Any:
    if field.kind is Kind.NUMBER:
        return _number(text)
    if field.kind is Kind.BOOLEAN:
        answer = read_boolean(text)
        if answer is None:
            raise LeadqualError("not_yes_or_no", _("is neither yes nor no"), "value")
        return answer
    if field.kind is Kind.DATE:
        return text
    named = {str(label).casefold(): str(choice) for choice, label in field.choices}
    return named.get(text.casefold(), text)


def _number(text: str) -> int | float:
    number = read_number(text)
    if number is None:
        raise LeadqualError("not_a_number", _("is not a number"), "value")
    return int(number) if number == number.to_integral_value() else float(number)
