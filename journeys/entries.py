"""What an entry condition may ask: anything but a stage, for it decides the stage."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from journeys.condition_fields import STAGE
from journeys.models import JourneyMap, Stage
from leadqual.common.errors import LeadqualError
from segments.conditions import Condition, parse, parse_stored, to_json, trees_for
from segments.conditions.asking import Trees, all_segments_asked
from segments.conditions.nodes import Compare, InSegment, joined, walk
from segments.models import Segment


def checked_entry(tree: Any, *, place: str = "entry") -> dict[str, Any]:
    """The condition as it is stored; LeadqualError names the faulty node."""
    condition = parse(tree, place=place)
    for where in stages_asked(condition, trees_for(condition), place):
        raise LeadqualError("asks_stage", _("what decides the stage cannot ask for a stage"), where)
    return to_json(condition)


def checked_segment(segment: Segment, *, place: str = "segment") -> None:
    """The map of a segment that asks for a stage would wait for itself."""
    own: Condition = InSegment(segment.pk)
    if asks_stage(own, trees_for(own)):
        message = _("the segment “%s” asks for a stage, so no map can be drawn for it")
        raise LeadqualError("asks_stage", message % segment, place)


def stages_asked(condition: Condition, trees: Trees, place: str = "") -> Iterator[str]:
    """The places at which a condition asks for a stage, itself or through a segment."""
    for where, node in walk(condition, place):
        if isinstance(node, Compare) and node.ask.key == STAGE:
            yield joined(where, "field")
        if isinstance(node, InSegment) and asks_stage(node, trees):
            yield joined(where, "segment")


def asks_stage(condition: Condition, trees: Trees) -> bool:
    deeper = [trees[segment] for segment in all_segments_asked(condition, trees)]
    nodes = [node for tree in (condition, *deeper) for _place, node in walk(tree)]
    return any(isinstance(node, Compare) and node.ask.key == STAGE for node in nodes)


def map_asking(segment: int) -> JourneyMap | None:
    """A map, live or to come, whose stages depend on the segment."""
    maps = JourneyMap.objects.current().order_by("pk")
    if found := maps.filter(segment=segment).first():
        return found
    entries = dict(Stage.objects.filter(map__in=maps).exclude(entry=None).values_list("pk", "entry"))
    conditions = parse_stored(entries)
    own: list[Condition] = [InSegment(each) for each in maps.values_list("segment", flat=True)]
    trees = trees_for(*conditions.values(), *own)
    for each in maps:
        asked = all_segments_asked(InSegment(each.segment_id), trees)
        for stage in each.stages.exclude(entry=None):
            asked |= all_segments_asked(conditions[stage.pk], trees)
        if segment in asked:
            return each
    return None
