"""Real workers on a real broker, killed at random: every hot lead gets one rep, and no rep too many."""

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.db import connection, transaction
from django.db.models import Count, F
from kombu import Connection

from handoff.models import Handoff, Means, SalesRep
from leadqual.common import clock
from leadqual.leads.models import FieldChange, Lead
from leadqual.messaging.models import EmailMessage, EmailPart, Notice
from leadqual.scoring.models import Qualification
from tests import marks
from tests.handoff import factories
from tests.services import RedisServer, wait_until
from tests.workers import Program, Worker, environment

pytestmark = [marks.on_postgresql, pytest.mark.django_db(transaction=True)]

ASSIGN = "leadqual.operations.tasks.assign_hot_leads"
WORKERS = 4
REPS = 50
Spawn = Callable[..., Worker]


def wake(broker: str, times: int = 1) -> None:
    with Connection(broker) as to:
        for _ in range(times):
            current_app.send_task(ASSIGN, queue="high", connection=to, ignore_result=True)


def reps_for(leads: int) -> None:
    """As many places as leads: whoever is handed over twice takes a place from another."""
    first, second = factories.team(), factories.team()
    for team in (first, second):
        factories.reps(team, REPS // 2, capacity=leads // REPS)
    factories.policy(first, fallback_team=second, means=[Means.IN_APP.value, Means.MAIL.value])


def become_hot(number: int) -> None:
    people = factories.leads(number)
    factories.qualify(people, at=clock.now())


def left() -> int:
    handed = Handoff.objects.values("lead")
    return Qualification.objects.exclude(lead__in=handed).count()


def in_a_transaction() -> int:
    """How many workers are in the middle of one."""
    with connection.cursor() as cursor:
        # Within a transaction of ours the answer would stay the first one.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


@pytest.fixture
def seed() -> Iterator[int]:
    chosen = int(os.environ.get("LEADQUAL_TEST_SEED", random.randrange(10**6)))
    print(f"LEADQUAL_TEST_SEED={chosen}")
    yield chosen


def ready(workers: list[Worker]) -> list[Worker]:
    return [worker for worker in workers if worker.alive and " ready." in worker.output()]


def kill_in_the_middle(workers: list[Worker], spawn: Callable[[], Worker], chance: random.Random) -> int:
    """SIGKILL of a worker a random moment after work has begun; how many were in a transaction just before."""
    wait_until(lambda: in_a_transaction() or left() == 0, 60, "a worker at work")
    time.sleep(chance.uniform(0, 0.15))
    chosen = chance.choice(ready(workers))
    busy = in_a_transaction()
    chosen.kill()
    workers.remove(chosen)
    workers.append(spawn())
    return busy


def counts(total: int) -> dict[str, tuple[object, object]]:
    """What was found and what had to be: everything that assigning counts or writes, against the leads."""
    handoffs = Handoff.objects.all()
    per_lead = Counter(handoffs.values_list("lead", flat=True))
    open_now = SalesRep.objects.annotate(open=Count("handoffs"))
    owners = Lead.objects.filter(with_sales=True, handoffs__rep__user=F("owner"))
    return {
        "leads lost": (left(), 0),
        "leads doubly assigned": (sum(1 for number in per_lead.values() if number > 1), 0),
        "reps over capacity": (open_now.filter(open__gt=F("capacity")).count(), 0),
        "places left over": (open_now.filter(open__lt=F("capacity")).count(), 0),
        "leads with the owner of their handoff": (owners.count(), total),
        "changes of owner": (FieldChange.objects.filter(field="owner").count(), total),
        "notices": (
            Notice.objects.filter(kind="handoff.offered").values("data__handoff").distinct().count(),
            total,
        ),
        "notices too many": (Notice.objects.count() - total, 0),
        "mails": (EmailMessage.objects.count(), total),
        "leads named in mails": (EmailPart.objects.values("lead").distinct().count(), total),
    }


@pytest.mark.soak
def test_workers_killed_at_random_lose_nothing_and_hand_nothing_over_twice(
    private_redis: RedisServer,
    spawn_worker: Spawn,
    seed: int,
    figure: Callable[..., int],
    soak_record: Callable[[str, object, str, bool], None],
) -> None:
    total, kills = figure(small=2_000, full=10_000), figure(small=6, full=20)
    chance = random.Random(seed)
    reps_for(total)

    def spawn() -> Worker:
        return spawn_worker(broker=private_redis.url, queues="high", EMAIL_URL="dummymail://")

    workers = [spawn() for _ in range(WORKERS)]
    for worker in workers:
        worker.wait_ready()
    busy = []
    for wave in range(kills):
        wait_until(lambda: len(ready(workers)) > 1, 60, "workers")
        become_hot(total * (wave + 1) // (kills + 1) - total * wave // (kills + 1))
        wake(private_redis.url, WORKERS)
        busy.append(kill_in_the_middle(workers, spawn, chance))
    become_hot(total - total * kills // (kills + 1))
    print(f"{kills} kills; workers in a transaction before each: {busy}")

    def done() -> bool:
        if left() == 0:
            return True
        wake(private_redis.url)
        time.sleep(0.2)
        return False

    wait_until(done, 120, "a rep for everybody")
    # Messages still in the broker, and runs still under way, must not change anything any more.
    wait_until(lambda: in_a_transaction() == 0, 30, "the end of the last run")
    for name, (found, wanted) in counts(total).items():
        soak_record(
            f"assignment, {kills} workers killed, {total} leads: {name}", found, str(wanted), found == wanted
        )


def start_beat(database: str, broker: str, sweep: int, folder: Path) -> Program:
    return Program(
        [sys.executable, "-m", "celery", "-A", "tests.handoff.quick_beat", "beat", "--schedule", str(folder / "beat")],
        environment(DATABASE_URL=database, CELERY_BROKER_URL=broker, SWEEP=str(sweep)),
        "beat",
    )  # fmt: skip


def die_in_the_middle(broker: RedisServer, workers: list[Worker]) -> None:
    """The workers wait for the reps, in the middle of a task, and cannot say any more that they have done it."""
    with transaction.atomic():
        list(SalesRep.objects.select_for_update().values_list("pk"))
        wake(broker.url, len(workers))
        wait_until(lambda: in_a_transaction() == len(workers), 60, "all workers at work")
        broker.kill()


def leave_without_a_broker(broker: RedisServer, workers: list[Worker], leads: int) -> float:
    """Half of them become hot before the broker dies, half while it is away; how long all took after its return."""
    become_hot(leads // 2)
    die_in_the_middle(broker, workers)
    # Whoever had a message has used it up before the others come: only the schedule can find those.
    wait_until(lambda: in_a_transaction() == 0 and left() == 0, 30, "the end of what was begun")
    become_hot(leads - leads // 2)
    broker.start()
    return seconds_until_all_have_a_rep()


def forget_in_the_middle(broker: RedisServer, workers: list[Worker], leads: int) -> float:
    """The broker lives on, but everything it held is gone: what waits in it, and what the workers have taken."""
    become_hot(leads // 2)
    with transaction.atomic():
        list(SalesRep.objects.select_for_update().values_list("pk"))
        wake(broker.url, 5 * len(workers))
        wait_until(lambda: in_a_transaction() == len(workers), 60, "all workers at work")
        broker.flush()
    wait_until(lambda: in_a_transaction() == 0 and left() == 0, 30, "the end of what was begun")
    become_hot(leads - leads // 2)
    return seconds_until_all_have_a_rep()


def seconds_until_all_have_a_rep() -> float:
    began = time.monotonic()
    wait_until(lambda: left() == 0, 90, "a rep for everybody")
    return time.monotonic() - began


@pytest.mark.soak
def test_a_broker_that_dies_and_forgets_costs_less_than_a_minute(
    private_redis: RedisServer,
    spawn_worker: Spawn,
    database_url: str,
    tmp_path: Path,
    figure: Callable[..., int],
    soak_record: Callable[[str, object, str, bool], None],
) -> None:
    kills, each = figure(small=1, full=5), figure(small=300, full=200)
    total = (kills + 1) * each
    reps_for(total)
    workers = [
        spawn_worker(broker=private_redis.url, queues="high", EMAIL_URL="dummymail://") for _ in range(2)
    ]
    beat = start_beat(database_url, private_redis.url, figure(small=3, full=30), tmp_path)
    try:
        for worker in workers:
            worker.wait_ready()
        taken = [leave_without_a_broker(private_redis, workers, each) for _ in range(kills)]
        forgotten = forget_in_the_middle(private_redis, workers, each)
    except TimeoutError as error:
        logs = "\n".join(program.output()[-2000:] for program in (beat, *workers))
        raise AssertionError(f"{error}\n{logs}") from error
    finally:
        beat.remove()
    wait_until(lambda: in_a_transaction() == 0, 30, "the end of the last run")
    print(
        "seconds after each return:",
        [f"{seconds:.1f}" for seconds in taken],
        f"after the flush: {forgotten:.1f}",
    )
    worst = max(taken)
    what = f"Redis killed {kills} times and flushed once"
    soak_record(f"{what}: all assigned after its return (s)", f"{worst:.1f}", "60", worst <= 60)
    soak_record(f"{what}: all assigned after the flush (s)", f"{forgotten:.1f}", "60", forgotten <= 60)
    for name, (found, wanted) in counts(total).items():
        soak_record(f"assignment, {what}: {name}", found, str(wanted), found == wanted)
