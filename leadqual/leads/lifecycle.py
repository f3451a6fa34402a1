"""Steps of a lead through the funnel, and how its story ended. Whoever owns a transition calls `set_status`."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from leadqual.common import clock
from leadqual.common.batches import batches
from leadqual.common.locks import Lock, lock_shared
from leadqual.common.rows import insert_rows, update_rows
from leadqual.leads.editing import AFTER_OUTCOME, write_field_changes
from leadqual.leads.models import FieldChange, Lead, Outcome, Status, StatusChange
from leadqual.leads.signals import leads_changed, status_changed


def set_status(
    lead_ids: Collection[int], status: str, *, now: datetime, by: Any = None, why: str = ""
) -> set[int]:
    """The ids of the leads that had another status until now; one log row each, one signal for all."""
    changed: dict[int, str] = {}
    for ids in batches(sorted(lead_ids)):
        leads = (
            Lead.objects.select_for_update(no_key=True)
            .filter(pk__in=ids)
            .exclude(status=status)
            .order_by("pk")
        )
        before = dict(leads.values_list("pk", "status"))
        Lead.objects.filter(pk__in=before).update(status=status)
        changed |= before
    if not changed:
        return set()
    day = clock.day_of(now)
    person = getattr(by, "pk", None)
    insert_rows(
        StatusChange,
        ("lead", "before", "after", "day", "at", "by", "why"),
        [(lead, before, status, day, now, person, why) for lead, before in changed.items()],
    )
    status_changed.send(Lead, leads=set(changed), status=status, why=why, now=now)
    return set(changed)


def record_outcome(lead: Lead, outcome: str, day: int | None, *, now: datetime, by: Any = None) -> bool:
    changed = record_outcomes({lead.pk: (outcome, day)}, now=now, by=by)
    if changed:
        lead.refresh_from_db(fields=["outcome", "outcome_day", "status"])
    return bool(changed)


def record_outcomes(
    outcomes: Mapping[int, tuple[str, int | None]], *, now: datetime, by: Any = None
) -> set[int]:
    """Writes `{lead id: (outcome, day)}` where it differs; a won lead becomes a customer, a lost one lost.

    An open outcome has no day. A customer or a disqualified person who says no to one more offer stays what they are.
    """
    lock_shared(Lock.LEDGER)
    changed: list[Lead] = []
    log: list[FieldChange] = []
    for ids in batches(sorted(outcomes)):
        for lead in Lead.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"):
            outcome, day = outcomes[lead.pk]
            wanted = (outcome, day if outcome else None)
            if (lead.outcome, lead.outcome_day) == wanted:
                continue
            if lead.outcome != outcome:
                log.append(FieldChange(lead=lead, field="outcome", old=lead.outcome, new=outcome))
            lead.outcome, lead.outcome_day = wanted
            changed.append(lead)
    update_rows(changed, ["outcome", "outcome_day"])
    write_field_changes(log, now=now, by=by)
    _follow(changed, now=now, by=by)
    if changed:
        leads_changed.send(
            Lead, leads={lead.pk for lead in changed}, fields={"outcome", "outcome_day"}, now=now
        )
    return {lead.pk for lead in changed}


def status_for(outcome: str, status: str) -> str:
    """The status a lead of this status has once its outcome is known."""
    if outcome == Outcome.LOST and status in {Status.CUSTOMER, Status.DISQUALIFIED}:
        return status
    return AFTER_OUTCOME.get(outcome, status)


def _follow(leads: list[Lead], *, now: datetime, by: Any) -> None:
    for status in (Status.CUSTOMER, Status.LOST):
        moving = {
            lead.pk
            for lead in leads
            if lead.outcome and status_for(lead.outcome, lead.status) == status != lead.status
        }
        if moving:
            set_status(moving, status, now=now, by=by, why="outcome")
