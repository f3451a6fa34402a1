"""The tests' own servers: started, killed, missing."""

import json
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from tests import marks
from tests.services import PostgresServer, RedisServer
from tests.workers import PROJECT, environment

pytestmark = marks.once
NEEDS_REDIS = "def test_needs_redis(private_redis):\n    pass\n"


def run_pytest(folder: Path, source: str, *arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    """pytest with this project's fixtures on one file elsewhere."""
    (folder / "test_it.py").write_text(source)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.conftest",
        "-p",
        "no:cacheprovider",
        "--rootdir",
    ]
    return subprocess.run(
        [*command, str(folder), *arguments, str(folder / "test_it.py")],
        cwd=PROJECT,
        env=environment(PYTHONPATH=str(PROJECT), **given),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("parallel", [[], ["-n", "2"]], ids=["alone", "parallel"])
def test_a_missing_server_skips_its_tests_and_the_last_line_says_how_to_install_it(
    tmp_path: Path, parallel: list[str]
) -> None:
    done = run_pytest(tmp_path, NEEDS_REDIS, *parallel, PATH="/nonexistent")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "redis is missing, 1 tests skipped: apt-get install redis-server"
    assert "1 skipped" in done.stdout


def test_a_missing_server_is_a_failure_where_servers_are_required(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, NEEDS_REDIS, PATH="/nonexistent", LEADQUAL_REQUIRE_SERVICES="1")
    assert done.returncode == 1
    assert "redis is required and missing: apt-get install redis-server" in done.stdout
    assert "1 error" in done.stdout


def test_a_killed_postgresql_comes_back_with_what_was_committed(private_postgres: PostgresServer) -> None:
    url = private_postgres.create_database("kept")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE note (text text)")
        connection.execute("INSERT INTO note VALUES ('committed')")
    before = private_postgres.processes()
    private_postgres.kill()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)
    assert len(before) > 1
    assert [process for process in before if alive(process)] == []
    private_postgres.start()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT text FROM note").fetchall() == [("committed",)]


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_killed_redis_comes_back_empty(private_redis: RedisServer) -> None:
    private_redis.client().set("a", 1)
    private_redis.restart()
    assert private_redis.client().get("a") is None


SOAKING = """
import pytest

@pytest.mark.soak
def test_counts(figure, soak_record):
    soak_record("counted", figure(small=2, full=10), "10", ok={ok})

def test_other():
    raise AssertionError("not a soak test")
"""


def soak(folder: Path, *arguments: str, ok: bool = True) -> tuple[int, list[dict[str, object]]]:
    report = folder / "report.jsonl"
    report.touch()
    source = SOAKING.format(ok=ok)
    done = run_pytest(folder, source, *arguments, LEADQUAL_SOAK_REPORT=str(report), LEADQUAL_VAR=str(folder))
    return done.returncode, [json.loads(line) for line in report.read_text().splitlines()]


def test_a_soak_runs_only_its_tests_with_full_figures_and_writes_them_down(tmp_path: Path) -> None:
    line = {"database": "sqlite", "name": "counted", "figure": "10", "bound": "10", "ok": True}
    assert soak(tmp_path, "--soak") == (0, [line])


def test_a_soak_writes_down_what_it_missed_and_fails(tmp_path: Path) -> None:
    line = {"database": "sqlite", "name": "counted", "figure": "10", "bound": "10", "ok": False}
    assert soak(tmp_path, "--soak", ok=False) == (1, [line])


def test_without_soak_the_small_figures_run_and_nothing_is_written(tmp_path: Path) -> None:
    code, lines = soak(tmp_path)
    assert (code, lines) == (1, [])  # test_other ran, too
