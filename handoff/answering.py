"""What a rep does with an offer: accept, reject, hand back, take it through the funnel, close it, open it again.

Every step checks who asks, moves the row by a conditional UPDATE and writes what follows from it, in one transaction
that holds the lead: two people who answer at once give one answer and one error.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from handoff.models import Handoff, State
from handoff.pool import lock_pool
from handoff.signals import handoff_closed
from handoff.working_day import working_day
from leadqual.common.errors import LeadqualError
from leadqual.common.locks import Lock, lock_shared
from leadqual.leads import lifecycle, ownership
from leadqual.leads.models import Lead, Outcome, Status
from leadqual.scoring.endings import end_by_sales

# How an accepted handoff may end, and the outcome that goes with it.
ENDINGS = {Status.CUSTOMER: Outcome.WON, Status.LOST: Outcome.LOST, Status.DISQUALIFIED: None}
# States that an earlier answer may be taken back from.
ANSWERED = (State.REJECTED, State.RECYCLED, State.CLOSED)
RECORDED = 500


def accept(handoff: Handoff, *, now: datetime, by: Any = None) -> Handoff:
    """The rep takes the lead on. A late acceptance counts as long as nobody else has been offered it."""
    with held(handoff, by) as row:
        _step(row, [State.OFFERED], State.ACCEPTED, answered_at=now, alarmed_at=None)
        lifecycle.set_status([row.lead_id], Status.ACCEPTED, now=now, by=by, why="handoff")
    return row


def opportunity(handoff: Handoff, *, now: datetime, by: Any = None) -> Handoff:
    """There is something to sell; the handoff stays open."""
    with held(handoff, by) as row:
        _step(row, [State.ACCEPTED], State.ACCEPTED)
        lifecycle.set_status([row.lead_id], Status.OPPORTUNITY, now=now, by=by, why="handoff")
    return row


def reject(
    handoff: Handoff, reason: str, *, now: datetime, day: int | None = None, by: Any = None
) -> Handoff:
    """The offer is declined, with a reason: the lead leaves the rep and is hot no more."""
    return _give_up(handoff, [State.OFFERED], State.REJECTED, reason, now=now, day=day, by=by)


def hand_back(
    handoff: Handoff, reason: str, *, now: datetime, day: int | None = None, by: Any = None
) -> Handoff:
    """An accepted lead goes back to marketing, with a reason."""
    return _give_up(handoff, [State.ACCEPTED], State.RECYCLED, reason, now=now, day=day, by=by)


def close(
    handoff: Handoff, status: str, *, now: datetime, day: int | None = None, by: Any = None, reason: str = ""
) -> Handoff:
    """The story is over: customer, lost or disqualified. A customer keeps their rep."""
    if status == Status.RECYCLED:
        return hand_back(handoff, reason, now=now, day=day, by=by)
    if status not in ENDINGS:
        raise LeadqualError("not_an_ending", _("“%s” does not end a handoff") % status, "status")
    day = working_day(now, day)
    with held(handoff, by) as row:
        _step(
            row, [State.OFFERED, State.ACCEPTED], State.CLOSED,
            closed_at=now, closed_as=status, answer=reason[:RECORDED], answered_at=row.answered_at or now,
        )  # fmt: skip
        if status == Status.LOST:
            end_by_sales([row.lead_id], day=day, now=now)
        if (outcome := ENDINGS[Status(status)]) is not None:
            lifecycle.record_outcome(row.lead, outcome, day, now=now, by=by)
        lifecycle.set_status([row.lead_id], status, now=now, by=by, why="handoff")
        keep = status == Status.CUSTOMER
        ownership.release([row.lead_id], now=now, why="handoff", keep_owner=keep, by=by)
        _closed(row)
    return row


def reopen(handoff: Handoff, *, now: datetime, day: int | None = None, by: Any = None) -> Handoff:
    """Takes back an ending: the same rep goes on with the lead, if there is a free place."""
    with held(handoff, by) as row:
        if row.rep is None:
            raise LeadqualError("no_rep", _("nobody has had this handoff"), "handoff")
        pool = lock_pool(day=working_day(now, day), reps=[row.rep.pk])
        if not pool.members[row.rep.pk].free:
            raise LeadqualError("rep_full", _("this rep has no free place"), "rep")
        try:
            with transaction.atomic():
                _step(row, ANSWERED, State.ACCEPTED, closed_at=None, closed_as="", answer="")
        except IntegrityError as error:
            raise LeadqualError("handed_over", _("this lead is handed over already"), "lead") from error
        if row.lead.outcome:
            lifecycle.record_outcome(row.lead, Outcome.OPEN, None, now=now, by=by)
        lifecycle.set_status([row.lead_id], Status.ACCEPTED, now=now, by=by, why="handoff reopened")
        ownership.hand_over({row.lead_id: row.rep.user_id}, now=now, why="handoff reopened", by=by)
    return row


@contextmanager
def held(handoff: Handoff, by: Any) -> Iterator[Handoff]:
    """The handoff as it stands now, its lead locked; LeadqualError when `by` has no business with it.

    Locks in the order everybody takes them: ledger, lead, then the rest.
    """
    with transaction.atomic():
        lock_shared(Lock.LEDGER)
        list(Lead.objects.select_for_update(no_key=True).filter(pk=handoff.lead_id).values_list("pk"))
        row = Handoff.objects.select_related("lead", "rep", "team", "policy").get(pk=handoff.pk)
        check_may_answer(row, by)
        yield row


def check_may_answer(handoff: Handoff, by: Any) -> None:
    """The rep it is with, the team's manager, or somebody who may change any handoff. Nobody: the system itself."""
    if by is None or by.has_perm("handoff.change_handoff"):
        return
    reps = {handoff.rep.user_id} if handoff.rep else set()
    managers = {handoff.team.manager_id} if handoff.team else set()
    if not by.is_active or by.pk not in reps | managers:
        raise LeadqualError("not_yours", _("this handoff is not yours"), "handoff")


def _give_up(
    handoff: Handoff, states: list[State], to: State, reason: str, *, now: datetime, day: int | None, by: Any
) -> Handoff:
    if not reason.strip():
        raise LeadqualError("no_reason", _("say why, so that marketing can learn from it"), "reason")
    with held(handoff, by) as row:
        _step(
            row, states, to,
            closed_at=now, closed_as=Status.RECYCLED, answer=reason.strip()[:RECORDED],
            answered_at=row.answered_at or now,
        )  # fmt: skip
        end_by_sales([row.lead_id], day=working_day(now, day), now=now)
        lifecycle.set_status([row.lead_id], Status.RECYCLED, now=now, by=by, why=str(to))
        ownership.release([row.lead_id], now=now, why="handoff", by=by)
        _closed(row)
    return row


def _step(row: Handoff, states: list[State] | tuple[State, ...], to: State, **values: Any) -> None:
    """Moves the row on if it still stands in one of the states; whoever comes second gets the error."""
    moved = Handoff.objects.filter(pk=row.pk, state__in=states).update(state=to, **values)
    if not moved:
        state = Handoff.objects.get(pk=row.pk).get_state_display()
        raise LeadqualError("wrong_state", _("this handoff is %s") % state, "handoff")
    for name, value in {"state": to.value, **values}.items():
        setattr(row, name, value)


def _closed(row: Handoff) -> None:
    handoff_closed.send(Handoff, leads={row.lead_id}, state=row.state, closed_as=row.closed_as)
