"""What journeys do when something happens below: rows only, in the transaction of what happened."""

from datetime import datetime
from typing import Any

from journeys.models import MoveReason
from journeys.placement import reread
from segments.models import ChangeReason
from segments.signals import membership_changed


def connect() -> None:
    membership_changed.connect(members_changed, dispatch_uid="journeys.members_changed")


def members_changed(
    sender: Any, joined: set[int], left: set[int], day: int, now: datetime, why: ChangeReason, **_rest: Any
) -> None:
    """Somebody decided by hand. A refresh is followed by `place`, and touched leads are read when they are in their
    segments (leadqual/operations/receivers.py)."""
    if why == ChangeReason.MANUAL:
        reread(joined | left, day=day, now=now, why=MoveReason.MANUAL)
