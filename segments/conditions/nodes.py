"""What a condition is made of. Immutable; made only by `parsing.py`, read by the readers beside it.

As JSON: `{"all": [...]}`, `{"any": [...]}`, `{"not": ...}`, `{"segment": 7}`,
`{"field": "company.industry", "op": "is", "value": "it"}`,
`{"activity": "download", "where": {"url": "/pricing*"}, "op": "at_least", "count": 2, "within_days": 30}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic.dataclasses import dataclass

from segments.conditions.kinds import Kind
from segments.conditions.wheres import Where


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; without parts it describes everybody."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


@dataclass(frozen=True, slots=True)
class Ask:
    """A field, with what must be said to find its value (a stage is asked with its map)."""

    key: str
    kind: Kind
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Compare:
    """A field and an operator; `value` is in the compared form: folded text, numbers, day numbers, tuples of these.

    `shown` is the value as written, for sentences and for writing the condition back.
    """

    ask: Ask
    op: str
    value: Any = None
    shown: Any = None


@dataclass(frozen=True, slots=True)
class Acts:
    """How often the lead did something: own acts only, machines left out, at ages 0 .. within_days - 1."""

    activity: str
    where: Where
    op: str
    count: int
    within_days: int | None = None


@dataclass(frozen=True, slots=True)
class InSegment:
    segment: int


Condition = All | AnyOf | Not | Compare | Acts | InSegment


def walk(condition: Condition, place: str = "") -> Iterator[tuple[str, Condition]]:
    """Every node with its path, the whole first."""
    yield place, condition
    match condition:
        case All(parts) | AnyOf(parts):
            word = "all" if isinstance(condition, All) else "any"
            for number, part in enumerate(parts):
                yield from walk(part, joined(place, f"{word}[{number}]"))
        case Not(part):
            yield from walk(part, joined(place, "not"))


def joined(place: str, step: str) -> str:
    return f"{place}.{step}" if place else step


def to_json(condition: Condition, *, pinned: bool = False) -> dict[str, Any]:
    """The tree as `parse` takes it; `pinned` also writes what a parse would look up, for frozen models."""
    match condition:
        case All(parts):
            return {"all": [to_json(part, pinned=pinned) for part in parts]}
        case AnyOf(parts):
            return {"any": [to_json(part, pinned=pinned) for part in parts]}
        case Not(part):
            return {"not": to_json(part, pinned=pinned)}
        case InSegment(segment):
            return {"segment": segment}
        case Acts():
            return _acts_json(condition)
        case _:
            return _compare_json(condition, pinned)


def _acts_json(acts: Acts) -> dict[str, Any]:
    tree: dict[str, Any] = {"activity": acts.activity}
    if acts.where.tests:
        tree["where"] = acts.where.to_json()
    tree["op"] = acts.op
    if acts.op != "none":
        tree["count"] = acts.count
    if acts.within_days is not None:
        tree["within_days"] = acts.within_days
    return tree


def _compare_json(compare: Compare, pinned: bool) -> dict[str, Any]:
    tree: dict[str, Any] = {"field": compare.ask.key, **dict(compare.ask.params), "op": compare.op}
    if compare.shown is not None:
        shown = compare.shown
        tree["value"] = list(shown) if isinstance(shown, tuple) else shown
    if pinned:
        tree["kind"] = str(compare.ask.kind)
    return tree
