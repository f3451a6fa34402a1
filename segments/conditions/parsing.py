"""From JSON to nodes. The first fault is told with its exact path, and nothing is believed before it was looked at."""

import json
import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.leads.models import ActivityType
from segments.conditions import fields
from segments.conditions.acts import ACTS_OPERATORS
from segments.conditions.kinds import Kind
from segments.conditions.nodes import Acts, All, AnyOf, Ask, Compare, Condition, InSegment, Not, joined
from segments.conditions.operators import OPERATORS, Operator, Shape
from segments.conditions.values import MAX_DAYS, clean_value, whole
from segments.conditions.wheres import parse_where
from segments.models import Segment

MAX_DEPTH = 20
MAX_NODES = 200
MAX_BYTES = 32 * 1024
MAX_COUNT = 10_000
UNSENDABLE = re.compile(r"[\x00\ud800-\udfff]")

FORMS = ("all", "any", "not", "field", "activity", "segment")
K = TypeVar("K", bound=Hashable)


@dataclass(slots=True)
class Names:
    """What the names in a tree stand for, looked up once for all of it; None: checked when the tree was saved.

    `pinned`: the tree itself says of which kind its fields are.
    """

    known: dict[str, fields.Field] = field(default_factory=dict)
    activities: dict[str, frozenset[str]] | None = None
    segments: dict[int | str, int] | None = None
    pinned: bool = False


def parse(tree: Any, *, place: str = "") -> Condition:
    """The condition, or a LeadqualError whose place is the path of the first fault, after `place`."""
    asked = _Asked()
    asked.look(tree, place)
    _check_size(tree, place)
    return _Reader(asked.names()).read(tree, place)


def parse_stored(trees: Mapping[K, Any]) -> dict[K, Condition]:
    """Trees that were checked when they were saved: one query for the custom fields of them all, or none."""
    asked = _Asked()
    for key, tree in trees.items():
        asked.look(tree, str(key))
    reader = _Reader(Names(fields.find(asked.fields)))
    return {key: reader.read(tree, str(key)) for key, tree in trees.items()}


def parse_frozen(tree: Any, *, place: str = "") -> Condition:
    """A tree written with `to_json(..., pinned=True)`: no query, and later edits of fields change nothing."""
    _Asked().look(tree, place)
    return _Reader(Names(pinned=True)).read(tree, place)


