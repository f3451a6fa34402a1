"""What follows, across the rungs, when leads act or change: segments, then stages, are read again; workers wake up."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from handoff.models import PolicyState
from handoff.signals import handoff_offered, handoff_waiting
from handoff.working_day import working_day
from journeys import placement
from journeys.signals import map_state_changed
from journeys.standing import Standing, in_force
from leadqual.common import clock
from leadqual.common.batches import batches
from leadqual.leads.models import Lead
from leadqual.leads.signals import (
    activities_recorded,
    company_changed,
    events_received,
    leads_changed,
    status_changed,
)
from leadqual.operations import wakeups
from leadqual.scoring.signals import lead_became_hot
from segments.conditions import asks_any, fields_asked
from segments.membership import reread
from segments.models import Segment, SegmentState
from segments.order import in_order

AT_ONCE = 2000
SCORES = {"score", "score_fit", "score_engagement", "band", "hot"}
# What sales does with a lead gives no points.
POINTLESS = {"owner", "with_sales", "handed_off", "status", "outcome", "outcome_day"}


def connect() -> None:
    activities_recorded.connect(leads_acted, dispatch_uid="operations.leads_acted")
    leads_changed.connect(attributes_changed, dispatch_uid="operations.attributes_changed")
    company_changed.connect(companies_changed, dispatch_uid="operations.companies_changed")
    status_changed.connect(status_set, dispatch_uid="operations.status_set")
    events_received.connect(wakeups.drain.after_commit, dispatch_uid="operations.wake_drain")
    for signal in (lead_became_hot, handoff_waiting):
        signal.connect(wakeups.assign.after_commit, dispatch_uid="operations.wake_assign")
    map_state_changed.connect(wakeups.place.after_commit, dispatch_uid="operations.wake_place")
    handoff_offered.connect(leads_offered, dispatch_uid="operations.leads_offered")
    handoff_offered.connect(wakeups.send.after_commit, dispatch_uid="operations.wake_send")


def leads_acted(sender: Any, leads: set[int], now: datetime | None = None, **_rest: Any) -> None:
    maps = in_force() if leads else []
    _reread(leads, _in_use(maps) if leads else [], maps, now)


def attributes_changed(
    sender: Any, leads: set[int], fields: set[str], now: datetime | None = None, **_rest: Any
) -> None:
    maps = in_force()
    _reread(leads, _asking(fields, maps), _asking_maps(fields, maps), now)


def companies_changed(
    sender: Any, companies: set[int], fields: set[str], now: datetime | None = None, **_rest: Any
) -> None:
    asked = {f"company.{field}" for field in fields}
    maps = in_force()
    segments, asking = _asking(asked, maps), _asking_maps(asked, maps)
    if segments or asking:
        people = Lead.objects.filter(company__in=companies).values_list("pk", flat=True)
        _reread(set(people), segments, asking, now)


def status_set(sender: Any, leads: set[int], now: datetime | None = None, **_rest: Any) -> None:
    attributes_changed(sender, leads, {"status"}, now)


def leads_offered(sender: Any, leads: set[int], now: datetime | None = None, **_rest: Any) -> None:
    attributes_changed(sender, leads, {"handed_off"}, now)


def _reread(
    leads: Iterable[int], segments: list[Segment], maps: list[Standing], now: datetime | None
) -> None:
    """For the leads that were touched; the night reads everybody's (semantics 26)."""
    if not segments and not maps:
        return
    at = now or clock.now()
    stand_at = [segment.refreshed_day for segment in segments if segment.refreshed_day is not None]
    day = max([working_day(at), *stand_at])
    for some in batches(sorted(leads), AT_ONCE):
        if segments:
            reread(some, segments, day=day, now=at)
        # Also when only segments were read: a stage follows from its segments.
        placement.reread(some, day=day, now=at)


def _asking(fields: set[str], maps: list[Standing]) -> list[Segment]:
    """The segments in use, where any of them asks one of the fields, or a score, itself or through others."""
    segments = _in_use(maps)
    trees = in_order(segments).trees.values() if segments else ()
    asked = fields if fields <= POINTLESS else fields | SCORES
    return segments if any(asks_any(fields_asked(tree), asked) for tree in trees) else []


def _asking_maps(fields: set[str], maps: list[Standing]) -> list[Standing]:
    """A score may follow from any field."""
    return [each for each in maps if asks_any(each.asks(), fields) or each.asks() & SCORES]


def _in_use(maps: list[Standing]) -> list[Segment]:
    """Segments of live policies, and those on which stages of live maps depend."""
    used = Q(handoff_policies__state=PolicyState.LIVE) | Q(
        pk__in={pk for each in maps for pk in each.asks_segments()}
    )
    return list(Segment.objects.filter(used, state=SegmentState.LIVE).distinct())
