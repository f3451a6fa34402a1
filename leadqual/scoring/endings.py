"""How qualifications end: the score cooled, sales gave the lead back, another model went live, a status says never."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from leadqual.common import clock
from leadqual.common.batches import batches
from leadqual.leads import lifecycle
from leadqual.leads.models import Lead, Status
from leadqual.leads.signals import status_changed
from leadqual.scoring.as_of import state_day
from leadqual.scoring.chosen import of_leads
from leadqual.scoring.models import EndedReason, Qualification
from leadqual.scoring.signals import qualification_ended

SIZE = 5000
ENDING_STATUS: dict[str, EndedReason] = {
    Status.CUSTOMER: EndedReason.CUSTOMER,
    Status.DISQUALIFIED: EndedReason.DISQUALIFIED,
    Status.LOST: EndedReason.SALES,
}
# After these the lead goes back to nurturing, unless sales already has it: then the status is theirs.
TO_NURTURING = {EndedReason.COOLED, EndedReason.MODEL}


def end_by_sales(lead_ids: Collection[int], *, day: int, now: datetime) -> set[int]:
    """Sales rejected, recycled or lost the leads; who was open. The status afterwards is the caller's."""
    return end_open(lead_ids, EndedReason.SALES, day=day, now=now)


def end_open(lead_ids: Collection[int], reason: EndedReason, *, day: int, now: datetime) -> set[int]:
    ended: set[int] = set()
    with transaction.atomic():
        for ids in batches(sorted(lead_ids), SIZE):
            open_ones = Qualification.objects.filter(of_leads(Qualification, ids), ended_day=None)
            ended |= close(dict(locked(open_ones)), reason, day=day, now=now)
    return ended


def locked(open_ones: Any) -> Any:
    """(id, lead) of open qualifications, theirs alone until the transaction ends, always taken in the same order."""
    return open_ones.select_for_update(of=("self",)).order_by("pk").values_list("pk", "lead_id")


def close(qualifications: Mapping[int, int], reason: EndedReason, *, day: int, now: datetime) -> set[int]:
    """Ends these (`{id: lead}`, locked, open); sets the status and tells."""
    if not qualifications:
        return set()
    Qualification.objects.filter(pk__in=qualifications, ended_day=None).update(
        ended_day=day, ended_at=now, ended_reason=reason
    )
    leads = set(qualifications.values())
    if reason in TO_NURTURING:
        waiting = Lead.objects.filter(pk__in=leads, status=Status.HOT, with_sales=False)
        lifecycle.set_status(
            set(waiting.values_list("pk", flat=True)),
            Status.NURTURING,
            now=now,
            why=f"qualification: {reason}",
        )
    qualification_ended.send(Qualification, leads=leads, reason=str(reason), now=now)
    return leads


def end_for_status(sender: Any, leads: set[int], status: str, now: datetime, **_rest: Any) -> None:
    """A customer is not a hot lead, somebody disqualified is none, and neither is one who has said no."""
    if reason := ENDING_STATUS.get(status):
        day = state_day(now)
        end_open(leads, reason, day=clock.day_of(now) if day is None else day, now=now)


def connect() -> None:
    status_changed.connect(end_for_status, dispatch_uid="scoring.endings")
