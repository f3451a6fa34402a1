"""What people get wrong, through the real commands: one message naming the place, exit code 1, nothing changed."""

import gzip
import re
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from leadqual.common.errors import LeadqualError
from leadqual.leads import inbox
from leadqual.leads.models import Inbox
from leadqual.operations.tasks import drain_inbox
from leadqual.scoring.models import ModelState, ScoringModel
from tests.operations.factories import DESIGN, NOW, a_design, an_event
from tests.workers import PROJECT, environment, manage

pytestmark = pytest.mark.django_db

LEADS = "email,company\nsato@example.com,Acme\n"
ACTS = "user,event,at\nu1,view,2026-11-01 10:00\n"
IMPORT_ACTS = [
    "--map",
    "user=lead.external_id",
    "--map",
    "event=type",
    "--map",
    "at=occurred_at",
    "--create-leads",
]


def everything() -> dict[str, list[Any]]:
    """Every row of every table of ours."""
    ours = [
        model for model in apps.get_models() if not model.__module__.startswith("django.contrib.contenttypes")
    ]
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in ours}


def refusal(*arguments: str) -> str:
    """What the command says when it refuses; it has changed nothing."""
    before = everything()
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command(*arguments, stdout=out, stderr=StringIO())
    assert caught.value.returncode != 0
    assert out.getvalue() == ""
    assert everything() == before
    return str(caught.value)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    def written(name: str, content: str | bytes) -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return written


