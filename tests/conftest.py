import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models.signals import post_migrate
from django.utils import translation
from django.utils.translation import trans_real
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests import services, workers

MISSING = "service missing: "
MARKS = {
    "soak": "has a full figure, which `make soak` reaches; `make test` runs it with a smaller count",
    "once": "does not depend on the database, so only the run on SQLite has it",
    "on_sqlite": "about SQLite",
    "on_postgresql": "about PostgreSQL, or about brokers, which go with it",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--soak", action="store_true", help="only the tests marked soak, with their full figures"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    sqlite = "sqlite" in settings.DATABASES["default"]["ENGINE"]
    other_run = ("on_postgresql",) if sqlite else ("on_sqlite", "once")

    def wanted(item: pytest.Item) -> bool:
        if config.getoption("--soak") and not item.get_closest_marker("soak"):
            return False
        return not any(item.get_closest_marker(mark) for mark in other_run)

    left_out = [item for item in items if not wanted(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if wanted(item)]


def pytest_configure(config: pytest.Config) -> None:
    for mark, meaning in MARKS.items():
        config.addinivalue_line("markers", f"{mark}: {meaning}")
    # Machines differ in speed, answers must not; a failing example is printed so that it can be run again.
    hypothesis_settings.register_profile(
        "leadqual",
        deadline=None,
        print_blob=True,
        derandomize=False,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    hypothesis_settings.load_profile("leadqual")
    # The tests read the English the code is written in; those of the Japanese say so.
    settings.LANGUAGE_CODE = "en"
    trans_real._default = None  # setting up the models has already translated something
    post_migrate.connect(restore_organisation, dispatch_uid="tests.restore_organisation")
    config.pluginmanager.register(MissingServices(), "missing-services")


def restore_organisation(sender: Any, using: str, **_: Any) -> None:
    """A test with real transactions ends in a flush, which takes the row that the first migrate wrote."""
    if sender.label == "common":
        organisation = apps.get_model("common", "Organisation")
        organisation.objects.using(using).get_or_create(pk=1, defaults={"time_zone": settings.TIME_ZONE})


class MissingServices:
    """Says, as the last lines of a run, which servers were not there and how to install them."""

    def __init__(self) -> None:
        self.skipped: dict[str, int] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and isinstance(report.longrepr, tuple) and MISSING in report.longrepr[2]:
            name = report.longrepr[2].split(MISSING)[1].split()[0]
            self.skipped[name] = self.skipped.get(name, 0) + 1

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        if not hasattr(config, "workerinput"):
            for name, count in sorted(self.skipped.items()):
                print(f"{name} is missing, {count} tests skipped: {services.HOW_TO_INSTALL[name]}")


def need(service: str) -> None:
    if services.missing_services((service,)):
        if os.environ.get("LEADQUAL_REQUIRE_SERVICES") == "1":
            pytest.fail(
                f"{service} is required and missing: {services.HOW_TO_INSTALL[service]}", pytrace=False
            )
        pytest.skip(f"{MISSING}{service} ({services.HOW_TO_INSTALL[service]})")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite tests run on a file: threads and other processes must see the same database."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        database.setdefault("TEST", {})["NAME"] = str(path)
        connection.settings_dict["TEST"]["NAME"] = str(path)


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """What the process caches (the organisation's zone) must not travel from test to test."""
    from leadqual.common import clock

    clock.forget_zone()
    translation.deactivate()
    yield
    clock.forget_zone()
    cache.clear()


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """The database of this test, for other processes. What they see must be committed."""
    return workers.database_url(connection.settings_dict)


def private(server: type[services.Server], **options: Any) -> Iterator[Any]:
    need(server.service)
    started = server(**options)
    started.start()
    yield started
    started.remove()


@pytest.fixture
def private_postgres() -> Iterator[services.PostgresServer]:
    """A PostgreSQL of this test alone that may be killed and started again; what it committed is on disk."""
    yield from private(services.PostgresServer, durable=True)


@pytest.fixture
def private_redis() -> Iterator[services.RedisServer]:
    yield from private(services.RedisServer)


@pytest.fixture
def private_rabbitmq() -> Iterator[services.RabbitServer]:
    yield from private(services.RabbitServer)


def shared(server: type[services.Server]) -> Iterator[str]:
    if url := os.environ.get(services.GIVEN[server.service]):
        yield url
    else:
        for started in private(server):
            yield started.url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis that no test kills: the one given by TEST_REDIS_URL, else one for this run."""
    yield from shared(services.RedisServer)


@pytest.fixture(scope="session")
def amqp_url() -> Iterator[str]:
    yield from shared(services.RabbitServer)


@pytest.fixture
def spawn_worker(database_url: str) -> Iterator[Callable[..., workers.Worker]]:
    """spawn_worker(broker=URL, ...) starts a Celery worker on this test's database; all end with the test."""
    spawned: list[workers.Worker] = []

    def spawn(*, broker: str, **options: str) -> workers.Worker:
        spawned.append(workers.Worker(**{"database": database_url, "broker": broker} | options))
        return spawned[-1]

    yield spawn
    for worker in spawned:
        worker.remove()


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[..., int]:
    """figure(small=2_000, full=10_000): the full count in `make soak`, the small one in `make test`."""
    soaking = request.config.getoption("--soak")

    def choose(*, small: int, full: int) -> int:
        return full if soaking else small

    return choose


@pytest.fixture
def soak_record(request: pytest.FixtureRequest) -> Callable[[str, object, str, bool], None]:
    """soak_record("doubly assigned", 0, "0", ok=True): a line of docs/reliability.md, and the assertion of it."""
    report = os.environ.get("LEADQUAL_SOAK_REPORT") if request.config.getoption("--soak") else None

    def record(name: str, figure: object, bound: str, ok: bool) -> None:
        if report:
            line = {
                "database": connection.vendor,
                "name": name,
                "figure": str(figure),
                "bound": bound,
                "ok": ok,
            }
            with Path(report).open("a") as lines:
                lines.write(json.dumps(line) + "\n")
        assert ok, f"{name}: {figure}, bound {bound}"

    return record
