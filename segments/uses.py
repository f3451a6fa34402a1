"""What a segment is used for: the apps above say so themselves, by a finder each."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Value
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from segments.models import Segment, SegmentState


@dataclass(frozen=True, slots=True)
class Use:
    """A thing that asks the segment; `live` things are at work now, and a retired segment would fail them."""

    kind: str | Promise
    name: str
    live: bool
    url: tuple[str, Any] | None = None  # name of the page and its pk


Finder = Callable[[Collection[int]], Mapping[int, list[Use]]]
_FINDERS: dict[str, Finder] = {}


def register(name: str, finder: Finder) -> None:
    _FINDERS[name] = finder


def uses(segments: Collection[int], rows: Iterable[Segment] | None = None) -> dict[int, list[Use]]:
    """Live ones first; a query per finder, however many segments. `rows`: all segments, where they are at hand."""
    found: dict[int, list[Use]] = defaultdict(list)
    for more in (
        _asking_segments(segments, Segment.objects.all() if rows is None else rows),
        _pointing_rows(segments),
        *(finder(segments) for finder in _FINDERS.values()),
    ):
        for segment, those in more.items():
            found[segment] += those
    return {segment: sorted(those, key=lambda use: not use.live) for segment, those in found.items()}


def _asking_segments(segments: Collection[int], rows: Iterable[Segment]) -> Mapping[int, list[Use]]:
    found: dict[int, list[Use]] = defaultdict(list)
    for row in rows:
        if row.state == SegmentState.ARCHIVED:
            continue
        for asked in named_in(row.condition) & set(segments):
            use = Use(_("segment"), row.name, row.state == SegmentState.LIVE, ("segments:segment", row.pk))
            found[asked].append(use)
    return found


def named_in(tree: Any) -> set[int]:
    """Segments that a stored tree names, without looking anything up."""
    if isinstance(tree, list):
        return set().union(*map(named_in, tree))
    if not isinstance(tree, dict):
        return set()
    own = {tree["segment"]} if isinstance(tree.get("segment"), int) else set()
    return own.union(*(named_in(tree[word]) for word in ("all", "any", "not") if word in tree))


# Definitions that are over, by the word of whoever defines them.
OVER = {"retired", "archived"}


def _pointing_rows(segments: Collection[int]) -> Mapping[int, list[Use]]:
    """Rows of the apps above that name a segment by a foreign key, in one query: maps, policies, whatever comes."""
    found: dict[int, list[Use]] = defaultdict(list)
    models = {model._meta.label: model for model, _field in _pointing()}
    parts = [
        model._default_manager.filter(**{f"{name}__in": segments})
        .exclude(state__in=OVER)
        .order_by()
        .annotate(label=Value(model._meta.label, CharField()))
        .values_list("label", "pk", f"{name}_id", "name", "state")
        for model, name in _pointing()
    ]
    if not parts:
        return found
    for label, pk, segment, name, state in parts[0].union(*parts[1:], all=True):
        page = PAGES.get(label)
        kind = models[label]._meta.verbose_name
        found[segment].append(Use(kind, name, state == "live", (page, pk) if page else None))
    return found


def _pointing() -> list[tuple[Any, str]]:
    """(model, name of its foreign key) for everything with a name and a state."""
    found = []
    for relation in Segment._meta.related_objects:
        model: Any = relation.related_model
        names = {field.name for field in model._meta.fields}
        if model._meta.app_label != Segment._meta.app_label and {"name", "state"} <= names:
            found.append((model, relation.field.name))
    return found


# The pages of the apps above, by name only.
PAGES = {"journeys.JourneyMap": "journeys:map", "handoff.HandoffPolicy": "handoff:policy"}
