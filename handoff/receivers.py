"""What handoff does when something happens below: rows only, in the transaction of what happened."""

from datetime import datetime
from typing import Any

from handoff.direct import hand_over_direct
from handoff.models import COOLING, Handoff, State
from handoff.telling import COOLED, notice
from leadqual.leads.models import Status
from leadqual.leads.signals import activities_recorded, status_changed
from leadqual.messaging.notices import notify
from leadqual.scoring.signals import qualification_ended


def acts_came(sender: Any, types: dict[int, set[int]], now: datetime, **_rest: Any) -> None:
    if types:
        hand_over_direct(types, now=now)


def hot_ended(sender: Any, leads: set[int], reason: str, now: datetime, **_rest: Any) -> None:
    """The offer stays; its rep is told that the lead has cooled."""
    if reason in COOLING:
        rows = Handoff.objects.open().filter(lead_id__in=leads).select_related("rep")
        notify([notice(COOLED, row, row.rep.user_id) for row in rows], now=now)


def status_set(sender: Any, leads: set[int], status: str, now: datetime, **_rest: Any) -> None:
    """Nobody calls the disqualified: what still waits for a rep is withdrawn."""
    if status == Status.DISQUALIFIED:
        waiting = Handoff.objects.waiting().filter(lead_id__in=leads)
        waiting.update(state=State.WITHDRAWN, closed_at=now)


def connect() -> None:
    status_changed.connect(status_set, dispatch_uid="handoff.status_set")
    activities_recorded.connect(acts_came, dispatch_uid="handoff.acts_came")
    qualification_ended.connect(hot_ended, dispatch_uid="handoff.hot_ended")
