from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction

from leadqual.common import clock
from leadqual.common.models import Slot


def take_slot(job: str, slot: str) -> bool:
    """Whether the turn is ours: true for exactly one caller of each (job, slot)."""
    try:
        with transaction.atomic():
            Slot.objects.create(job=job, slot=slot, taken_at=clock.now())
    except IntegrityError:
        return False
    return True


def once_a_day(job: str, day: int, work: Callable[[], object]) -> bool:
    """Does the day's work unless it is done; the slot is taken at its end, so a run that dies is run again.

    Two at once both work: only for work that may be done twice.
    """
    if Slot.objects.filter(job=job, slot=str(day)).exists():
        return False
    work()
    return take_slot(job, str(day))


def tick(now: datetime) -> None:
    """Leaves a mark that the clockwork runs, for whoever looks after the system."""
    Slot.objects.update_or_create(job="beat", slot="tick", defaults={"taken_at": now})


def last_tick() -> datetime | None:
    return Slot.objects.filter(job="beat", slot="tick").values_list("taken_at", flat=True).first()
