"""A map as it hangs on the wall: stages side by side, under each what meets the customer there, with its numbers."""

from collections.abc import Collection
from dataclasses import dataclass, field

from journeys.counts import Passed, StageCount, passed, stage_counts
from journeys.feeling import Curve, curves
from journeys.gaps import Gap, gaps
from journeys.models import JourneyMap, Stage
from journeys.picture import Picture, Spot, pictures
from leadqual.common import clock
from segments.conditions import parse_stored, sentences


@dataclass(frozen=True, slots=True)
class Cell:
    """A touchpoint with its number within the stage; `passed` is None where no act is bound to it."""

    number: int
    spot: Spot
    passed: Passed | None
    gaps: list[Gap] = field(default_factory=list)

    @property
    def unanswered(self) -> list[Gap]:
        return [gap for gap in self.gaps if gap.kind == "no_answer"]

    @property
    def expired(self) -> list[Gap]:
        return [gap for gap in self.gaps if gap.kind == "expired"]


@dataclass(frozen=True, slots=True)
class Column:
    stage: Stage
    count: StageCount
    entry: str  # in words; empty for the first stage
    cells: list[Cell]
    curve: Curve
    gaps: list[Gap]

    def of(self, kind: str) -> list[Gap]:
        return [gap for gap in self.gaps if gap.kind == kind]

    @property
    def nobody(self) -> list[Gap]:
        return self.of("nobody")

    @property
    def empty(self) -> list[Gap]:
        return self.of("no_touchpoint")

    @property
    def no_content(self) -> list[Gap]:
        return self.of("no_content")


@dataclass(frozen=True, slots=True)
class Wall:
    columns: list[Column]
    gaps: list[Gap]
    day: int
    segment: str  # the segment's condition in words

    @property
    def leads(self) -> int:
        return sum(column.count.leads for column in self.columns)

    @property
    def of_map(self) -> list[Gap]:
        return [gap for gap in self.gaps if gap.stage is None]


def hang(each: JourneyMap, *, today: int) -> Wall:
    """As of the day at which the leads stand; at most eight queries, however much stands on the map."""
    day = today if each.placed_day is None else each.placed_day
    stages = list(Stage.objects.filter(map__name=each.name).order_by("order", "pk"))
    own = [stage for stage in stages if stage.map_id == each.pk]
    (drawn,) = pictures([each], own)
    # A draft shows how many stand in the stages that it shares with the live version.
    counts = stage_counts(each, stages)
    bound = {spot.touchpoint.pk: [kind.pk for kind in spot.types] for spot in drawn.all_spots()}
    found = gaps(drawn, counts, on=clock.date_of(max(day, today)))
    words = _words(each, own)
    return Wall(
        _columns(drawn, counts, passed(each, bound, day=day), found, words), found, day, words["segment"]
    )


def _words(each: JourneyMap, stages: list[Stage]) -> dict[int | str, str]:
    trees: dict[int | str, object] = {stage.pk: stage.entry for stage in stages if stage.entry}
    conditions = parse_stored(trees | {"segment": each.segment.condition})
    return dict(zip(conditions, sentences(list(conditions.values())), strict=True))


def _columns(
    drawn: Picture,
    counts: dict[int, StageCount],
    passing: dict[int, Passed],
    found: Collection[Gap],
    words: dict[int | str, str],
) -> list[Column]:
    levels = [[spot.touchpoint.feeling_level for spot in drawn.spots[stage.pk]] for stage in drawn.stages]
    columns = []
    for stage, curve in zip(drawn.stages, curves(levels), strict=True):
        cells = [
            Cell(
                number,
                spot,
                passing.get(spot.touchpoint.pk),
                [gap for gap in found if gap.touchpoint == spot.touchpoint.pk],
            )
            for number, spot in enumerate(drawn.spots[stage.pk], start=1)
        ]
        own = [gap for gap in found if gap.stage == stage.pk and gap.touchpoint is None]
        columns.append(Column(stage, counts[stage.pk], words.get(stage.pk, ""), cells, curve, own))
    return columns
