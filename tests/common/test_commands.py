from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from leadqual.common import clock
from tests import marks, workers


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["qualify", "rescore", "refresh_segments", "assign_hot_leads"])
def test_a_day_to_come_is_refused_for_it_could_never_be_taken_back(command: str) -> None:
    tomorrow = (clock.date_of(clock.today()) + timedelta(days=1)).isoformat()
    with pytest.raises(CommandError, match=rf"^--as-of: {tomorrow} is yet to come$"):
        call_command(command, "--as-of", tomorrow)


@marks.once
@pytest.mark.parametrize("command", [["qualify"], ["dump_design"], ["check_ledger"]])
def test_a_database_without_tables_is_told_in_one_line(command: list[str], tmp_path: Path) -> None:
    done = workers.manage(*command, DATABASE_URL=f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.strip().endswith("the database is not up to date; run “manage.py migrate” first")
