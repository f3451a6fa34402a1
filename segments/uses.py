"""What a segment is used for: the apps above say so themselves, by a finder each."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from segments.conditions import parse_stored, segments_asked
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


def uses(segments: Collection[int]) -> dict[int, list[Use]]:
    """Live ones first; a query or two per kind of thing, however many segments."""
    found: dict[int, list[Use]] = defaultdict(list)
    for finder in (_asking_segments, _pointing_rows, *_FINDERS.values()):
        for segment, those in finder(segments).items():
            found[segment] += those
    return {segment: sorted(those, key=lambda use: not use.live) for segment, those in found.items()}


def _asking_segments(segments: Collection[int]) -> Mapping[int, list[Use]]:
    rows = Segment.objects.exclude(state=SegmentState.ARCHIVED).only("name", "condition", "state")
    by_pk = {row.pk: row for row in rows}
    found: dict[int, list[Use]] = defaultdict(list)
    trees = parse_stored({pk: row.condition for pk, row in by_pk.items()})
    for pk, tree in trees.items():
        for asked in segments_asked(tree) & set(segments):
            row = by_pk[pk]
            use = Use(_("segment"), row.name, row.state == SegmentState.LIVE, ("segments:segment", pk))
            found[asked].append(use)
    return found


# Definitions that are over, by the word of whoever defines them.
OVER = {"retired", "archived"}


def _pointing_rows(segments: Collection[int]) -> Mapping[int, list[Use]]:
    """Rows of the apps above that name a segment by a foreign key: maps, handoff policies, whatever comes."""
    found: dict[int, list[Use]] = defaultdict(list)
    for relation in Segment._meta.related_objects:
        model: Any = relation.related_model
        names = {field.name for field in model._meta.fields}
        if model._meta.app_label == Segment._meta.app_label or not {"name", "state"} <= names:
            continue
        columns = ["pk", relation.field.attname, "name", "state"]
        rows = model.objects.filter(**{f"{relation.field.name}__in": segments}).exclude(state__in=OVER)
        for pk, segment, name, state in rows.values_list(*columns):
            page = PAGES.get(model._meta.label)
            found[segment].append(
                Use(model._meta.verbose_name, name, state == "live", (page, pk) if page else None)
            )
    return found


# The pages of the apps above, by name only.
PAGES = {"journeys.JourneyMap": "journeys:map", "handoff.HandoffPolicy": "handoff:policy"}