def _check_size(tree: Any, place: str) -> None:
    try:
        size = len(json.dumps(tree, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass"))
    except (TypeError, ValueError, RecursionError) as error:
        raise LeadqualError("bad_condition", _("is not a condition"), place) from error
    if size > MAX_BYTES:
        raise LeadqualError(
            "too_large", _("the condition is larger than %d KiB") % (MAX_BYTES // 1024), place
        )


class _Asked:
    """First pass: bounds depth and number of nodes, gathers the names to look up; faults are left to the second."""

    def __init__(self) -> None:
        self.fields: set[str] = set()
        self.activities: set[str] = set()
        self.segments: set[int | str] = set()
        self.nodes = 0

    def look(self, tree: Any, place: str) -> None:
        self.nodes = 0
        self._look(tree, place, 1)

    def _look(self, tree: Any, place: str, depth: int) -> None:
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise LeadqualError(
                "too_deep", _("conditions can be nested %d levels deep at most") % MAX_DEPTH, place
            )
        if self.nodes > MAX_NODES:
            raise LeadqualError(
                "too_many_nodes", _("a condition can have %d parts at most") % MAX_NODES, place
            )
        if not isinstance(tree, Mapping):
            return
        for word in ("all", "any"):
            parts = tree.get(word)
            for number, part in enumerate(parts if isinstance(parts, list | tuple) else ()):
                self._look(part, joined(place, f"{word}[{number}]"), depth + 1)
        if "not" in tree:
            self._look(tree["not"], joined(place, "not"), depth + 1)
        self._note(tree)

    def _note(self, tree: Mapping[Any, Any]) -> None:
        if isinstance(key := tree.get("field"), str):
            self.fields.add(key)
        if isinstance(key := tree.get("activity"), str):
            self.activities.add(key)
        segment = tree.get("segment")
        if isinstance(segment, int | str) and not isinstance(segment, bool):
            self.segments.add(segment)

    def names(self) -> Names:
        activities: dict[str, frozenset[str]] = {}
        if self.activities:
            rows = ActivityType.objects.filter(key__in=_sound(self.activities))
            activities = {
                key: frozenset(declared) for key, declared in rows.values_list("key", "declared_attributes")
            }
        return Names(fields.find(_sound(self.fields)), activities, self._segment_ids())

    def _segment_ids(self) -> dict[int | str, int]:
        numbers = {s for s in self.segments if isinstance(s, int) and 0 < s < 2**63}
        texts = _sound(s for s in self.segments if isinstance(s, str))
        found: dict[int | str, int] = {}
        if numbers:
            found |= {pk: pk for pk in Segment.objects.filter(pk__in=numbers).values_list("pk", flat=True)}
        if texts:
            found |= dict(Segment.objects.filter(name__in=texts).values_list("name", "pk"))
        return found


def _sound(names: Iterable[str]) -> set[str]:
    """Names that can be sent to a database."""
    return {name for name in names if len(name) <= 200 and not UNSENDABLE.search(name)}


class _Reader:
    """Second pass: makes the nodes."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def read(self, tree: Any, place: str) -> Condition:
        form = _form(tree, place)
        here = joined(place, form)
        match form:
            case "all" | "any":
                return self._join(form, tree[form], here)
            case "not":
                return Not(self.read(tree["not"], here))
            case "segment":
                return self._segment(tree["segment"], here)
            case "activity":
                return self._acts(tree, place)
        return self._compare(tree, place)

    def _join(self, form: str, parts: Any, place: str) -> Condition:
        if not isinstance(parts, list | tuple):
            raise LeadqualError("bad_condition", _("must be a list of conditions"), place)
        if form == "any" and not parts:
            raise LeadqualError("bad_condition", _("must not be empty"), place)
        read = tuple(self.read(part, f"{place}[{number}]") for number, part in enumerate(parts))
        return All(read) if form == "all" else AnyOf(read)

    def _segment(self, raw: Any, place: str) -> Condition:
        if isinstance(raw, bool) or not isinstance(raw, int | str):
            raise LeadqualError("bad_value", _("must be the number or the name of a segment"), place)
        if self.names.segments is None:
            return InSegment(whole(raw, place, 1, 2**63 - 1))
        if raw not in self.names.segments:
            raise LeadqualError("unknown_segment", _("there is no segment “%s”") % str(raw)[:200], place)
        return InSegment(self.names.segments[raw])

    def _acts(self, tree: Mapping[str, Any], place: str) -> Condition:
        _only(tree, {"activity", "where", "op", "count", "within_days"}, place)
        activity = tree["activity"]
        here = joined(place, "activity")
        if not isinstance(activity, str):
            raise LeadqualError("bad_value", _("must be the key of an activity type"), here)
        known = self.names.activities
        if known is not None and activity not in known:
            raise LeadqualError(
                "unknown_activity", _("there is no activity type “%s”") % activity[:200], here
            )
        declared = None if known is None else known[activity]
        where = parse_where(tree.get("where"), place=joined(place, "where"), declared=declared)
        op = _listed(tree.get("op", "at_least"), ACTS_OPERATORS, joined(place, "op"))
        operator = ACTS_OPERATORS[op]
        if not operator.takes_count and "count" in tree:
            raise LeadqualError("bad_value", _("this operator takes no value"), joined(place, "count"))
        count = whole(tree.get("count", 1), joined(place, "count"), operator.least_count, MAX_COUNT)
        within = tree.get("within_days")
        if within is not None:
            within = whole(within, joined(place, "within_days"), 1, MAX_DAYS)
        return Acts(activity, where, op, count if operator.takes_count else 0, within)

    def _compare(self, tree: Mapping[str, Any], place: str) -> Condition:
        found = self._field(tree, place)
        _only(tree, {"field", "op", "value", "kind" if self.names.pinned else "field", *found.params}, place)
        operator = OPERATORS[_listed(tree.get("op"), OPERATORS, joined(place, "op"))]
        if found.kind not in operator.kinds:
            possible = ", ".join(row.key for row in OPERATORS.values() if found.kind in row.kinds)
            message = _("“%(op)s” cannot be asked of this field; possible are: %(possible)s")
            raise LeadqualError(
                "bad_operator", message % {"op": operator.key, "possible": possible}, joined(place, "op")
            )
        compared, shown = self._value(found, operator, tree, place)
        params = tuple((name, _param(tree, name, place)) for name in found.params)
        return Compare(Ask(found.key, found.kind, params), operator.key, compared, shown)

    def _value(
        self, found: fields.Field, operator: Operator, tree: Mapping[str, Any], place: str
    ) -> tuple[Any, Any]:
        here = joined(place, "value")
        if operator.shape is not Shape.NOTHING and tree.get("value") is None:
            raise LeadqualError("missing_value", _("a value is missing"), here)
        return clean_value(found, operator, tree.get("value"), here, any_choice=self.names.activities is None)

    def _field(self, tree: Mapping[str, Any], place: str) -> fields.Field:
        key, here = tree["field"], joined(place, "field")
        if not isinstance(key, str):
            raise LeadqualError("bad_value", _("must be the key of a field"), here)
        if self.names.pinned:
            try:
                return fields.pinned(key, Kind(tree.get("kind", "")))
            except ValueError as error:
                raise LeadqualError(
                    "bad_value", _("must be a kind of field"), joined(place, "kind")
                ) from error
        if key not in self.names.known:
            raise LeadqualError("unknown_field", _("there is no field “%s”") % key[:200], here)
        return self.names.known[key]


def _form(tree: Any, place: str) -> str:
    if not isinstance(tree, Mapping):
        raise LeadqualError("bad_condition", _("must be an object with one of: %s") % ", ".join(FORMS), place)
    forms = [form for form in FORMS if form in tree]
    if len(forms) != 1:
        raise LeadqualError("bad_condition", _("must be an object with one of: %s") % ", ".join(FORMS), place)
    if forms[0] not in ("field", "activity"):
        _only(tree, {forms[0]}, place)
    return forms[0]


def _only(tree: Mapping[str, Any], known: set[str], place: str) -> None:
    for key in tree:
        if key not in known:
            message = _("is not known here; possible are: %s") % ", ".join(sorted(known))
            raise LeadqualError("unknown_key", message, joined(place, str(key)[:100]))


def _listed(raw: Any, table: Mapping[str, Any], place: str) -> str:
    if not isinstance(raw, str) or raw not in table:
        raise LeadqualError("unknown_operator", _("must be one of: %s") % ", ".join(table), place)
    return raw


def _param(tree: Mapping[str, Any], name: str, place: str) -> str:
    value = tree.get(name)
    if not isinstance(value, str) or not value or len(value) > 200:
        raise LeadqualError("missing_value", _("a value is missing"), joined(place, name))
    return value
