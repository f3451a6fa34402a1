"""Celery's settings against real brokers and workers that are killed."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from celery import current_app
from kombu import Connection
from kombu.exceptions import OperationalError

from leadqual.common.models import Slot
from tests import marks
from tests.services import RabbitServer, RedisServer, Server, free_port, wait_until
from tests.workers import Worker

pytestmark = marks.on_postgresql
INCLUDE = "tests.operations.held_task"


def send(broker: str, name: str, gate: str = "", queue: str = "celery") -> None:
    with Connection(broker) as connection:
        current_app.send_task("tests.hold", [name, gate], queue=queue, connection=connection)


def count(name: str, what: str) -> int:
    return Slot.objects.filter(job=f"{name} {what}").count()


def wait_ended(name: str, seconds: float = 30) -> None:
    wait_until(lambda: count(name, "ended"), seconds, f"the end of {name}")


@pytest.fixture(params=["private_redis", "private_rabbitmq"])
def broker(request: pytest.FixtureRequest) -> Server:
    server: Server = request.getfixturevalue(request.param)
    return server


def test_both_queues_are_served_and_go_on_after_the_broker_was_killed(
    broker: Server, spawn_worker: Callable[..., Worker]
) -> None:
    worker = spawn_worker(broker=broker.url, include=INCLUDE)
    worker.wait_ready()
    send(broker.url, "bulk")
    send(broker.url, "urgent", queue="high")
    wait_ended("bulk")
    wait_ended("urgent")
    broker.restart()
    # What was in the broker is gone or not; what counts is that the same worker serves it again.
    wait_until(lambda: _sent_and_ended(broker.url), 60, "a task after the broker's return")
    assert worker.alive


def _sent_and_ended(url: str) -> bool:
    """A worker that has not noticed yet may lose the first message, so the wake-up is repeated as a sweep does."""
    send(url, "after")
    time.sleep(0.5)
    return count("after", "ended") > 0


def test_the_message_of_a_killed_worker_is_given_to_the_next(
    private_rabbitmq: RabbitServer, spawn_worker: Callable[..., Worker], tmp_path: Path
) -> None:
    first = spawn_worker(broker=private_rabbitmq.url, include=INCLUDE)
    first.wait_ready()
    send(private_rabbitmq.url, "work", str(tmp_path / "gate"))
    wait_until(lambda: count("work", "started"), 30, "the start")
    first.kill()
    assert count("work", "ended") == 0
    (tmp_path / "gate").touch()
    spawn_worker(broker=private_rabbitmq.url, include=INCLUDE)
    wait_ended("work")
    assert (count("work", "started"), count("work", "ended")) == (2, 1)


def test_a_worker_takes_one_message_and_leaves_the_others_to_its_colleagues(
    private_redis: RedisServer, spawn_worker: Callable[..., Worker], tmp_path: Path
) -> None:
    gate = str(tmp_path / "gate")
    busy = spawn_worker(broker=private_redis.url, include=INCLUDE)
    busy.wait_ready()
    send(private_redis.url, "long", gate)
    wait_until(lambda: count("long", "started"), 30, "the start")
    for number in range(5):
        send(private_redis.url, f"short {number}")
    assert private_redis.client().llen("celery") == 5
    spawn_worker(broker=private_redis.url, include=INCLUDE)
    for number in range(5):
        wait_ended(f"short {number}")
    assert count("long", "ended") == 0
    Path(gate).touch()
    wait_ended("long")


def test_publishing_without_a_broker_gives_up_soon(transactional_db: None) -> None:
    began = time.monotonic()
    with pytest.raises(OperationalError):
        send(f"redis://127.0.0.1:{free_port()}/0", "nobody hears")
    assert time.monotonic() - began < 5