COMMANDS: list[list[str]] = [
    ["import_leads", "--key", "email"],
    ["import_activities", *IMPORT_ACTS],
    ["load_design"],
]
BINARY = {
    "picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x10\x00\x00\x00\x10\x08\x06\x00\x00\x00\x1f\xf3\xffa",
    "noise": bytes(range(256)) * 40,
    "zeros": b"\x00" * 4096,
    "program": b"\x7fELF\x02\x01\x01" + b"\x00" * 200,
    "torn gzip": gzip.compress(ACTS.encode() * 100, mtime=0)[:-30],
}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_an_empty_file(command: list[str], write: Callable[..., str]) -> None:
    for content in (b"", b"\n\n  \n", b"\xef\xbb\xbf"):
        path = write("empty.csv", content)
        message = refusal(command[0], path, *command[1:])
        assert path in message and "empty" in message
        assert len(message.splitlines()) == 1


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_missing_file_or_a_folder(command: list[str], tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.csv", tmp_path):
        message = refusal(command[0], str(path), *command[1:])
        assert str(path) in message
        assert len(message.splitlines()) == 1


@pytest.mark.parametrize("content", BINARY.values(), ids=BINARY.keys())
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_binary_file(command: list[str], content: bytes, write: Callable[..., str]) -> None:
    path = write("binary.csv", content)
    message = refusal(command[0], path, *command[1:])
    assert path in message
    assert len(message.splitlines()) == 1


def test_a_column_in_map_that_the_file_does_not_have(write: Callable[..., str]) -> None:
    message = refusal("import_leads", write("leads.csv", LEADS), "--map", "mail=email")
    assert "mail" in message and "email, company" in message
    message = refusal(
        "import_activities", write("acts.csv", ACTS), "--map", "who=lead.external_id", *IMPORT_ACTS[2:]
    )
    assert "who" in message and "user, event, at" in message


def test_a_field_in_map_that_leads_do_not_have(write: Callable[..., str]) -> None:
    assert "shoe_size" in refusal("import_leads", write("leads.csv", LEADS), "--map", "email=shoe_size")
    assert "email" in refusal("import_leads", write("leads.csv", LEADS), "--map", "email")


def design(old: str, new: str) -> str:
    assert old in DESIGN
    return DESIGN.replace(old, new, 1)


def refused_design(text: str, write: Callable[..., str]) -> str:
    path = write("design.yaml", text)
    message = refusal("load_design", path)
    assert message.startswith(f"{path}: line ")
    return message.removeprefix(f"{path}: ")


def test_a_window_of_minus_three_days(write: Callable[..., str]) -> None:
    assert re.fullmatch(
        r"line \d+, scoring_models\.M\.rules\.Ask\.window_days: -3 is not between 1 and 1825 days",
        refused_design(design("window_days: 20}", "window_days: -3}"), write),
    )


def test_a_half_life_of_nothing(write: Callable[..., str]) -> None:
    assert re.fullmatch(
        r"line \d+, scoring_models\.M\.rules\.Paper\.half_life_days: 0 is not a half-life: .*",
        refused_design(design("half_life_days: 20}", "half_life_days: 0}"), write),
    )


def test_a_condition_200_levels_deep(write: Callable[..., str]) -> None:
    deep = "{not: " * 200 + "{all: []}" + "}" * 200
    message = refused_design(
        design("condition: {activity: paper, op: at_least, count: 1, within_days: 30}", f"condition: {deep}"),
        write,
    )
    assert re.fullmatch(
        r"line \d+, segments\.Reading\.condition\.not\.not\.not: nested more than 100 levels deep", message
    )
    deep = "{not: " * 30 + "{all: []}" + "}" * 30
    message = refused_design(
        design("condition: {activity: paper, op: at_least, count: 1, within_days: 30}", f"condition: {deep}"),
        write,
    )
    assert re.match(r"line \d+, segments\.Reading\.condition(\.not)+: ", message)
    assert "20" in message


def test_a_segment_that_contains_itself(write: Callable[..., str]) -> None:
    itself = design("segments:", "segments:\n  Circle: {condition: {all: [{segment: Circle}]}}")
    assert re.fullmatch(
        r"line \d+, segments\.Circle\.condition: the segment contains itself: Circle → Circle",
        refused_design(itself, write),
    )


@pytest.mark.django_db(transaction=True)
def test_an_unknown_activity_type(write: Callable[..., str]) -> None:
    assert re.fullmatch(
        r"line \d+, scoring_models\.M\.rules\.Ask\.activity_type: there is no activity type “asked”",
        refused_design(design("activity_type: ask", "activity_type: asked"), write),
    )
    a_design()
    an_event("a", "dance", event_id="1")
    drain_inbox.apply()
    row = Inbox.objects.get()
    assert row.quarantined_at is not None and "dance" in row.error


@pytest.mark.django_db(transaction=True)
def test_rows_of_an_unknown_activity_type_are_rejected_one_by_one(
    write: Callable[..., str], tmp_path: Path
) -> None:
    out = StringIO()
    report = tmp_path / "report.csv"
    arguments = [
        write("acts.csv", ACTS),
        *IMPORT_ACTS,
        "--no-create-types",
        "--json",
        "--report",
        str(report),
    ]
    call_command("import_activities", *arguments, stdout=out, stderr=StringIO())
    assert '"rows": 1, "recorded": 0, "duplicates": 0, "rejected": 1' in out.getvalue()
    assert "view" in report.read_text("utf-8-sig")


def test_an_event_of_a_megabyte() -> None:
    before = everything()
    with pytest.raises(LeadqualError) as caught:
        inbox.receive({"type": "ask", "attributes": {"text": "x" * (1 << 20)}}, now=NOW)
    assert caught.value.code == "too_large"
    assert "65536 bytes" in str(caught.value)
    assert everything() == before


def test_a_design_file_larger_than_its_bound(write: Callable[..., str]) -> None:
    path = write("design.yaml", "leadqual: 1\n#" + "x" * (1 << 20))
    assert refusal("load_design", path) == f"{path}: the file is larger than 1048576 bytes"


def test_a_day_that_is_none() -> None:
    for command in ("qualify", "assign_hot_leads", "refresh_segments"):
        assert (
            refusal(command, "--as-of", "2024-06-31") == "--as-of: “2024-06-31” is not a date like 2024-06-30"
        )
    a_design(published=False)
    assert refusal("publish_model", "M", "--as-of", "soon") == "--as-of: “soon” is not a date like 2024-06-30"


def test_a_model_that_is_not_there_or_cannot_be_published_again() -> None:
    assert "there is no such scoring model" in refusal("publish_model", "Nobody")
    a_design()
    assert "M: there is no version that is “draft”" in refusal("publish_model", "M")


def test_the_shell_sees_one_line_and_exit_code_1(database_url: str) -> None:
    done = manage("load_design", "/nowhere/design.yaml", DATABASE_URL=database_url)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "CommandError: /nowhere/design.yaml: there is no such file\n"


def test_a_model_published_twice_at_once_is_published_once(database_url: str) -> None:
    a_design()
    a_design(text=DESIGN.replace("points: 30", "points: 50"), published=False)
    publishing = [
        subprocess.Popen(
            [sys.executable, "manage.py", "publish_model", "M"],
            cwd=PROJECT, env=environment(DATABASE_URL=database_url),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    ended = [(each.communicate(timeout=120), each.returncode) for each in publishing]
    assert sorted(code for _, code in ended) == [0, 1, 1]
    for (_out, said), code in ended:
        if code:
            lines = [line for line in said.splitlines() if line.startswith("CommandError")]
            assert len(lines) == 1 and "M" in lines[0], said
            assert "Traceback" not in said
    assert sorted(ScoringModel.objects.values_list("version", "state")) == [
        (1, ModelState.RETIRED), (2, ModelState.LIVE),
    ]  # fmt: skip
