"""Files of leads: the chosen columns, formulas that no spreadsheet runs, large ones by a worker in slices."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]

from leadqual.common import clock
from leadqual.common.access import Role
from leadqual.desk import exporting, tasks, working
from leadqual.desk.exporting import clean_up, path_of, write_slice
from leadqual.desk.models import Export, SavedView, WorkState
from leadqual.desk.views import exports
from leadqual.desk.working import claim, work_on
from tests.desk.people import a_live_model, a_person, browser, scored
from tests.leads.factories import a_company, a_custom_field, a_lead

pytestmark = pytest.mark.django_db
FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1+1", "'=1"]


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


@pytest.fixture
def marketer() -> Any:
    person = a_person("marketer", Role.MARKETER)
    SavedView.objects.create(
        owner=person, name="", columns=["title", "custom.size", "created", "company.name"]
    )
    return browser(person)


def ask(client: Any, format: str, **data: Any) -> Any:
    return client.post(
        "/leads/bulk/", {"action": "export", "everything": "1", "confirmed": "1", "format": format, **data}
    )


def csv_rows(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_csv_has_the_chosen_columns_and_nothing_that_runs(marketer: Any) -> None:
    a_custom_field("size", "number")
    model = a_live_model()
    for formula in FORMULAS:
        scored(model, a_lead(family_name=formula, title=formula, **{"custom.size": -36.5}), 120)
    answer = ask(marketer, "csv")
    assert answer["Content-Disposition"].startswith("attachment")
    header, *rows = csv_rows(b"".join(answer.streaming_content))
    assert header == ["Name", "Score", "Band", "title", "size", "created on", "company name"]
    assert len(rows) == len(FORMULAS)
    for row in rows:
        assert row[0].startswith("'") and row[3].startswith("'")
        assert row[1:3] == ["120", "Hot"] and row[4] == "-36.5"


def test_a_workbook_has_numbers_as_numbers_days_as_days_and_no_formula(marketer: Any) -> None:
    a_custom_field("size", "number")
    for formula in FORMULAS:
        a_lead(family_name=formula, title=formula, company=a_company(f"{formula} Inc"), **{"custom.size": 7})
    content = b"".join(ask(marketer, "xlsx").streaming_content)
    sheet = load_workbook(io.BytesIO(content)).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert sheet["E2"].value == 7
    assert sheet["F2"].value.date() == clock.date_of(clock.today())
    assert sheet["A2"].value.startswith("'")
    assert sheet.max_row == len(FORMULAS) + 1


def test_few_leads_leave_no_file_behind(marketer: Any, files: Path) -> None:
    a_lead()
    ask(marketer, "csv")
    assert list((files / "exports").iterdir()) == []
    assert not Export.objects.exists()


def test_many_leads_are_written_by_a_worker_and_fetched_from_a_page_that_stops_asking(
    marketer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 3)
    for number in range(5):
        a_lead(title=f"T{number}")
    answer = ask(marketer, "csv")
    export = Export.objects.get()
    assert answer["Location"] == f"/leads/exports/{export.public_id}/"
    assert 'hx-trigger="every 2s"' in marketer.get(answer["Location"]).content.decode()
    assert marketer.get(f"{answer['Location']}file/").status_code == 404
    tasks.write_exports()
    page = marketer.get(answer["Location"], headers={"hx-request": "true"}).content.decode()
    assert "hx-trigger" not in page and "5 leads are in the file" in page
    rows = csv_rows(b"".join(marketer.get(f"{answer['Location']}file/").streaming_content))
    assert [row[3] for row in rows[1:]] == [f"T{number}" for number in range(5)]


def an_export(person: Any, **fields: Any) -> Export:
    return Export.objects.create(by=person, format="csv", columns=["title"], choice={"filters": {}}, **fields)


def test_a_killed_worker_goes_on_where_the_last_slice_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "BATCH", 2)
    monkeypatch.setattr(exporting, "SECONDS", -1.0)
    for number in range(7):
        a_lead(title=f"T{number}")
    export = an_export(a_person("marketer", Role.MARKETER))
    slices = 0
    while True:
        row = Export.objects.get(pk=export.pk)
        slices += 1
        if write_slice(row, clock.now()):
            break
        with path_of(export).open("ab") as file:  # what a run wrote that was killed before it could say so
            file.write(b'"half a row')
    assert slices == 4
    rows = csv_rows(path_of(export).read_bytes())
    assert [row[3] for row in rows[1:]] == [f"T{number}" for number in range(7)]


def test_two_workers_never_have_the_same_export_and_a_dead_ones_claim_ends() -> None:
    export = an_export(a_person("marketer", Role.MARKETER))
    now = clock.now()
    assert claim(Export, now=now) == export
    assert claim(Export, now=now) is None
    assert claim(Export, now=now + working.LEASE) == export


def test_what_fails_three_times_is_given_up_and_says_so() -> None:
    export = an_export(a_person("marketer", Role.MARKETER))
    now = clock.now()

    def die(row: Export, at: Any) -> bool:
        raise RuntimeError

    for attempt in range(working.MOST_ATTEMPTS):
        with pytest.raises(RuntimeError):
            work_on(Export, die, now=now + attempt * working.LEASE)
    work_on(Export, die, now=now + working.MOST_ATTEMPTS * working.LEASE)
    export.refresh_from_db()
    assert export.state == WorkState.FAILED and export.error


def test_rights_that_were_lost_meanwhile_count(monkeypatch: pytest.MonkeyPatch) -> None:
    person = a_person("marketer", Role.MARKETER)
    a_lead(title="Secret")
    export = an_export(person)
    person.groups.clear()
    tasks.write_exports()
    assert len(csv_rows(path_of(export).read_bytes())) == 1


def test_files_whose_time_is_over_are_taken_away() -> None:
    person = a_person("marketer", Role.MARKETER)
    now = clock.now()
    old = an_export(person, state=WorkState.DONE, expires_at=now)
    new = an_export(person, state=WorkState.DONE, expires_at=now + timedelta(hours=1))
    for export in (old, new):
        path_of(export).parent.mkdir(parents=True, exist_ok=True)
        path_of(export).write_text("x")
    assert clean_up(now=now) == 1
    assert not path_of(old).exists() and path_of(new).exists()
    assert list(Export.objects.all()) == [new]


def test_a_workbook_is_refused_where_it_would_be_too_large(
    marketer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_IN_A_WORKBOOK", 1)
    a_lead()
    a_lead()
    answer = ask(marketer, "xlsx")
    assert "format" in answer.context["form"].errors
