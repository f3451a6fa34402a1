"""Several drains at once, and drains whose process is killed: every event is recorded once."""

import random
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from time import monotonic
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from leadqual.common import clock
from leadqual.leads import inbox, recording
from leadqual.leads.claims import LEASE, claim_new
from leadqual.leads.models import Activity, Inbox, Lead, VisitorTie
from leadqual.leads.recording import Event
from tests import workers
from tests.leads.acts import a_type, at
from tests.leads.factories import a_lead

pytestmark = pytest.mark.django_db(transaction=True)

DRAIN = """
import django
django.setup()
from leadqual.common import clock
from leadqual.leads import inbox
while inbox.drain(now=clock.now(), limit=20).rows:
    print("drained", flush=True)
"""


def at_once(work: Callable[[int], Any], count: int = 4) -> list[Any]:
    """Runs `work(0..count-1)` in threads that begin together, each with a connection of its own."""
    start = Barrier(count)

    def run(number: int) -> Any:
        start.wait()
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def shuffled(things: list[Any]) -> list[Any]:
    seed = random.randrange(10**9)
    print("seed", seed)
    random.Random(seed).shuffle(things)
    return things


def test_four_drains_record_every_event_once_and_make_every_lead_once() -> None:
    a_type()
    payloads: list[dict[str, Any]] = []
    for n in range(300):
        person = {"external_id": f"u{n % 17}"} | ({"email": f"u{n % 17}@x.jp"} if n % 3 else {})
        event = {"type": "visit", "event_id": f"e{n}", "path": f"/{n % 9}", "lead": person}
        browser = {"visitor": str(UUID(int=n % 5))}
        payloads += [event, event] if n % 4 else [event | browser]
    payloads += [{"type": "never", "lead": {"external_id": "u1"}} for _ in range(7)]
    inbox.receive_many(shuffled(payloads), now=at())

    def drain(_number: int) -> inbox.Drained:
        total = inbox.Drained(0, 0, 0, set())
        while (drained := inbox.drain(now=at(), limit=40)).rows:
            total.add(drained)
        return total

    totals = at_once(drain)
    leftover = inbox.drain_all(now=at(60))
    totals.append(leftover)
    assert sum(total.recorded for total in totals) == 300
    assert sum(total.duplicates for total in totals) == 225
    assert sum(total.quarantined for total in totals) == 7
    assert Activity.objects.count() == 300
    assert sorted(Lead.objects.values_list("external_id", flat=True)) == sorted(f"u{n}" for n in range(17))
    assert Inbox.objects.filter(quarantined_at=None).count() == 0


def test_the_same_events_recorded_in_opposite_orders_do_not_wait_in_a_ring() -> None:
    a_type()
    leads = [a_lead().pk for _ in range(6)]
    events = [
        Event("visit", at(n), lead_id=leads[n % 6], path=f"/{n % 8}", event_id=f"e{n:03}") for n in range(120)
    ]

    def record(number: int) -> int:
        mine = events if number % 2 else events[::-1]
        count = 0
        for start in range(0, 120, 30):
            with transaction.atomic():
                count += recording.record(mine[start : start + 30], now=at(days=1)).recorded
        return count

    assert sum(at_once(record)) == 120
    assert Activity.objects.count() == 120


def test_acts_and_the_tie_of_their_browser_at_the_same_time_miss_nothing() -> None:
    a_type()
    lead, browser = a_lead().pk, UUID(int=7)

    def work(number: int) -> None:
        for n in range(12):
            with transaction.atomic():
                if number == 0 and n == 5:
                    recording.tie_visitor(browser, lead, at(50), now=at(days=1))
                elif number:
                    recording.record([Event("visit", at(n), visitor_id=browser)], now=at(days=1))

    at_once(work)
    assert VisitorTie.objects.count() == 1
    assert list(Activity.objects.values_list("lead", flat=True)) == [lead] * 36


def test_drains_killed_in_the_middle_lose_and_double_nothing(database_url: str) -> None:
    a_type()
    a_lead(external_id="u1")
    wanted = 400
    events = [{"type": "visit", "lead": {"external_id": "u1"}, "path": f"/{n}"} for n in range(wanted)]
    inbox.receive_many(events, now=clock.now())
    environment = workers.environment(DATABASE_URL=database_url)
    for kill in range(3):
        worker = subprocess.Popen(
            [sys.executable, "-c", DRAIN], env=environment, stdout=subprocess.PIPE, text=True
        )
        assert worker.stdout is not None
        for _ in range(kill + 1):
            assert worker.stdout.readline() == "drained\n"
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
    assert 0 < Activity.objects.count() < wanted
    # one more dies right after its claim
    claim_new(now=clock.now(), limit=50)
    end, now = monotonic() + 60, clock.now() + LEASE + timedelta(seconds=1)
    while Inbox.objects.exists() and monotonic() < end:
        inbox.drain(now=now, limit=100)
    assert Activity.objects.count() == wanted
    assert sorted(Activity.objects.values_list("signature__path", flat=True)) == sorted(
        f"/{n}" for n in range(wanted)
    )
