"""A map goes live when leads can be placed on it; it may still have gaps, which the page points out."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from journeys.answering import MOST_STAGES
from journeys.drawing import note
from journeys.entries import checked_entry, checked_segment
from journeys.models import Act, JourneyMap, MapState, Stage
from journeys.signals import map_state_changed
from leadqual.common.errors import LeadqualError
from leadqual.common.locks import Lock, lock_alone
from leadqual.scoring.validation import Problem
from segments.models import SegmentState


def problems(each: JourneyMap) -> list[Problem]:
    """Everything that keeps the map from going live, with the place it stands in."""
    stages = list(each.stages.order_by("order", "pk"))
    return [
        *_of_segment(each),
        *_of_number(stages),
        *(p for stage in stages for p in _of_entry(stage, stages[0])),
    ]


def _of_segment(each: JourneyMap) -> Iterator[Problem]:
    try:
        checked_segment(each.segment)
    except LeadqualError as error:
        yield Problem(error.code, error.message, error.place)
    if each.segment.state != SegmentState.LIVE:
        yield Problem("segment_not_live", _("the segment “%s” is not live") % each.segment, "segment")
    if other := JourneyMap.objects.live().filter(segment=each.segment).exclude(name=each.name).first():
        message = _("the segment has the map “%s” already; retire that one first")
        yield Problem("segment_has_map", message % other.name, "segment")


def _of_number(stages: list[Stage]) -> Iterator[Problem]:
    if not 2 <= len(stages) <= MOST_STAGES:
        yield Problem("number_of_stages", _("a map has from 2 to %d stages") % MOST_STAGES, "stages")


def _of_entry(stage: Stage, first: Stage) -> Iterator[Problem]:
    place = f"stages.{stage.key}.entry"
    if stage.pk == first.pk and stage.entry is not None:
        yield Problem("first_stage", _("the first stage takes everybody of the segment"), place)
    elif stage.pk != first.pk and stage.entry is None:
        yield Problem("empty", _("it is not said who has reached this stage"), place)
    elif stage.entry is not None:
        try:
            checked_entry(stage.entry, place=place)
        except LeadqualError as error:
            yield Problem(error.code, error.message, error.place)


@transaction.atomic
def go_live(each: JourneyMap, *, now: datetime, by: Any = None) -> JourneyMap:
    """In force instead of the version before. Leads keep the stages that both have; the next pass places them."""
    # Alone: nobody is placing leads on the version before.
    lock_alone(Lock.LEDGER)
    each = JourneyMap.objects.select_for_update().get(pk=each.pk)
    if each.state != MapState.DRAFT:
        message = _("cannot go live: it is not a draft (%s)") % each.get_state_display()
        raise LeadqualError("not_a_draft", message, str(each))
    found = problems(each)
    if len(found) == 1:
        raise LeadqualError(found[0].code, found[0].message, f"{each}, {found[0].place}")
    if found:
        raise LeadqualError("map_incomplete", "; ".join(map(str, found)), str(each))
    if before := JourneyMap.objects.live().filter(name=each.name).first():
        _retire(before, now, by)
        each.placed_day = before.placed_day
    each.state, each.live_since = MapState.LIVE, now
    each.save(update_fields=["state", "live_since", "placed_day"])
    note(each, Act.LIVE, now=now, by=by)
    map_state_changed.send(JourneyMap, map=each.pk)
    return each


@transaction.atomic
def retire(each: JourneyMap, *, now: datetime, by: Any = None) -> JourneyMap:
    """Nobody is placed on it any more; the next pass takes its leads off."""
    lock_alone(Lock.LEDGER)
    each = JourneyMap.objects.select_for_update().get(pk=each.pk)
    if each.state != MapState.LIVE:
        raise LeadqualError("not_live", _("only a live map can be retired"), str(each))
    _retire(each, now, by)
    map_state_changed.send(JourneyMap, map=each.pk)
    return each


def _retire(each: JourneyMap, now: datetime, by: Any) -> None:
    each.state, each.retired_at = MapState.RETIRED, now
    each.save(update_fields=["state", "retired_at"])
    note(each, Act.RETIRED, now=now, by=by)
