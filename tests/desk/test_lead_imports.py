"""Import in the browser: the same code as the command, seen before it writes, with a report that adds up."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from leadqual.common.access import Role
from leadqual.desk import tasks, uploading
from leadqual.desk.models import Upload, WorkState
from leadqual.desk.uploading import path_of
from leadqual.leads.importing import running
from leadqual.leads.models import Activity, ActivityType, CustomField, Import, Lead
from tests.desk.people import a_person, browser
from tests.leads.factories import a_lead

pytestmark = pytest.mark.django_db
CSV = (
    "会社名,姓,名,メールアドレス,規模\n山田製作所,山田,太郎,taro@example.com,10\n"
    ",鈴木,花子,not an address,20\n,佐藤,次郎,jiro@example.com,30\n"
)
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


@pytest.fixture
def marketer() -> Any:
    return browser(a_person("marketer", Role.MARKETER))


def upload(client: Any, text: str | bytes, name: str = "people.csv", kind: str = "leads") -> Any:
    content = text.encode() if isinstance(text, str) else text
    return client.post("/leads/imports/", {"file": SimpleUploadedFile(name, content), "kind": kind})


def as_shown(client: Any, address: str) -> dict[str, Any]:
    form = client.get(address).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value}


def run_through(client: Any, text: str, kind: str = "leads", **chosen: Any) -> Import:
    address = upload(client, text, kind=kind)["Location"]
    answer = client.post(address, as_shown(client, address) | chosen)
    assert answer.status_code == 302, answer.context["form"].errors
    while Upload.objects.filter(state__in=[WorkState.WAITING, WorkState.RUNNING]).exists():
        tasks.import_uploads()
    return Import.objects.latest("pk")


def test_ten_rows_are_seen_with_what_each_column_was_taken_for_and_nothing_is_written(marketer: Any) -> None:
    rows = "".join(f"{number},p{number}@example.com\n" for number in range(20))
    address = upload(marketer, ("氏名;メールアドレス\n" + rows.replace(",", ";")).encode("cp932"))["Location"]
    answer = marketer.get(address)
    seen = answer.context["preview"]
    assert (seen.table.encoding, seen.table.separator) == ("cp932", ";")
    assert len(seen.rows) == 10 and seen.guessed == ["name", "email"]
    assert not Lead.objects.exists() and not Import.objects.exists()


def test_the_numbers_of_the_report_add_up_and_name_row_and_column(marketer: Any) -> None:
    batch = run_through(marketer, CSV, rest="on")
    page = marketer.get(f"/leads/imports/{Upload.objects.get().public_id}/")
    assert page.context["sum"] == batch.rows == 3
    assert batch.counts == {"created": 2, "rejected": 1}
    assert [(row.number, row.column, row.value) for row, _why in page.context["rejected"]] == [
        (3, "メールアドレス", "not an address")
    ]
    assert "is not an e-mail address" in page.content.decode()
    assert "hx-trigger" not in page.content.decode()
    report = marketer.get(f"/leads/imports/reports/{batch.public_id}/rejected.csv")
    text = b"".join(report.streaming_content).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == [
        "3", "メールアドレス", "bad_email", "not an address",
    ]  # fmt: skip
    assert Lead.objects.get(email="jiro@example.com").custom == {"規模": 30}


def test_the_browser_and_the_command_make_the_same_leads(marketer: Any, tmp_path: Path) -> None:
    run_through(marketer, CSV, rest="on")
    columns = ["email", "family_name", "custom", "company__name"]
    by_browser = list(Lead.objects.order_by("email").values(*columns))
    Lead.objects.all().delete()
    path = tmp_path / "people.csv"
    path.write_text(CSV)
    call_command("import_leads", str(path), "--rest", "custom")
    assert list(Lead.objects.order_by("email").values(*columns)) == by_browser


def test_the_same_file_twice_makes_nothing_new(marketer: Any) -> None:
    run_through(marketer, CSV)
    batch = run_through(marketer, CSV)
    assert batch.counts == {"skipped": 2, "rejected": 1}
    assert Lead.objects.count() == 2


def test_a_column_is_what_the_reader_says_and_the_outcome_is_read(marketer: Any) -> None:
    run_through(
        marketer, "who,mail,end\nA,a@example.com,yes\nB,b@example.com,no\n",
        column_0="family_name", column_1="email", outcome_column="end", outcome_won="Yes",
    )  # fmt: skip
    assert list(Lead.objects.order_by("email").values_list("family_name", "outcome")) == [
        ("A", "won"),
        ("B", "lost"),
    ]
    assert not CustomField.objects.exists()


def test_a_known_heading_that_is_not_wanted_is_not_imported(marketer: Any) -> None:
    run_through(marketer, CSV, column_0="", column_4="", rest="on")
    assert not Lead.objects.filter(company__isnull=False).exists()
    assert list(CustomField.objects.values_list("key", flat=True)) == ["規模"]


@pytest.mark.parametrize(
    ("chosen", "field"),
    [
        ({"column_1": "email", "column_3": "email"}, "column_3"),
        ({"key": "external_id"}, "key"),
        ({"outcome_column": "規模"}, "outcome_won"),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_stays_chosen(marketer: Any, chosen: Any, field: str) -> None:
    address = upload(marketer, CSV)["Location"]
    answer = marketer.post(address, as_shown(marketer, address) | chosen)
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert answer.context["form"]["column_0"].value() == "company.name"
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.csv"),
        (b"PK\x03\x04rest", "book.xlsx"),
        (b"a,b\n\x81\xff\xfe\xff,1\n", "odd.csv"),
        (b"\x00\x01\x00", "x.csv"),
    ],
)
def test_what_is_no_table_is_refused_at_the_field_and_not_kept(
    marketer: Any, files: Path, content: bytes, name: str
) -> None:
    answer = upload(marketer, content, name)
    assert "file" in answer.context["form"].errors
    assert not Upload.objects.exists()
    assert not any(path.is_file() for path in files.rglob("*.*"))


def test_a_file_too_large_is_refused_before_it_is_read(marketer: Any, settings: Any, files: Path) -> None:
    settings.IMPORT_MOST_BYTES = 1_000
    answer = upload(marketer, b"email\n" + b"x" * 300_000)
    assert "is larger than" in str(answer.context["form"].errors["file"])
    assert not (files / "uploads").exists()
    assert upload(marketer, "email\n" + "x" * 5_000).context["form"].errors["file"]


def test_a_file_name_cannot_lead_out_of_its_folder(marketer: Any, files: Path) -> None:
    for name in ("../../evil.csv", "/etc/passwd", "....", ". .", "<script>.csv"):
        upload(marketer, CSV, name)
    for row in Upload.objects.all():
        assert (files / "uploads" / str(row.public_id)) in path_of(row).parents


def test_an_import_goes_on_after_every_interruption(marketer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 2)
    monkeypatch.setattr(uploading, "SECONDS", -1.0)
    rows = "".join(f"p{number},p{number}@example.com\n" for number in range(7))
    slices: list[int] = []
    work = uploading.import_slice

    def counted(row: Upload, now: Any) -> bool:
        slices.append(row.pk)
        return work(row, now)

    monkeypatch.setattr(tasks, "import_slice", counted)
    batch = run_through(marketer, "姓,email\n" + rows)
    assert len(slices) > 3
    assert batch.counts == {"created": 7, "rejected": 0} and Lead.objects.count() == 7
    assert not path_of(Upload.objects.get()).exists()


def test_progress_is_told_while_it_runs_and_the_page_stops_asking(marketer: Any) -> None:
    address = upload(marketer, CSV)["Location"]
    marketer.post(address, as_shown(marketer, address))
    page = marketer.get(address, headers={"hx-request": "true"}).content.decode()
    assert 'hx-trigger="every 2s"' in page and "waits for its turn" in page
    assert "<html" not in page
    tasks.import_uploads()
    page = marketer.get(address, headers={"hx-request": "true"}).content.decode()
    assert "hx-trigger" not in page and "Every row is accounted for" in page


def test_acts_are_imported_by_the_same_pages(marketer: Any) -> None:
    a_lead(email="a@example.com")
    ActivityType.objects.create(key="visit", label="Visit")
    text = "email,日時,page\na@example.com,2026-01-02 10:00,/x\nb@example.com,2026-01-02 10:00,/x\n"
    batch = run_through(marketer, text, kind="activities", type="visit")
    assert batch.counts == {"recorded": 1, "rejected": 1}
    assert Activity.objects.get().signature.type.key == "visit"
    address = upload(marketer, text, kind="activities")["Location"]
    assert "type" in marketer.post(address, as_shown(marketer, address)).context["form"].errors


def test_a_file_is_thrown_away_unused(marketer: Any) -> None:
    address = upload(marketer, CSV)["Location"]
    path = path_of(Upload.objects.get())
    assert marketer.post(f"{address}cancel/").status_code == 302
    assert not path.exists() and not Upload.objects.exists()


def test_hostile_cells_and_headings_are_text_in_preview_and_report(marketer: Any) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["姓", "email", HOSTILE], [HOSTILE, HOSTILE, "1"]])
    address = upload(marketer, out.getvalue())["Location"]
    page = marketer.get(address).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page
    marketer.post(address, as_shown(marketer, address))
    tasks.import_uploads()
    page = marketer.get(address).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_a_file_that_is_gone_fails_with_a_sentence(marketer: Any) -> None:
    address = upload(marketer, CSV)["Location"]
    marketer.post(address, as_shown(marketer, address))
    path_of(Upload.objects.get()).unlink()
    tasks.import_uploads()
    row = Upload.objects.get()
    assert row.state == WorkState.FAILED and "there is no such file" in row.error
    assert "there is no such file" in marketer.get(address).content.decode()


def test_a_file_that_nobody_imported_is_thrown_away_after_a_week(marketer: Any) -> None:
    upload(marketer, CSV)
    row = Upload.objects.get()
    assert uploading.clean_up(now=row.made_at + uploading.KEPT - timedelta(seconds=1)) == 0
    assert uploading.clean_up(now=row.made_at + uploading.KEPT) == 1
    assert not path_of(row).exists() and not Upload.objects.exists()
