"""PostgreSQL stopped at once in the middle of work, and started again: what was promised is done, and done once."""

import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import InterfaceError, OperationalError, connection, transaction

from handoff.models import Handoff
from leadqual.common import clock
from leadqual.leads import inbox
from leadqual.leads.editing import create_leads
from leadqual.leads.models import Activity, FieldChange, Inbox, Lead
from leadqual.messaging.models import EmailPart, Notice
from leadqual.operations.qualifying import qualify
from leadqual.scoring.checking import check_ledger
from leadqual.scoring.models import LeadScore, Qualification
from tests import marks
from tests.operations.factories import DESIGN, a_design
from tests.services import PostgresServer, RedisServer, wait_until
from tests.workers import Program, Worker, environment

pytestmark = marks.on_postgresql

WORKERS = 2
LEADS = 300
ROOMY = DESIGN.replace("capacity: 2", f"capacity: {LEADS}").replace("capacity: 1}", f"capacity: {LEADS}}}")


@pytest.fixture
def seed() -> int:
    chosen = int(os.environ.get("LEADQUAL_TEST_SEED", random.randrange(10**6)))
    print(f"LEADQUAL_TEST_SEED={chosen}")
    return chosen


@pytest.fixture
def mortal(
    django_db_setup: None, django_db_blocker: Any, private_postgres: PostgresServer
) -> Iterator[PostgresServer]:
    """For the length of the test the default database is one on a server that the test may stop."""
    before = dict(connection.settings_dict)
    private_postgres.create_database("mortal")
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict.update(
            NAME="mortal", HOST="127.0.0.1", PORT=private_postgres.port, USER="postgres", PASSWORD=""
        )
        try:
            call_command("migrate", verbosity=0)
            yield private_postgres
        finally:
            connection.close()
            connection.settings_dict.update(before)


def market(now: Any) -> None:
    a_design(now=now, text=ROOMY)
    with transaction.atomic():
        create_leads([{"external_id": f"u{n}", "family_name": "L"} for n in range(LEADS)], now=now)
    qualify(day=clock.day_of(now), now=now)


class Feeder(threading.Thread):
    """Sends events one after another until it is told to stop; what it was not told is stored, it sends again."""

    def __init__(self, seed: int) -> None:
        super().__init__(daemon=True)
        self.chance = random.Random(seed)
        self.stopped = threading.Event()
        self.sent: dict[str, int] = {}  # the lead of each accepted event
        self.asked: set[int] = set()
        self.again = 0

    def run(self) -> None:
        while not self.stopped.is_set():
            lead = self.chance.randrange(LEADS)
            kind = self.chance.choices(("view", "paper", "ask"), (20, 6, 4))[0]
            mark = f"event {len(self.sent)}"
            payload = {"type": kind, "event_id": mark, "lead": {"external_id": f"u{lead}"}}
            while not self.accepted(payload):
                self.again += 1
                connection.close()
                time.sleep(0.05)  # as a sender waits before another try
            self.sent[mark] = lead
            self.asked |= {lead} if kind == "ask" else set()
        connection.close()

    @staticmethod
    def accepted(payload: dict[str, Any]) -> bool:
        try:
            inbox.receive(payload, now=clock.now())
        except (OperationalError, InterfaceError):
            return False
        return True


