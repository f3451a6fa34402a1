"""One object of the file against one row of the database: made, changed or left as it is."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from django.db import models

from leadqual.operations.design.schema import UNTOUCHED

Row = TypeVar("Row", bound=models.Model)


class Change(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REMOVED = "removed"


def write_row(row: models.Model, values: Mapping[str, Any]) -> Change:
    """Saves the row only when it is new or differs, after the model itself has looked at it (ValidationError)."""
    new = row._state.adding
    wanted = {name: value for name, value in values.items() if value is not UNTOUCHED}
    differing = [name for name, value in wanted.items() if new or getattr(row, name) != value]
    if not new and not differing:
        return Change.UNCHANGED
    for name in differing:
        setattr(row, name, wanted[name])
    row.full_clean()
    row.save()
    return Change.CREATED if new else Change.UPDATED


def rename(model: type[Row], name: str, former: str) -> Row:
    """The row of that name; the one of its former name, if that is still there; else a new one."""
    rows: Any = model._default_manager
    found: Row | None = rows.filter(name=name).first()
    if found is None and former:
        found = rows.filter(name=former).first()
    return found or model()
