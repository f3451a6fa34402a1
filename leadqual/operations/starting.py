"""What is asked before a command, a web process or a worker does anything."""

import sys
from typing import Any

from celery.signals import beat_init, worker_init
from django.core import checks
from django.db import connection

from leadqual.common.errors import LeadqualError
from leadqual.operations.time_zone import refuse_other_zone


def check_time_zone(app_configs: Any, **_rest: Any) -> list[checks.CheckMessage]:
    """For commands: Django runs it before each, but `change_time_zone`."""
    try:
        refuse_other_zone()
    except LeadqualError as error:
        return [checks.Error(str(error), id="leadqual.E001")]
    return []


def refuse_worker(**_signal: Any) -> None:
    """For workers and beat: any other exception would only be logged by Celery."""
    try:
        refuse_other_zone()
    except LeadqualError as error:
        sys.exit(str(error))


def refuse_web() -> None:
    """For wsgi.py; leaves nothing open that a server forking after this would share among its processes."""
    refuse_other_zone()
    connection.close()
    close_pool = getattr(connection, "close_pool", None)
    if close_pool is not None:
        close_pool()


def connect() -> None:
    checks.register(check_time_zone)
    worker_init.connect(refuse_worker, dispatch_uid="operations.refuse_worker")
    beat_init.connect(refuse_worker, dispatch_uid="operations.refuse_worker")
