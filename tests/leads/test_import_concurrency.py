"""Two people who import files about the same persons at the same time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from leadqual.leads.models import Company, Lead
from tests.leads.files import write_rows
from tests.workers import PROJECT, environment

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_imports_of_the_same_people_at_once_make_each_of_them_once(
    tmp_path: Path, database_url: str
) -> None:
    env = environment(DATABASE_URL=database_url, LEADQUAL_VAR=str(tmp_path / "var"))
    rows = [["external_id", "姓", "会社名"], *([f"u{n}", f"N{n}", f"C{n % 7}"] for n in range(200))]
    files = [write_rows(tmp_path / "a.csv", rows), write_rows(tmp_path / "b.csv", [rows[0], *rows[:0:-1]])]

    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.leads.killed_import", "0", "import_leads", str(file), "--json"],
            cwd=PROJECT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for file in files
    ]
    told = []
    for process in running:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        told.append(json.loads(out))

    assert sum(each["created"] for each in told) == 200
    assert [each["created"] + each["skipped"] for each in told] == [200, 200]
    assert Lead.objects.count() == Lead.objects.values("external_id").distinct().count() == 200
    assert Company.objects.count() == 7
