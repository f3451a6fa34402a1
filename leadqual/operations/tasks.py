"""Everything a worker does. A task may come never, once or many times: the rows say what is left, a sweep finds it.

A database that throws a task out (a lock, a restart) gets it again a few times; then the next sweep does the work.
"""

from celery import shared_task
from django.db import OperationalError

from handoff.assignment import assign
from handoff.chasing import ask_for_feedback
from handoff.escalation import move_on
from handoff.working_day import working_day
from leadqual.common import clock, undecided
from leadqual.common.periods import once_a_day, tick
from leadqual.leads import inbox
from leadqual.messaging import outbox
from leadqual.operations.placing import place_soon, refresh_and_place
from leadqual.scoring import publishing
from leadqual.scoring.rescoring import rescore_due

AGAIN = {"autoretry_for": (OperationalError,), "max_retries": 3, "retry_backoff": 1, "retry_backoff_max": 8}
# Long work commits in pieces and goes on where it was; below the brokers' visibility time-out of 900 s.
LONG = AGAIN | {"soft_time_limit": 800, "time_limit": 850}
DRAIN_SECONDS = 30.0
RESUME_SECONDS = 45.0


@shared_task(**AGAIN)
def drain_inbox() -> None:
    inbox.drain_all(now=clock.now(), seconds=DRAIN_SECONDS)


@shared_task(**AGAIN)
def send_messages() -> None:
    outbox.send_due(now=clock.now())


@shared_task(**AGAIN)
def assign_hot_leads() -> None:
    now = clock.now()
    assign(now=now, day=working_day(now))


@shared_task(**AGAIN)
def move_offers_on() -> None:
    now = clock.now()
    tick(now)
    move_on(now=now, day=working_day(now))


@shared_task(**AGAIN)
def ask_what_became() -> None:
    ask_for_feedback(now=clock.now())


@shared_task(**LONG)
def resume_publishing() -> None:
    publishing.resume(now=clock.now(), seconds=RESUME_SECONDS)


@shared_task(**LONG)
def daily() -> None:
    """To today, however long the machine was off; all other work stays where the scores stand."""
    now = clock.now()
    day = clock.day_of(now)
    once_a_day("daily", day, lambda: rescore_due(day=day, now=now))


@shared_task(**LONG)
def refresh_segments() -> None:
    now = clock.now()
    day = clock.day_of(now)
    once_a_day("refresh_segments", day, lambda: refresh_and_place(day=day, now=now))


@shared_task(**AGAIN)
def check_undecided() -> None:
    """What nobody has decided about the design; cheap, and done in the morning so that the home page is true."""
    undecided.check(day=clock.today())


@shared_task(**LONG)
def place_leads() -> None:
    """Once another version of a map is in force; lost, the night does it."""
    place_soon(now=clock.now())
