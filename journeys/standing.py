"""The maps in force as engines read them: stages in order, with their conditions parsed."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from journeys.models import JourneyMap, Stage
from segments.conditions import Condition, activity_types_asked, fields_asked, parse_stored, segments_asked
from segments.conditions.nodes import InSegment


@dataclass(frozen=True, slots=True)
class Standing:
    """A map with its stages first to last; `entries` are the conditions of the second to the last.

    A rank is the place of a stage counted from 1; 0 is not to be on the map.
    """

    pk: int
    name: str
    segment: int
    may_regress: bool
    placed_day: int | None
    stages: tuple[int, ...]
    keys: tuple[str, ...]
    entries: tuple[Condition, ...]

    def rank(self, stage: int) -> int:
        return self.stages.index(stage) + 1

    def stage(self, rank: int) -> int | None:
        return self.stages[rank - 1] if rank else None

    def asks(self) -> set[str]:
        """Fields."""
        return {field for entry in self.entries for field in fields_asked(entry)}

    def asks_segments(self) -> set[int]:
        """Also its own."""
        return {self.segment}.union(*map(segments_asked, self.entries))

    def asks_acts(self) -> bool:
        return any(activity_types_asked(entry) for entry in self.entries)

    def conditions(self) -> list[Condition]:
        return [*self.entries, InSegment(self.segment)]


def in_force(maps: Iterable[JourneyMap] | None = None) -> list[Standing]:
    """All live maps, or these; two queries, and one for the custom fields that they ask."""
    rows: Iterable[JourneyMap] = JourneyMap.objects.live().order_by("pk") if maps is None else maps
    return _standing(list(rows))


def _standing(maps: list[JourneyMap]) -> list[Standing]:
    if not maps:
        return []
    stages: dict[int, list[Stage]] = {each.pk: [] for each in maps}
    rows: QuerySet[Stage] = Stage.objects.filter(map__in=maps).order_by("map", "order", "pk")
    for stage in rows:
        stages[stage.map_id].append(stage)
    entries = parse_stored({s.pk: s.entry for own in stages.values() for s in own[1:]})
    return [
        Standing(
            each.pk,
            each.name,
            each.segment_id,
            each.may_regress,
            each.placed_day,
            tuple(stage.pk for stage in stages[each.pk]),
            tuple(stage.key for stage in stages[each.pk]),
            tuple(entries[stage.pk] for stage in stages[each.pk][1:]),
        )
        for each in maps
    ]
