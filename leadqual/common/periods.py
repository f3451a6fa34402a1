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
