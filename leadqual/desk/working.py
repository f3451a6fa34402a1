"""Long work that somebody started in the browser: claimed, done in slices, given up after three failures in a row."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, TypeVar

from celery import Task
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext as _
from kombu.exceptions import KombuError, OperationalError

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.desk.models import Work, WorkState

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)
MOST_ATTEMPTS = 3
RENEWED = 10.0

Row = TypeVar("Row", bound=Work)


def claim(model: type[Row], *, now: datetime) -> Row | None:
    """The oldest that waits, or whose worker died, for us alone; the attempt is counted before the work."""
    rows: Any = model._default_manager
    due = Q(state=WorkState.WAITING) | Q(state=WorkState.RUNNING, claimed_until__lte=now)
    for row in rows.filter(due).order_by("made_at", "pk")[:10]:
        if row.attempts >= MOST_ATTEMPTS:
            fail(row, _("It failed three times and was given up."), now=now)
            continue
        seen = rows.filter(pk=row.pk, state=row.state, claimed_until=row.claimed_until)
        claimed = {"state": WorkState.RUNNING, "claimed_until": now + LEASE}
        if seen.update(attempts=F("attempts") + 1, **claimed):
            row.refresh_from_db()
            return row
    return None


def work_on(model: type[Row], slice_of: Callable[[Row, datetime], bool], *, now: datetime) -> bool:
    """One slice of one row: `slice_of` says whether the row is finished. Whether there may be more to do."""
    row = claim(model, now=now)
    if row is None:
        return False
    try:
        with translation.override(row.language or settings.LANGUAGE_CODE):
            finished = slice_of(row, now)
    except LeadqualError as error:
        if error.code == "running":  # another process is at it
            return False
        fail(row, str(error), now=now)
        return True
    model._default_manager.filter(pk=row.pk).update(
        state=WorkState.DONE if finished else WorkState.WAITING,
        ended_at=clock.now() if finished else None,
        claimed_until=None,
        attempts=0,
    )
    return True


def fail(row: Work, error: str, *, now: datetime) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(
        state=WorkState.FAILED, error=error[:1000], ended_at=now, claimed_until=None
    )


class Renewing:
    """A `Progress` that keeps the claim alive while the work goes on."""

    def __init__(self, row: Work) -> None:
        self.row = row
        self.last = monotonic()

    def __call__(self, step: str, done: int, total: int) -> None:
        if monotonic() - self.last > RENEWED:
            self.last = monotonic()
            type(self.row)._default_manager.filter(pk=self.row.pk).update(claimed_until=clock.now() + LEASE)


def wake(task: Task) -> None:
    """After the commit. The message may be lost: the row is there, and a sweep finds it."""

    def send() -> None:
        try:
            task.apply_async(expires=60)
        except (KombuError, OperationalError, OSError):
            logger.warning("no broker took the message for %s, a sweep will do it", task.name)

    transaction.on_commit(send)
