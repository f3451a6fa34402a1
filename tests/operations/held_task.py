"""A task for the tests of brokers, loaded by workers with `--include`: it shows that it runs, and can be held."""

import time
from pathlib import Path

from celery import shared_task

from leadqual.common import clock
from leadqual.common.models import Slot


@shared_task(name="tests.hold")
def hold(name: str, gate: str) -> None:
    """Leaves a row at its start and one at its end; in between it waits for the file `gate`."""
    now = clock.now()
    Slot.objects.create(
        job=f"{name} started", slot=str(Slot.objects.filter(job=f"{name} started").count()), taken_at=now
    )
    while gate and not Path(gate).exists():
        time.sleep(0.05)
    Slot.objects.create(
        job=f"{name} ended", slot=str(Slot.objects.filter(job=f"{name} ended").count()), taken_at=now
    )
