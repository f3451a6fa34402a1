"""Whatever the file: figures that add up, or one line that says what is wrong; never a traceback."""

import csv
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import transaction

from leadqual.leads.models import Activity, ActivityType, Company, CustomField, Import, ImportRow, Lead
from tests.leads import malformed
from tests.leads.files import import_activities, import_leads

pytestmark = [pytest.mark.django_db, pytest.mark.soak]

ENDS = ("created", "updated", "skipped", "rejected", "recorded", "duplicates")
MODELS = (Activity, ActivityType, Company, CustomField, Import, ImportRow, Lead)
LEAD_OPTIONS: list[list[str]] = [
    [],
    ["--rest", "custom"],
    ["--rest", "custom", "--key", "none", "--outcome-column", "y", "--outcome-won", "yes"],
    ["--key", "email", "--map", "since=created_at", "--map", "plan=interests"],
    ["--map", "電話=external_id", "--key", "external_id", "--map", "since=custom.since", "--rest", "custom"],
    ["--encoding", "cp932", "--separator", "semicolon", "--rest", "custom"],
]
ACT_OPTIONS: list[list[str]] = [
    ["--map", "user_id=lead.external_id", "--create-leads"],
    ["--map", "user_id=lead.external_id", "--create-leads", "--rest", "attributes", "--map", "id=event_id"],
    ["--map", "user_id=lead.external_id", "--no-create-types"],
    ["--map", "#1=lead.email", "--type", "visit", "--map", "#3=occurred_at"],
]


def rows_there() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in MODELS}


def lines_reported(var: Path) -> int:
    lines = 0
    for path in (var / "imports").glob("*.csv"):
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines += sum(1 for _ in csv.reader(file)) - 1
        path.unlink()
    return lines


def judge(run: Callable[..., dict[str, Any]], path: Path, options: list[str], var: Path) -> str:
    """Nothing when all is well, else what is wrong with how the file was received. Takes back what it did."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                result = run(path, *options)
        except CommandError as error:
            if any(rows_there().values()):
                return f"refused, but left something behind: {rows_there()}"
            return "" if "\n" not in str(error) else f"more than one line: {error}"
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        finally:
            transaction.set_rollback(True)
    if result["rows"] != sum(result.get(end, 0) for end in ENDS):
        return f"does not add up: {result}"
    reported = lines_reported(var)
    return "" if reported == result["rejected"] else f"{reported} lines in the report of {result}"


@pytest.mark.parametrize("part", range(10))
def test_no_malformed_file_ends_in_a_traceback(
    part: int, tmp_path: Path, var: Path, figure: Callable[..., int], soak_record: Callable[..., None]
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    faults = []
    count = figure(small=30, full=500)
    for number in range(count):
        chance = random.Random(f"{seed}/{number}")
        leads = chance.random() < 0.7
        path = tmp_path / "file.csv"
        path.write_bytes(malformed.broken(chance, malformed.LEADS if leads else malformed.ACTS))
        options = chance.choice(LEAD_OPTIONS if leads else ACT_OPTIONS)
        fault = judge(import_leads if leads else import_activities, path, options, var)
        if fault:
            faults.append(f"{seed}/{number} {options}: {fault}")

    print("\n".join(faults[:20]))
    soak_record(
        f"tracebacks and rows unaccounted for in {count:,} malformed files", len(faults), "0", not faults
    )
