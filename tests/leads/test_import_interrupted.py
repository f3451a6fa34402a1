"""An import killed with kill -9 at any statement and started again ends as if nothing had happened."""

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leadqual.leads.importing import running
from leadqual.leads.models import (
    Activity,
    ActivityType,
    Company,
    CustomField,
    FieldChange,
    Import,
    ImportRow,
    Lead,
    Signature,
    StatusChange,
)
from tests.leads.files import figures_of, import_leads, write_rows
from tests.workers import PROJECT, environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]

LEADS = ["--rest", "custom", "--outcome-column", "y", "--outcome-won", "yes", "--json"]
ACTS = [
    "--map",
    "user=lead.external_id",
    "--map",
    "what=type",
    "--map",
    "when=occurred_at",
    "--create-leads",
    "--json",
]


def a_file_of_leads(path: Path) -> Path:
    """Leads with and without key, several rows about one, equal rows, and rows to be rejected."""
    rows: list[list[Any]] = [["姓", "e-mail", "会社名", "役職", "score", "y"]]
    for number in range(150):
        address = "" if number % 5 == 0 else f"p{number % 60}@example.jp"
        rows.append(
            [
                f"N{number % 70}",
                address,
                f"C{number % 9}",
                f"T{number % 4}",
                number % 11,
                "yes" if number % 3 else "no",
            ]
        )
    rows[17][1], rows[90][1] = "wrong", "wrong too"
    return write_rows(path, rows)


def a_file_of_acts(path: Path) -> Path:
    rows: list[list[Any]] = [["user", "what", "when"]]
    rows += [
        [f"u{n % 23}", ("visit", "inquiry")[n % 2], f"2024-03-{28 - n % 27:02} 10:00:00"] for n in range(150)
    ]
    rows[40][2] = "never"
    return write_rows(path, rows)


def state() -> dict[str, Any]:
    """Everything that an import leaves behind, without ids and the moments of the run."""
    leads = Lead.objects.values(
        "external_id", "row_identity", "family_name", "email", "title", "company__name", "custom", "custom_folded",
        "outcome", "status", "version",
    )  # fmt: skip
    acts = Activity.objects.values_list(
        "lead__external_id", "signature__type__key", "occurred_at", "event_id"
    )
    return {
        "leads": sorted(map(repr, leads)),
        "since": sorted(Lead.objects.exclude(external_id="").values_list("external_id", "created_at")),
        "companies": sorted(Company.objects.values_list("name", flat=True)),
        "fields": sorted(map(repr, CustomField.objects.values_list("key", "type", "choices"))),
        "acts": sorted(map(repr, acts)),
        "changes": FieldChange.objects.count(),
        "steps": StatusChange.objects.count(),
        "imports": sorted(Import.objects.values_list("state", "rows")),
        "rejected": sorted(ImportRow.objects.values_list("number", "state", "column", "code", "value")),
    }


def forget_everything() -> None:
    acts, story, imports = (
        (Activity, Signature, ActivityType),
        (FieldChange, StatusChange),
        (ImportRow, Import),
    )
    for model in (*acts, *story, *imports, Lead, Company, CustomField):
        model.objects.all()._raw_delete("default")


class Runs:
    def __init__(self, database_url: str, var: Path) -> None:
        self.env = environment(DATABASE_URL=database_url, LEADQUAL_VAR=str(var))

    def run(self, last: int, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tests.leads.killed_import", str(last), *arguments],
            cwd=PROJECT, env=self.env, capture_output=True, text=True, timeout=300,
        )  # fmt: skip


def figures(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert run.returncode == 0, run.stderr
    told: dict[str, Any] = json.loads(run.stdout)
    told["report"] = bool(told.get("report"))
    return told


@pytest.mark.parametrize("part", range(2))
@pytest.mark.parametrize(
    ("command", "make", "options"),
    [("import_leads", a_file_of_leads, LEADS), ("import_activities", a_file_of_acts, ACTS)],
)
def test_killed_anywhere_and_started_again_it_ends_as_if_undisturbed(
    part: int,
    command: str,
    make: Callable[[Path], Path],
    options: list[str],
    tmp_path: Path,
    database_url: str,
    figure: Callable[..., int],
    soak_record: Callable[..., None],
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    runs = Runs(database_url, tmp_path / "var")
    path = str(make(tmp_path / "file.csv"))
    undisturbed = runs.run(0, command, path, *options)
    expected, wanted = figures(undisturbed), state()
    statements = int(undisturbed.stderr.split()[-1])
    kills = different = 0

    for _ in range(figure(small=1, full=6)):
        forget_everything()
        while (run := runs.run(chance.randint(1, statements + 20), command, path, *options)).returncode != 0:
            assert run.returncode == -9, run.stderr
            kills += 1
        different += (figures(run), state()) != (expected, wanted)

    soak_record(f"{command} ended otherwise after {kills} kills -9", different, "0", different == 0)


def test_a_file_that_is_being_imported_is_refused_to_a_second_process(
    tmp_path: Path, database_url: str
) -> None:
    import fcntl

    from leadqual.leads.importing.files import open_table

    path = a_file_of_leads(tmp_path / "file.csv")
    folder = tmp_path / "var" / "imports"
    folder.mkdir(parents=True)
    with (folder / f"{open_table(path, most_bytes=10**6).digest[:32]}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = Runs(database_url, tmp_path / "var").run(0, "import_leads", str(path), *LEADS)

    assert run.returncode == 1
    assert "is being imported by another process" in run.stderr
    assert not Import.objects.exists()


def test_an_interrupted_import_is_given_up_when_the_file_is_imported_otherwise(
    tmp_path: Path, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 1)
    path = write_rows(tmp_path / "file.csv", [["e-mail", "x"], *([f"p{n}@example.jp", n] for n in range(5))])
    applied = running._apply_next

    def dies_in_its_third_batch(batch: Import, *args: Any, **options: Any) -> bool:
        if batch.counts.get("created") == 2:
            raise KeyboardInterrupt
        return applied(batch, *args, **options)

    monkeypatch.setattr(running, "_apply_next", dies_in_its_third_batch)
    with pytest.raises(KeyboardInterrupt):
        import_leads(path)
    monkeypatch.setattr(running, "_apply_next", applied)

    result = import_leads(path, "--rest", "custom")

    assert figures_of(result) == {"rows": 5, "created": 3, "updated": 2}
    assert list(Import.objects.order_by("pk").values_list("state", "rows", "counts__created")) == [
        ("done", 2, 2), ("done", 5, 3),
    ]  # fmt: skip
    assert not ImportRow.objects.exists()
