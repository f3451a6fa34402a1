"""The person registry: how the rows about a person are moved at a merge, moved back, erased and handed out.

Every app registers each of its models that leads to a lead by foreign keys, in `apps.py: ready()`; a model that is
forgotten fails a test. A merge, an erasure and a person's own copy of the data walk this registry and know no app.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models

from leadqual.common.locks import Lock, lock_alone, lock_shared
from leadqual.leads.models import Lead

Rows = list[dict[str, Any]]


def _nothing_moved(source: int, target: int, now: datetime) -> Any:
    return None


def _nothing_to_move_back(moved: Any, source: int, target: int, now: datetime) -> None:
    return None


def _nothing_to_export(lead: int) -> Rows:
    return []


@dataclass(frozen=True, slots=True)
class PersonRows:
    """What one model does when a person is merged, unmerged, erased or asks for their data; ids are lead ids.

    `move` gives source's rows to target and returns, as JSON, what `move_back` needs to give exactly those back.
    """

    model: str
    erase: Callable[[int, datetime], int]
    move: Callable[[int, int, datetime], Any] = _nothing_moved
    move_back: Callable[[Any, int, int, datetime], None] = _nothing_to_move_back
    export: Callable[[int], Rows] = _nothing_to_export


_registered: dict[str, PersonRows] = {}


def register(*rows: PersonRows) -> None:
    """The last word about a model counts: `ready()` may run more than once in a process."""
    for each in rows:
        _registered[each.model.lower()] = each


def all_rows() -> Iterator[PersonRows]:
    """Upper rungs first, the lead itself last: the order in which rows can be deleted."""
    yield from reversed(_registered.values())


def following(
    model: str, *, lead: str = "lead", once_per: Sequence[str] = (), export: Sequence[str] = ()
) -> PersonRows:
    """Rows that simply belong to the person: they go where the person goes.

    `once_per` names the fields that with the lead are unique: a row of which the other person has one already stays.
    """

    def rows(person: int) -> models.QuerySet[Any]:
        return apps.get_model(model)._base_manager.filter(**{lead: person})

    def move(source: int, target: int, now: datetime) -> list[Any]:
        taken = set(rows(target).values_list(*once_per)) if once_per else set()
        moving = [
            row["pk"]
            for row in rows(source).values("pk", *once_per)
            if not once_per or tuple(row[field] for field in once_per) not in taken
        ]
        rows(source).filter(pk__in=moving).update(**{lead: target})
        return moving

    def move_back(moved: list[Any], source: int, target: int, now: datetime) -> None:
        rows(target).filter(pk__in=moved).update(**{lead: source})

    return PersonRows(model, _eraser(model, lead), move, move_back, _exporter(model, lead, export))


def staying(model: str, *, lead: str = "lead", export: Sequence[str] = ()) -> PersonRows:
    """Rows that tell the story of one record (its changes, its steps) and mean nothing on another: never moved."""
    return PersonRows(model, _eraser(model, lead), export=_exporter(model, lead, export))


def computed(model: str, *, lead: str = "lead") -> PersonRows:
    """Rows that are made again from others (scores, memberships): erased, never moved or handed out."""
    return PersonRows(model, _eraser(model, lead))


def through(model: str, *, lead: str, export: Sequence[str] = ()) -> PersonRows:
    """Rows that hang on rows of another registered model (`lead="handoff__lead"`) and go where those go."""
    return staying(model, lead=lead, export=export)


def _eraser(model: str, lead: str) -> Callable[[int, datetime], int]:
    def erase(person: int, now: datetime) -> int:
        rows = apps.get_model(model)._base_manager.filter(**{lead: person})
        count = rows.count()
        rows.delete()
        return count

    return erase


def _exporter(model: str, lead: str, fields: Sequence[str]) -> Callable[[int], Rows]:
    def export(person: int) -> Rows:
        if not fields:
            return []
        rows = apps.get_model(model)._base_manager.filter(**{lead: person}).order_by("pk")
        return list(rows.values(*fields))

    return export


def unregistered_models() -> list[str]:
    """Models with a path of foreign keys to a lead that nobody registered, by name."""
    return sorted(
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        if leads_to_a_person(model, set()) and model._meta.label_lower not in _registered
    )


def leads_to_a_person(model: type[models.Model], seen: set[type[models.Model]]) -> bool:
    if model is Lead:
        return True
    if model in seen:
        return False
    seen.add(model)
    return any(
        leads_to_a_person(field.related_model, seen)
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and isinstance(field.related_model, type)
    )


def move_all(source: int, target: int, *, now: datetime) -> dict[str, Any]:
    """Moves every app's rows; keep the answer, it is what `move_all_back` needs. Call inside a transaction."""
    _lock()
    return {rows.model: rows.move(source, target, now) for rows in all_rows()}


def move_all_back(moved: dict[str, Any], source: int, target: int, *, now: datetime) -> None:
    _lock()
    for rows in all_rows():
        if moved.get(rows.model) is not None:
            rows.move_back(moved[rows.model], source, target, now)


def erase_all(lead: int, *, now: datetime) -> dict[str, int]:
    """Deletes every row about the person, the lead last; how many of each model. Call inside a transaction."""
    _lock()
    return {rows.model: rows.erase(lead, now) for rows in all_rows()}


def _lock() -> None:
    """Before the first row: upper rungs come first and change owners, which asks for the ledger with leads held."""
    lock_alone(Lock.PEOPLE)
    lock_shared(Lock.LEDGER)


def export_all(lead: int) -> dict[str, Rows]:
    return {rows.model: found for rows in all_rows() if (found := rows.export(lead))}
