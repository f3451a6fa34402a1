"""Segments in the order in which they can be answered: asked ones before those that ask them."""

from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from segments.conditions import Condition, parse_stored, segments_asked
from segments.models import Segment, SegmentState


@dataclass(frozen=True, slots=True)
class Ordered:
    """`levels`: lists of segment ids; those of one level ask only segments of earlier ones."""

    trees: dict[int, Condition]
    levels: list[list[int]]


def in_order(segments: Iterable[Segment] | None = None) -> Ordered:
    """These segments (None: all live ones) and every segment that they ask."""
    asked = Segment.objects.filter(state=SegmentState.LIVE) if segments is None else segments
    wanted = {segment.pk for segment in asked}
    trees: dict[int, Condition] = {}
    while wanted:
        trees |= _trees(wanted)
        wanted = set().union(*map(segments_asked, trees.values())) - set(trees)
    return Ordered(trees, _levels(trees))


def _trees(ids: set[int]) -> dict[int, Condition]:
    rows = {segment.pk: segment for segment in Segment.objects.filter(pk__in=ids)}
    if missing := ids - set(rows):
        raise LeadqualError("unknown_segment", _("there is no segment “%s”") % min(missing))
    parsed = parse_stored({segment.name: segment.condition for segment in rows.values()})
    return {pk: parsed[segment.name] for pk, segment in rows.items()}


def _levels(trees: dict[int, Condition]) -> list[list[int]]:
    sorter = TopologicalSorter({pk: segments_asked(tree) for pk, tree in trees.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        raise LeadqualError(
            "segment_cycle", _("the segment contains itself"), str(error.args[1][0])
        ) from error
    levels = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        levels.append(ready)
        sorter.done(*ready)
    return levels


def asking_these(segments: set[int]) -> set[int]:
    """Live segments that ask these, directly or through others; not these themselves."""
    rows = Segment.objects.filter(state=SegmentState.LIVE).values_list("pk", "condition")
    asked = {pk: segments_asked(tree) for pk, tree in parse_stored(dict(rows)).items()}
    found: set[int] = set()
    while more := {pk for pk, those in asked.items() if those & (segments | found)} - found - segments:
        found |= more
    return found
