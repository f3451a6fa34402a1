"""`python -m tests.run [--soak] [pytest's arguments]`: the suite on SQLite, then again on PostgreSQL.

The last lines show how each of the two ended and what could not be tested for want of a server.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests import services, workers

PROJECT = workers.PROJECT
# Longer than any run takes that is not stuck; pytest's own faulthandler_timeout says where it is stuck.
DEADLINE = {False: 40 * 60, True: 45 * 60}


@dataclass(frozen=True)
class Suite:
    name: str
    exit_code: int
    closing_line: str
    seconds: float


def run_suite(name: str, arguments: list[str], soak: bool, **given: str) -> Suite:
    print(f"\n=== {name} ===", flush=True)
    command = [sys.executable, "-m", "pytest", *arguments]
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env=workers.environment(**kept(), **given),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    watch = threading.Timer(DEADLINE[soak], process.kill)
    watch.start()
    closing = "no closing line"
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        if line.startswith("=") and " in " in line:
            closing = line.strip(" =\n")
    watch.cancel()
    return Suite(name, process.wait(), closing, time.monotonic() - started)


def kept() -> dict[str, str]:
    """What is passed on of the variables that a child must otherwise not inherit."""
    return {
        key: os.environ[key]
        for key in ("LEADQUAL_REQUIRE_SERVICES", "LEADQUAL_SHARED_DATA")
        if key in os.environ
    }


def pytest_arguments(soak: bool, given: list[str]) -> list[str]:
    if soak:
        return ["--soak", "-p", "no:randomly", "-s", *given]
    parallel = (
        [] if any(argument.startswith("-n") for argument in given) else ["-n", "2", "--dist", "worksteal"]
    )
    return [*parallel, *given]


def on_postgresql(arguments: list[str], soak: bool, **given: str) -> Suite | None:
    """None when there is no PostgreSQL; a database name of its own, so that two runs do not meet."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        own = f"{url.rsplit('/', 1)[0]}/leadqual_{os.getpid()}"
        return run_suite("PostgreSQL", arguments, soak, DATABASE_URL=own, **given)
    try:
        server = services.PostgresServer()
    except services.ServiceMissing:
        return None
    try:
        server.start()
        return run_suite("PostgreSQL", arguments, soak, DATABASE_URL=server.database_url("leadqual"), **given)
    finally:
        server.remove()


def write_reliability(report: Path) -> None:
    rows = []
    for line, times in Counter(report.read_text().splitlines()).items():
        entry = json.loads(line)
        held = "yes" if entry["ok"] else "NO"
        name = entry["name"] + (f", {times} times" if times > 1 else "")
        rows.append(f"| {entry['database']} | {name} | {entry['figure']} | {entry['bound']} | {held} |")
    text = [
        "# Reliability, measured",
        "",
        "Written by `make soak`: the same tests as in `make test`, with their full figures. Real PostgreSQL, Redis and",
        "RabbitMQ, real worker processes, SIGKILL.",
        "",
        "| database | what | measured | bound | held |",
        "| --- | --- | --- | --- | --- |",
        *rows,
        "",
    ]
    (PROJECT / "docs" / "reliability.md").write_text("\n".join(text))


def main(arguments: list[str]) -> int:
    soak = "--soak" in arguments
    rest = pytest_arguments(soak, [argument for argument in arguments if argument != "--soak"])
    with tempfile.TemporaryDirectory(prefix="leadqual-run-") as folder:
        report = Path(folder) / "soak.jsonl"
        report.touch()
        given = {"LEADQUAL_SOAK_REPORT": str(report)} if soak else {}
        suites = [run_suite("SQLite", rest, soak, **given), on_postgresql(rest, soak, **given)]
        if soak:
            write_reliability(report)
    required = os.environ.get("LEADQUAL_REQUIRE_SERVICES") == "1"
    missing = services.missing_services()
    print("\n=== Result ===")
    for suite in suites:
        if suite is not None:
            print(f"{suite.name}: {suite.closing_line} (exit {suite.exit_code}, {suite.seconds:.0f} s)")
    if suites[1] is None:
        print(f"PostgreSQL: {'FAILED' if required else 'not run'}, no server installed")
    for service in missing:
        print(f"{service} is missing, its tests were not run: {services.HOW_TO_INSTALL[service]}")
    failed = any(suite is not None and suite.exit_code != 0 for suite in suites)
    return int(failed or (required and bool(missing)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