def at_work() -> int:
    """How many workers are in the middle of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL"
            " AND pid <> pg_backend_pid() AND query NOT LIKE 'INSERT INTO leads_inbox%'"
        )
        return int(cursor.fetchone()[0])


def start_beat(database: str, broker: str, folder: Path) -> Program:
    return Program(
        [sys.executable, "-m", "celery", "-A", "tests.handoff.quick_beat", "beat", "--schedule", str(folder / "beat")],
        environment(DATABASE_URL=database, CELERY_BROKER_URL=broker, SWEEP="1"),
        "beat",
    )  # fmt: skip


def stop_in_the_middle(server: PostgresServer, chance: random.Random) -> int:
    """How many workers were in a transaction just before."""
    wait_until(at_work, 60, "a worker at work")
    time.sleep(chance.uniform(0, 0.1))
    busy = at_work()
    server.stop_at_once()
    connection.close()
    server.start()
    return busy


def run_leases_out() -> None:
    """What a worker was stopped with is tried again after a minute, for which the small form does not wait."""
    Inbox.objects.filter(claimed_until__isnull=False).update(claimed_until=clock.now())


def counts(feeder: Feeder) -> dict[str, tuple[object, object]]:
    """What was found and what had to be."""
    per_event = Counter(Activity.objects.values_list("event_id", flat=True))
    handed = Counter(Handoff.objects.values_list("lead__external_id", flat=True))
    hot = {f"u{lead}" for lead in feeder.asked}
    offered = Notice.objects.filter(kind="handoff.offered")
    checked = check_ledger()
    return {
        "events lost": (len(feeder.sent.keys() - per_event.keys()), 0),
        "events recorded twice": (sum(count > 1 for count in per_event.values()), 0),
        "events nobody sent": (len(per_event.keys() - feeder.sent.keys()), 0),
        "events left or set aside": (Inbox.objects.count(), 0),
        "scores": (LeadScore.objects.count(), LEADS),
        "hot leads without a rep": (len(hot - handed.keys()), 0),
        "leads handed over twice": (sum(count > 1 for count in handed.values()), 0),
        "leads handed over that are not hot": (
            Handoff.objects.exclude(lead__in=Qualification.objects.values("lead")).count(),
            0,
        ),
        "notices": (offered.values("data__handoff").distinct().count(), len(handed)),
        "notices too many": (Notice.objects.count() - len(handed), 0),
        "leads named twice in mails": (
            EmailPart.objects.count() - EmailPart.objects.values("lead").distinct().count(),
            0,
        ),
        "changes of owner": (FieldChange.objects.filter(field="owner").count(), len(handed)),
        "check_ledger": (f"{checked.missing}/{checked.extra}/{checked.scores_different}", "0/0/0"),
    }


@pytest.mark.soak
def test_a_database_stopped_at_once_loses_no_work_and_does_none_twice(
    mortal: PostgresServer,
    private_redis: RedisServer,
    tmp_path: Path,
    seed: int,
    figure: Callable[..., int],
    soak_record: Callable[[str, object, str, bool], None],
) -> None:
    stops, wave, chance = figure(small=1, full=5), figure(small=200, full=1_000), random.Random(seed)
    market(clock.now())
    database = mortal.database_url("mortal")
    workers = [
        Worker(database=database, broker=private_redis.url, EMAIL_URL="dummymail://") for _ in range(WORKERS)
    ]
    beat = start_beat(database, private_redis.url, tmp_path)
    feeder = Feeder(seed)
    try:
        for worker in workers:
            worker.wait_ready()
        feeder.start()
        busy = []
        for stop in range(stops):
            told = len(feeder.sent)
            wait_until(lambda told=told: len(feeder.sent) > told + wave, 60, "events")
            busy.append(stop_in_the_middle(mortal, chance))
            print(
                f"stop {stop + 1}: {busy[-1]} workers in a transaction, {feeder.again} events refused so far"
            )
        feeder.stopped.set()
        feeder.join(30)
        if figure(small=1, full=0):
            run_leases_out()
        wait_until(lambda: all_done(feeder), 180, "the end of all work")
        assert all(worker.alive for worker in workers)
    except TimeoutError as error:
        logs = "\n".join(program.output()[-3000:] for program in (beat, *workers))
        raise AssertionError(f"{error}\n{logs}") from error
    finally:
        feeder.stopped.set()
        for program in (beat, *workers):
            program.remove()
    assert feeder.again and feeder.asked
    what = f"PostgreSQL stopped at once {stops} times, {len(feeder.sent)} events"
    for name, (found, wanted) in counts(feeder).items():
        soak_record(f"{what}: {name}", found, str(wanted), found == wanted)


def all_done(feeder: Feeder) -> bool:
    """Nothing waits, and everybody who asked is with a rep."""
    asked = {f"u{lead}" for lead in feeder.asked}
    with_rep = set(Lead.objects.filter(with_sales=True).values_list("external_id", flat=True))
    return not Inbox.objects.filter(quarantined_at=None).exists() and asked <= with_rep and at_work() == 0
