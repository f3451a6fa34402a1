"""SQLite with eight writers and the worker inside `up`: everybody gets the lock in time, and nothing is lost."""

import json
import random
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from handoff.models import Feedback, Handoff, State
from leadqual.common import clock
from leadqual.leads.editing import create_leads
from leadqual.leads.models import Activity, FieldChange, Inbox, Lead
from leadqual.operations.qualifying import qualify
from leadqual.scoring.checking import check_ledger
from tests import marks
from tests.operations.factories import DESIGN, a_design, an_event
from tests.services import free_port, wait_until
from tests.workers import PROJECT, Program, environment

pytestmark = [marks.on_sqlite, pytest.mark.django_db(transaction=True)]

WRITERS = 8
LEADS = 80
ROOMY = DESIGN.replace("capacity: 2", "capacity: 90").replace("capacity: 1}", "capacity: 90}")


@pytest.fixture
def market() -> None:
    """Leads, a third of them hot and offered to reps who have not answered yet."""
    now = clock.now()
    a_design(now=now, text=ROOMY)
    with transaction.atomic():
        create_leads([{"external_id": f"u{n}", "family_name": "L"} for n in range(LEADS)], now=now)
    for n in range(LEADS // 3):
        an_event(f"u{n}", "ask", now=now)
    assert qualify(day=clock.day_of(now), now=now).assigned == LEADS // 3


@pytest.fixture
def site(market: None, database_url: str, tmp_path: Path) -> Iterator[Program]:
    port = free_port()
    program = Program(
        [sys.executable, "manage.py", "up", "--port", str(port)],
        environment(DATABASE_URL=database_url, LEADQUAL_VAR=str(tmp_path)),
        "up",
    )
    try:
        with_pages = f"http://127.0.0.1:{port}/healthz"
        wait_until(lambda: urllib.request.urlopen(with_pages, timeout=2).status == 200, 30, "the first page")
        yield program
    finally:
        program.remove()


def write_at_once(database: str, processes: int, seconds: int, seed: int) -> list[dict[str, Any]]:
    """What each of the writers says."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.operations.busy_writer", f"{seed}.{number}",
             str(WRITERS // processes), str(seconds)],
            cwd=PROJECT, env=environment(DATABASE_URL=database), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for number in range(processes)
    ]  # fmt: skip
    try:
        for each in running:
            assert each.stdout is not None and each.stdout.readline() == "ready\n"
        for each in running:
            assert each.stdin is not None
            each.stdin.write("begin\n")
            each.stdin.flush()
        return [said for each in running for said in json.loads(each.communicate(timeout=120)[0])]
    finally:
        for each in running:
            each.kill()
            each.wait()


def lost(said: list[dict[str, Any]]) -> dict[str, int]:
    """How much of what was accepted is not there, or there twice."""
    accepted = {
        kind: [mark for each in said for mark in each["accepted"].get(kind, ())]
        for kind in ("events", "edits", "answers", "feedback")
    }
    print({kind: len(marks) for kind, marks in accepted.items()})
    assert all(accepted.values()), "nothing was written of one kind"
    answered = Handoff.objects.filter(state=State.ACCEPTED).values_list("pk", flat=True)
    found = {
        "events": Activity.objects.filter(event_id__isnull=False).values_list("event_id", flat=True),
        "edits": FieldChange.objects.filter(field="title").values_list("new", flat=True),
        "answers": (str(pk) for pk in answered),
        "feedback": Feedback.objects.values_list("remark", flat=True),
    }
    return {f"{kind} lost or doubled": len(set(accepted[kind]) ^ set(found[kind])) for kind in accepted} | {
        "edits that the version of a lead does not count": sum(Lead.objects.values_list("version", flat=True))
        - LEADS * Lead._meta.get_field("version").get_default()
        - len(accepted["edits"]),
        "answers given twice": len(accepted["answers"]) - len(set(accepted["answers"])),
    }


@pytest.mark.soak
def test_eight_writers_and_a_worker_never_find_the_database_locked(
    site: Program,
    database_url: str,
    figure: Callable[..., int],
    soak_record: Callable[[str, object, str, bool], None],
) -> None:
    seed = random.randrange(10**9)
    print("seed", seed)
    seconds = figure(small=4, full=60)
    said = write_at_once(database_url, figure(small=2, full=WRITERS), seconds, seed)
    waiting = Inbox.objects.filter(quarantined_at=None)
    wait_until(lambda: not waiting.exists(), 60, "the worker to have recorded every event")
    site.process.terminate()
    assert site.process.wait(20) == 0

    what = f"SQLite, {WRITERS} writers and a worker for {seconds} s"
    errors = [error for each in said for error in each["errors"]]
    print(*errors[:5], sep="\n")
    locked = sum("locked" in error for error in errors) + site.output().count("database is locked")
    soak_record(f"{what}: “database is locked”", locked, "0", locked == 0)
    soak_record(f"{what}: other errors", len(errors), "0", not errors)
    longest = max(each["longest"] for each in said)
    soak_record(f"{what}: longest write (s)", f"{longest:.1f}", "20", longest < 20)
    for kind, number in lost(said).items():
        soak_record(f"{what}: {kind}", number, "0", number == 0)
    soak_record(f"{what}: events set aside", Inbox.objects.count(), "0", not Inbox.objects.exists())
    checked = check_ledger()
    found = f"{checked.missing}/{checked.extra}/{checked.scores_different}"
    soak_record(f"{what}: check_ledger", found, "0/0/0", found == "0/0/0" and checked.leads == LEADS)
