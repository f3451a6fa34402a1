"""The field registry: what conditions can ask about a lead.

The leads' own fields register here, custom fields are looked up; rungs above register theirs in `ready()`
(score, stage, handed off), marked derived.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.leads.models import CustomField, Target
from segments.conditions.kinds import Kind
from segments.conditions.stored import Stored

CUSTOM = {Target.LEAD: "custom.", Target.COMPANY: "company.custom."}
Params = Mapping[str, str]
Choice = tuple[str, str | Promise]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to ask about a lead.

    Either `column` (of Lead, or `company__x`), which both readers read; or `expression(day, params)` for SQL together
    with `load(lead ids, day, params)`, which gives the value of each lead that has one, in the compared form.
    A loaded value that depends on the day is `Dated`; then `flip_expression(day, params)` says in SQL when it may
    change next. `derived` fields follow from scores or sales work: scoring rules may not ask them.
    """

    key: str
    label: str | Promise
    kind: Kind
    column: str = ""
    nullable: bool = True
    derived: bool = False
    choices: tuple[Choice, ...] = ()
    params: tuple[str, ...] = ()
    custom: str = ""
    expression: Callable[[int, Params], Any] | None = None
    load: Callable[[Collection[int], int, Params], Mapping[int, Any]] | None = None
    flip_expression: Callable[[int, Params], Any] | None = None

    def sql(self, day: int, params: Params) -> Any:
        if self.expression is not None:
            return self.expression(day, params)
        return Stored(self.column, self.custom, self.kind) if self.custom else F(self.column)


_REGISTERED: dict[str, Field] = {}


def register(*fields: Field) -> None:
    for field in fields:
        if field.key in _REGISTERED and _REGISTERED[field.key] != field:
            raise ValueError(f"two fields are called {field.key}")
        if bool(field.column) == bool(field.expression) or bool(field.expression) != bool(field.load):
            raise ValueError(f"{field.key} needs a column, or an expression and a loader")
        _REGISTERED[field.key] = field


def get(key: str) -> Field:
    """The field, a custom one too; LeadqualError `unknown_field` if there is none."""
    found = find([key]).get(key)
    if found is None:
        raise LeadqualError("unknown_field", _("there is no field “%s”") % key, "field")
    return found


def find(keys: Iterable[str]) -> dict[str, Field]:
    """Those of the keys that are fields; at most one query, for all custom fields among them."""
    asked = set(keys)
    found = {key: _REGISTERED[key] for key in asked if key in _REGISTERED}
    wanted = {key.rpartition(".")[2] for key in asked - set(found) if is_custom(key)}
    if wanted:
        rows = CustomField.objects.filter(key__in=wanted)
        found |= {field.key: field for field in map(_from_row, rows) if field.key in asked}
    return found


def all() -> list[Field]:
    """Every field there is now, custom ones last."""
    return [*_REGISTERED.values(), *map(_from_row, CustomField.objects.order_by("target", "label", "key"))]


def is_custom(key: str) -> bool:
    prefix, _dot, name = key.rpartition(".")
    return bool(name) and f"{prefix}." in CUSTOM.values()


def pinned(key: str, kind: Kind) -> Field:
    """A field as a frozen tree names it: no lookup, so that it outlives edits of the custom field."""
    if key in _REGISTERED:
        return _REGISTERED[key]
    if not is_custom(key):
        raise LeadqualError("unknown_field", _("there is no field “%s”") % key, "field")
    return custom_field(key, key.rpartition(".")[2], kind)


def custom_field(key: str, label: str, kind: Kind, choices: tuple[Choice, ...] = ()) -> Field:
    column = "company__custom_folded" if key.startswith("company.") else "custom_folded"
    return Field(key, label, kind, column=column, custom=key.rpartition(".")[2], choices=choices)


def _from_row(row: CustomField) -> Field:
    choices = tuple((str(choice), str(choice)) for choice in row.choices or ())
    key = f"{CUSTOM[Target(row.target)]}{row.key}"
    return custom_field(key, row.label, Kind(row.type), choices if row.type == Kind.CHOICE else ())
