"""Everything that stands on a map, read in as few queries as a page can spend."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from journeys.models import Content, JourneyMap, Stage, Touchpoint
from leadqual.leads.models import ActivityType

OWN = (
    "pk", "stage_id", "position", "action", "channel", "question", "feeling", "feeling_level", "strength", "owner",
)  # fmt: skip
CONTENT = ("pk", "title", "link", "reference", "owner", "expires_on")
TYPE = ("pk", "key", "label")


@dataclass(slots=True)
class Spot:
    """A touchpoint with the contents handed out there and the types of acts that happen there."""

    touchpoint: Touchpoint
    contents: list[Content] = field(default_factory=list)
    types: list[ActivityType] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Picture:
    """Stages first to last; touchpoints by the stage they stand in."""

    map: JourneyMap
    stages: list[Stage]
    spots: dict[int, list[Spot]]

    def all_spots(self) -> list[Spot]:
        return [spot for stage in self.stages for spot in self.spots.get(stage.pk, [])]


def pictures(maps: Collection[JourneyMap], stages: Collection[Stage] | None = None) -> list[Picture]:
    """Two queries for however many maps; one where their stages are known."""
    ids = [each.pk for each in maps]
    known = Stage.objects.filter(map__in=ids) if stages is None else stages
    by_map: dict[int, list[Stage]] = defaultdict(list)
    for stage in sorted(known, key=lambda stage: (stage.order, stage.pk)):
        by_map[stage.map_id].append(stage)
    spots = _spots(ids) if ids else {}
    return [
        Picture(each, by_map[each.pk], {s.pk: spots.get(s.pk, []) for s in by_map[each.pk]}) for each in maps
    ]


def _spots(maps: list[int]) -> dict[int, list[Spot]]:
    """One row per touchpoint, content and type: few of each, and one question less than asking for them apart."""
    rows = Touchpoint.objects.filter(stage__map__in=maps).order_by(
        "stage", "position", "pk", "given__content__title", "bound__activity_type__label"
    )
    asked = (
        *OWN,
        *(f"given__content__{name}" for name in CONTENT),
        *(f"bound__activity_type__{name}" for name in TYPE),
    )
    found: dict[int, Spot] = {}
    for row in rows.values_list(*asked):
        own, content, kind = row[: len(OWN)], row[len(OWN) : -len(TYPE)], row[-len(TYPE) :]
        spot = found.setdefault(row[0], Spot(Touchpoint(**dict(zip(OWN, own, strict=True)))))
        _note(spot.contents, Content, CONTENT, content)
        _note(spot.types, ActivityType, TYPE, kind)
    by_stage: dict[int, list[Spot]] = defaultdict(list)
    for spot in found.values():
        by_stage[spot.touchpoint.stage_id].append(spot)
    return by_stage


def _note(rows: list[Any], model: type[Any], names: tuple[str, ...], values: tuple[Any, ...]) -> None:
    if values[0] is not None and all(row.pk != values[0] for row in rows):
        rows.append(model(**dict(zip(names, values, strict=True))))
