"""What follows, across the rungs, when leads act or change: policies see them in their segments, workers wake up."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from handoff.models import PolicyState
from handoff.signals import handoff_offered, handoff_waiting
from handoff.working_day import working_day
from leadqual.common import clock
from leadqual.common.batches import batches
from leadqual.leads.models import Lead
from leadqual.leads.signals import activities_recorded, company_changed, events_received, leads_changed
from leadqual.operations import wakeups
from leadqual.scoring.signals import lead_became_hot
from segments.conditions import asks_any, fields_asked
from segments.membership import reread
from segments.models import Segment, SegmentState
from segments.order import in_order

AT_ONCE = 2000


def connect() -> None:
    activities_recorded.connect(leads_acted, dispatch_uid="operations.leads_acted")
    leads_changed.connect(attributes_changed, dispatch_uid="operations.attributes_changed")
    company_changed.connect(companies_changed, dispatch_uid="operations.companies_changed")
    events_received.connect(wakeups.drain.after_commit, dispatch_uid="operations.wake_drain")
    for signal in (lead_became_hot, handoff_waiting):
        signal.connect(wakeups.assign.after_commit, dispatch_uid="operations.wake_assign")
    handoff_offered.connect(wakeups.send.after_commit, dispatch_uid="operations.wake_send")


def leads_acted(sender: Any, leads: set[int], now: datetime | None = None, **_rest: Any) -> None:
    _reread(leads, _asked_by_policies() if leads else [], now)


def attributes_changed(
    sender: Any, leads: set[int], fields: set[str], now: datetime | None = None, **_rest: Any
) -> None:
    _reread(leads, _asking(fields), now)


def companies_changed(
    sender: Any, companies: set[int], fields: set[str], now: datetime | None = None, **_rest: Any
) -> None:
    if segments := _asking({f"company.{field}" for field in fields}):
        people = Lead.objects.filter(company__in=companies).values_list("pk", flat=True)
        _reread(set(people), segments, now)


def _reread(leads: Iterable[int], segments: list[Segment], now: datetime | None) -> None:
    """For the leads that were touched; the nightly refresh reads everybody's (semantics 26)."""
    if not segments:
        return
    at = now or clock.now()
    stand_at = [segment.refreshed_day for segment in segments if segment.refreshed_day is not None]
    for some in batches(sorted(leads), AT_ONCE):
        reread(some, segments, day=max([working_day(at), *stand_at]), now=at)


def _asking(fields: set[str]) -> list[Segment]:
    """Policies' segments, where any of them asks one of the fields, itself or through others."""
    segments = _asked_by_policies()
    trees = in_order(segments).trees.values() if segments else ()
    return segments if any(asks_any(fields_asked(tree), fields) for tree in trees) else []


def _asked_by_policies() -> list[Segment]:
    live = Segment.objects.filter(state=SegmentState.LIVE, handoff_policies__state=PolicyState.LIVE)
    return list(live.distinct())
