"""What a map still lacks, said where it lacks it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from journeys.counts import StageCount, nobody_entered
from journeys.models import JourneyMap, Stage
from journeys.picture import Picture, Spot
from segments.models import Segment, SegmentState


class GapKind(StrEnum):
    NO_TOUCHPOINT = "no_touchpoint"
    NO_CONTENT = "no_content"
    NO_ANSWER = "no_answer"
    EXPIRED = "expired"
    NOBODY = "nobody"
    SEGMENT = "segment"


@dataclass(frozen=True, slots=True)
class Gap:
    """`stage` and `touchpoint` are the ids of where it is; None: of the map as a whole."""

    kind: GapKind
    message: str
    stage: int | None = None
    touchpoint: int | None = None


def segments_without_map() -> QuerySet[Segment]:
    """Live segments for which no map is live."""
    mapped = JourneyMap.objects.live().values("segment")
    return Segment.objects.filter(state=SegmentState.LIVE).exclude(pk__in=mapped).order_by("name")


def gaps(drawn: Picture, counts: dict[int, StageCount] | None = None, *, on: date) -> list[Gap]:
    """No query. Without `counts` nothing is said about leads."""
    found = list(_of_map(drawn.map))
    empty = set(nobody_entered(drawn.map, counts or {}))
    for stage in drawn.stages:
        if stage.pk in empty:
            found.append(Gap(GapKind.NOBODY, _("no lead has reached this stage yet"), stage.pk))
        found += _of_stage(stage, drawn.spots.get(stage.pk, []), on)
    return found


def _of_map(each: JourneyMap) -> Iterator[Gap]:
    if each.segment.state != SegmentState.LIVE:
        yield Gap(GapKind.SEGMENT, _("the segment “%s” is not live") % each.segment)


def _of_stage(stage: Stage, spots: list[Spot], on: date) -> Iterator[Gap]:
    if not spots:
        yield Gap(GapKind.NO_TOUCHPOINT, _("no touchpoint in this stage yet"), stage.pk)
    elif not any(spot.contents for spot in spots):
        yield Gap(GapKind.NO_CONTENT, _("no content for this stage yet"), stage.pk)
    for spot in spots:
        yield from _of_spot(spot, stage, on)


def _of_spot(spot: Spot, stage: Stage, on: date) -> Iterator[Gap]:
    touchpoint = spot.touchpoint
    if touchpoint.question.strip() and not touchpoint.strength.strip() and not spot.contents:
        yield Gap(GapKind.NO_ANSWER, _("nobody answers this question yet"), stage.pk, touchpoint.pk)
    for content in spot.contents:
        if content.expires_on is not None and content.expires_on < on:
            message = _("“%(title)s” was good until %(day)s")
            told = message % {"title": content, "day": date_format(content.expires_on)}
            yield Gap(GapKind.EXPIRED, told, stage.pk, touchpoint.pk)
