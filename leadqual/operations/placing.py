"""Segments and stages together: a stage is asked of the members of segments, and some segments ask for a stage."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models import Max
from django.utils.translation import gettext as _

from handoff.working_day import working_day
from journeys.entries import asks_stage
from journeys.models import JourneyMap
from journeys.placement import Placed, place
from journeys.standing import in_force
from leadqual.common.progress import Progress
from segments.conditions import trees_for
from segments.conditions.nodes import InSegment
from segments.membership import Refreshed, refresh
from segments.models import Segment, SegmentState


@dataclass(frozen=True, slots=True)
class Everybody:
    refreshed: list[Refreshed]
    placed: list[Placed]


def refresh_and_place(*, day: int, now: datetime, progress: Progress | None = None) -> Everybody:
    """Everybody's segments, then everybody's stages, then the segments that ask for a stage, where one changed."""
    refreshed = refresh(day=day, now=now, progress=partial(progress, _("segments")) if progress else None)
    placed = place(day=day, now=now, progress=partial(progress, _("stages")) if progress else None)
    if any(each.moves for each in placed) and (asking := _asking_for_a_stage()):
        refreshed += refresh(asking, day=day, now=now)
    return Everybody(refreshed, placed)


def place_soon(*, now: datetime) -> list[Placed]:
    """After a map went live or was retired; its segment may be so new that nobody has been looked for yet."""
    used = {segment for each in in_force() for segment in each.asks_segments()}
    stands_at = [
        Segment.objects.aggregate(day=Max("refreshed_day"))["day"],
        JourneyMap.objects.live().aggregate(day=Max("placed_day"))["day"],
    ]
    day = max([working_day(now), *(each for each in stands_at if each is not None)])
    if new := list(Segment.objects.filter(pk__in=used, refreshed_day=None)):
        refresh(new, day=day, now=now)
    return place(day=day, now=now)


def _asking_for_a_stage() -> list[Segment]:
    live = list(Segment.objects.filter(state=SegmentState.LIVE))
    trees = trees_for(*(InSegment(segment.pk) for segment in live))
    return [segment for segment in live if asks_stage(InSegment(segment.pk), trees)]
