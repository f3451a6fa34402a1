"""`manage.py up` as a real process."""

import json
import os
import signal
import socket
import sqlite3
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from tests import marks
from tests.services import free_port, wait_until
from tests.workers import Program, environment, manage

pytestmark = marks.on_sqlite


@dataclass
class Site:
    """An installation of its own: folder, database, port."""

    folder: Path
    port: int = field(default_factory=free_port)

    def variables(self) -> dict[str, str]:
        return {"DATABASE_URL": f"sqlite:///{self.folder / 'site.sqlite3'}", "LEADQUAL_VAR": str(self.folder)}

    def up(self) -> Program:
        command = [sys.executable, "manage.py", "up", "--port", str(self.port)]
        return Program(command, environment(**self.variables()), "up")

    def healthy(self) -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as answer:
            return json.load(answer) == {"status": "ok"}

    def port_free(self) -> bool:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", self.port))
        return True

    def rows(self, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(self.folder / "site.sqlite3", timeout=20)
        try:
            with connection:
                return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()

    def receive(self, event_id: str) -> None:
        """What the tracking endpoint does, without the wake-up: a row in the inbox."""
        now = datetime.now(UTC)
        payload = {
            "type": "visit",
            "event_id": event_id,
            "occurred_at": now.isoformat(),
            "lead": {"email": "a@example.com"},
        }
        self.rows(
            "INSERT INTO leads_inbox (received_at, payload, attempts, error) VALUES (?, ?, 0, '')",
            now.strftime("%Y-%m-%d %H:%M:%S.%f"),
            json.dumps(payload),
        )

    def recorded(self, event_id: str) -> bool:
        return self.rows("SELECT count(*) FROM leads_activity WHERE event_id = ?", event_id) == [(1,)]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("migrated")
    site = Site(folder)
    done = manage("migrate", "--verbosity", "0", **site.variables())
    assert done.returncode == 0, done.stderr
    visit = "ActivityType.objects.create(key='visit', label='Visit')"
    done = manage(
        "shell", "-c", f"from leadqual.leads.models import ActivityType; {visit}", **site.variables()
    )
    assert done.returncode == 0, done.stderr
    site.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    return (folder / "site.sqlite3").read_bytes()


@pytest.fixture
def site(tmp_path: Path, migrated: bytes) -> Site:
    (tmp_path / "site.sqlite3").write_bytes(migrated)
    return Site(tmp_path)


@pytest.fixture
def running(site: Site) -> Iterator[Program]:
    program = site.up()
    try:
        wait_until(site.healthy, 30, "the first page")
        yield program
    finally:
        for process in web_processes(site):
            process.kill()
        program.remove()


def web_processes(site: Site) -> list[psutil.Process]:
    """Every process that serves this site's port, whoever its parent is by now."""
    found = []
    for process in psutil.process_iter():
        try:
            if f"127.0.0.1:{site.port}" in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def web_worker(program: Program) -> psutil.Process:
    children = psutil.Process(program.pid).children()
    assert len(children) == 1
    return children[0]


def test_it_serves_pages_and_the_sweep_inside_it_finds_what_others_left(site: Site, running: Program) -> None:
    site.receive("first")
    wait_until(lambda: site.recorded("first"), 15, "the event")
    assert site.rows("SELECT count(*) FROM leads_inbox") == [(0,)]
    assert len(web_processes(site)) == 2  # the arbiter and one worker process, nothing else
    assert "Traceback" not in running.output()


def test_a_killed_web_process_comes_back_and_works_on(site: Site, running: Program) -> None:
    killed = web_worker(running)
    killed.kill()
    site.receive("while it was down")
    wait_until(lambda: web_worker(running).pid != killed.pid and site.healthy(), 30, "another web process")
    wait_until(lambda: site.recorded("while it was down"), 15, "the event")


def test_a_killed_supervisor_leaves_nobody_on_the_port(site: Site, running: Program) -> None:
    os.kill(running.pid, signal.SIGKILL)
    running.process.wait(10)
    wait_until(lambda: web_processes(site) == [], 10, "the end of the orphan")
    wait_until(site.port_free, 10, "the free port")


def test_a_request_to_stop_ends_everything_with_exit_code_0(site: Site, running: Program) -> None:
    running.process.terminate()
    assert running.process.wait(20) == 0
    assert web_processes(site) == []


def test_a_busy_port_gets_one_clear_line(site: Site) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", site.port))
        taken.listen()
        done = manage("up", "--port", str(site.port), **site.variables())
    message = f"--port: port {site.port} is in use; stop what listens there or choose another with --port"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"CommandError: {message}\n")


def test_a_port_that_is_none_gets_one_clear_line(site: Site) -> None:
    done = manage("up", "--port", "99999", **site.variables())
    assert done.returncode == 1
    assert (
        done.stderr
        == "CommandError: --host: cannot listen on 127.0.0.1:99999: bind(): port must be 0-65535.\n"
    )


def test_a_database_without_tables_is_named_before_anything_is_served(tmp_path: Path) -> None:
    site = Site(tmp_path)
    done = manage("up", "--port", str(site.port), **site.variables())
    assert done.returncode == 1
    assert done.stderr == "CommandError: the database is not up to date; run “manage.py migrate” first\n"
