from graphlib import CycleError, TopologicalSorter
from typing import Any

from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.operations.design import trees
from leadqual.operations.design.context import Context
from leadqual.operations.design.problems import Path
from leadqual.operations.design.rows import Change, rename, write_row
from leadqual.operations.design.schema import REQUIRED, Key, mapping, one_of, text
from segments.definition import archive_segment, save_segment
from segments.models import Segment, SegmentState

KEYS = [
    Key("description", text, ""),
    Key("state", one_of(SegmentState.values), SegmentState.LIVE.value),
    Key("condition", mapping, REQUIRED),
    Key("renamed_from", text, ""),
]


def in_order(context: Context, specs: dict[str, dict[str, Any]], path: Path) -> list[str]:
    """Asked segments before those that ask them; a circle in the file is noted, and its segments left out."""
    graph = {name: trees.segment_names(spec["condition"]) & specs.keys() for name, spec in specs.items()}
    while True:
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            circle = error.args[1]
            message = _("the segment contains itself: %s") % " → ".join(reversed(circle))
            context.problems.add("cycle", (*path, circle[-1], "condition"), message)
            for name in circle:
                context.broken.add((trees.SECTION, name))
            graph = {name: asked - {*circle} for name, asked in graph.items() if name not in circle}


def load(context: Context, name: str, spec: dict[str, Any], path: Path) -> Change:
    segment = rename(Segment, name, spec["renamed_from"])
    tree = trees.read_tree(spec["condition"], context, "condition")
    wanted = (name, tree, spec["description"], spec["state"])
    if segment.pk and (segment.name, segment.condition, segment.description, segment.state) == wanted:
        return Change.UNCHANGED
    if segment.pk and segment.name != name:
        write_row(segment, {"name": name})
    known = segment.pk is not None
    if known and segment.condition != tree:
        context.segments_changed.add(segment.pk)
    save_segment(name, tree, description=spec["description"], state=spec["state"], now=context.now)
    return Change.UPDATED if known else Change.CREATED


def dump() -> dict[str, dict[str, Any]]:
    segments = list(Segment.objects.order_by("pk"))
    names = {segment.pk: segment.name for segment in segments}
    return {
        segment.name: {
            "description": segment.description,
            "state": segment.state,
            "condition": trees.with_names(segment.condition, names),
        }
        for segment in segments
    }


def prune(named: set[str]) -> dict[str, Change]:
    """A segment is archived, not deleted: its members of old, models and policies still speak of it."""
    unnamed = Segment.objects.exclude(name__in=named).exclude(state=SegmentState.ARCHIVED)
    changes = {}
    for segment in unnamed:
        archive_segment(segment, now=clock.now())
        changes[segment.name] = Change.REMOVED
    return changes
