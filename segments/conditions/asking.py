"""What a condition asks: fields, activity types, segments; and its form without segments."""

from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from segments.conditions import fields
from segments.conditions.nodes import Acts, All, AnyOf, Compare, Condition, InSegment, Not, joined, walk
from segments.conditions.parsing import parse_stored
from segments.models import Segment

Trees = Mapping[int, Condition]
MAX_EXPANDED = 2000
COMPANY = "company."


def fields_asked(condition: Condition) -> set[str]:
    return {node.ask.key for _place, node in walk(condition) if isinstance(node, Compare)}


def asks_any(asked: Collection[str], changed: Collection[str]) -> bool:
    """Whether a condition that asks some fields can answer otherwise once others have changed.

    Another employer (`company`) changes everything that is asked of companies.
    """
    if "company" in changed and any(field.startswith(COMPANY) for field in asked):
        return True
    return not set(asked).isdisjoint(changed)


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
    return _Expansion(trees_for(condition) if trees is None else trees).of(condition, (), "")


class _Expansion:
    """Counts what it makes: segments that ask two segments that ask two others double at every level."""

    def __init__(self, trees: Trees) -> None:
        self.trees = trees
        self.nodes = 0

    def of(self, condition: Condition, inside: tuple[int, ...], place: str) -> Condition:
        self.nodes += 1
        if self.nodes > MAX_EXPANDED:
            raise LeadqualError(
                "too_many_nodes", _("together with its segments the condition is too large"), place
            )
        match condition:
            case All(parts):
                return All(self._parts(parts, inside, place, "all"))
            case AnyOf(parts):
                return AnyOf(self._parts(parts, inside, place, "any"))
            case Not(part):
                return Not(self.of(part, inside, joined(place, "not")))
            case InSegment(segment):
                return self._segment(segment, inside, joined(place, "segment"))
        return condition

    def _parts(
        self, parts: tuple[Condition, ...], inside: tuple[int, ...], place: str, word: str
    ) -> tuple[Condition, ...]:
        return tuple(self.of(part, inside, joined(place, f"{word}[{n}]")) for n, part in enumerate(parts))

    def _segment(self, segment: int, inside: tuple[int, ...], place: str) -> Condition:
        if segment in inside:
            raise LeadqualError("segment_cycle", _("the segment contains itself"), place)
        if segment not in self.trees:
            raise LeadqualError("unknown_segment", _("there is no segment “%s”") % segment, place)
        return self.of(self.trees[segment], (*inside, segment), place)


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
