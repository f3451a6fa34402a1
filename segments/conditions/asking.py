"""What a condition asks: fields, activity types, segments; and its form without segments."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from segments.conditions import fields
from segments.conditions.nodes import Acts, All, AnyOf, Compare, Condition, InSegment, Not, joined, walk
from segments.conditions.parsing import parse_stored
from segments.models import Segment

Trees = Mapping[int, Condition]


def fields_asked(condition: Condition) -> set[str]:
    return {node.ask.key for _place, node in walk(condition) if isinstance(node, Compare)}


def activity_types_asked(condition: Condition) -> set[str]:
    return {node.activity for _place, node in walk(condition) if isinstance(node, Acts)}


def segments_asked(condition: Condition) -> set[int]:
    return {node.segment for _place, node in walk(condition) if isinstance(node, InSegment)}


def trees_for(*conditions: Condition) -> dict[int, Condition]:
    """The conditions of all segments that these ask, and of those that they ask; one query per level."""
    found: dict[int, Condition] = {}
    wanted = set().union(*map(segments_asked, conditions))
    while wanted:
        rows = dict(Segment.objects.filter(pk__in=wanted).values_list("pk", "condition"))
        level = parse_stored(rows)
        found |= level
        wanted = set().union(*map(segments_asked, level.values())) - set(found)
    return found


def expand_segments(condition: Condition, trees: Trees | None = None) -> Condition:
    """The condition with every segment replaced by its condition; manual lists are not consulted.

    Without `trees` they are read from the database.
    """
    return _expanded(condition, trees_for(condition) if trees is None else trees, (), "")


def _expanded(condition: Condition, trees: Trees, inside: tuple[int, ...], place: str) -> Condition:
    match condition:
        case All(parts):
            return All(
                tuple(_expanded(p, trees, inside, joined(place, f"all[{n}]")) for n, p in enumerate(parts))
            )
        case AnyOf(parts):
            return AnyOf(
                tuple(_expanded(p, trees, inside, joined(place, f"any[{n}]")) for n, p in enumerate(parts))
            )
        case Not(part):
            return Not(_expanded(part, trees, inside, joined(place, "not")))
        case InSegment(segment):
            here = joined(place, "segment")
            if segment in inside:
                raise LeadqualError("segment_cycle", _("the segment contains itself"), here)
            if segment not in trees:
                raise LeadqualError("unknown_segment", _("there is no segment “%s”") % segment, here)
            return _expanded(trees[segment], trees, (*inside, segment), here)
    return condition


def derived_fields(condition: Condition, trees: Trees | None = None) -> set[str]:
    """Fields that scoring rules may not ask, asked here or in any segment asked."""
    known = trees_for(condition) if trees is None else trees
    keys = set(fields_asked(condition))
    for segment in all_segments_asked(condition, known):
        keys |= fields_asked(known[segment])
    return {key for key, field in fields.find(keys).items() if field.derived}


def all_segments_asked(condition: Condition, trees: Trees) -> set[int]:
    """Transitively."""
    found: set[int] = set()
    wanted = segments_asked(condition)
    while wanted:
        found |= wanted
        wanted = (
            set().union(*(segments_asked(trees[segment]) for segment in wanted if segment in trees)) - found
        )
    return found & set(trees)
