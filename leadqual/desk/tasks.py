"""Exports and imports that people started. The rows are the work; a message only says that there may be some."""

from celery import shared_task
from django.db import OperationalError

from leadqual.common import clock
from leadqual.desk import exporting, uploading
from leadqual.desk.exporting import write_slice
from leadqual.desk.models import Export, Upload
from leadqual.desk.uploading import import_slice
from leadqual.desk.working import wake, work_on

AGAIN = {"autoretry_for": (OperationalError,), "max_retries": 3, "retry_backoff": 1, "retry_backoff_max": 8}
LONG = AGAIN | {"soft_time_limit": 800, "time_limit": 850}


@shared_task(**LONG)
def write_exports() -> None:
    """A slice of one export; then, if there may be more, a message to itself, so that other work gets its turn."""
    now = clock.now()
    exporting.clean_up(now=now)
    if work_on(Export, write_slice, now=now):
        wake(write_exports)


@shared_task(**LONG)
def import_uploads() -> None:
    """A slice of one import."""
    now = clock.now()
    uploading.clean_up(now=now)
    if work_on(Upload, import_slice, now=now):
        wake(import_uploads)
