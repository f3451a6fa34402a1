"""An erased person is not left in files that are half read, in reports of rejected rows, or in the inbox."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from leadqual.leads import inbox, persons
from leadqual.leads.importing import running
from leadqual.leads.models import Import, ImportRow, Inbox, Lead
from leadqual.leads.recording import Event
from tests.leads.acts import a_type, at, recorded
from tests.leads.factories import a_lead
from tests.leads.files import figures_of, import_leads, report_of, write_rows

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = ["姓", "名", "e-mail", "電話番号"]


class Killed(Exception):
    pass


@pytest.fixture
def taro() -> Lead:
    return a_lead(family_name="山田", given_name="太郎", email="taro@example.jp", phone="03-1234-5678",
                  external_id="u1")  # fmt: skip


def erase(lead: Lead) -> dict[str, int]:
    with transaction.atomic():
        return persons.erase_all(lead.pk, now=at())


def half_imported(path: Path, rows: Sequence[Sequence[str]], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file is staged, and nothing of it applied."""
    write_rows(path, [HEADER, *rows])

    def killed(*_: Any, **__: Any) -> bool:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(running, "_apply_next", killed)
        with pytest.raises(Killed):
            import_leads(path)
    return path


def test_rows_that_wait_are_rejected_and_the_import_goes_on_without_the_person(
    taro: Lead, var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        ["山田", "太郎", "ＴＡＲＯ@example.jp", ""],
        ["山田", "太郎", "other@example.jp", ""],
        ["佐藤", "花子", "xtaro@example.jp", ""],
        ["山田", "", "taro@example.jp", ""],
    ]
    path = half_imported(tmp_path / "leads.csv", rows, monkeypatch)
    assert erase(taro)["leads.ImportRow"] == 2
    assert "taro@example.jp" not in str(
        list(ImportRow.objects.exclude(number=4).values_list("cells", "identity"))
    )
    result = import_leads(path)
    assert figures_of(result) == {"rows": 4, "created": 2, "rejected": 2}
    assert report_of(result)[1:] == [["2", "", "erased", ""], ["5", "", "erased", ""]]
    assert set(Lead.objects.values_list("email", flat=True)) == {"other@example.jp", "xtaro@example.jp"}


def test_rows_rejected_long_ago_and_their_report_lose_what_tells_of_the_person(
    taro: Lead, var: Path, tmp_path: Path
) -> None:
    write_rows(tmp_path / "leads.csv", [
        HEADER,
        ["山田", "太郎", "taro@example.jp", "", "a cell too many"],
        ["佐藤", "花子", "hana@example.jp", "", "a cell too many"],
        ["", "", "k@example.jp", "電話 03-1234-5678 まで"],
    ])  # fmt: skip
    result = import_leads(tmp_path / "leads.csv")
    assert result["rejected"] == 3
    erase(taro)
    assert [line[3] for line in report_of(result)[1:]] == [
        "",
        "佐藤,花子,hana@example.jp,,a cell too many",
        "",
    ]
    assert list(ImportRow.objects.order_by("number").values_list("code", flat=True)) == [
        "too_many_cells", "too_many_cells", "bad_phone",
    ]  # fmt: skip
    assert Import.objects.get().counts["rejected"] == 3


def test_events_set_aside_and_events_that_wait_go_with_the_person(taro: Lead) -> None:
    browser, stranger = uuid4(), uuid4()
    a_type()
    recorded(Event("visit", at(-60), lead_id=taro.pk, visitor_id=browser))
    theirs = [
        {"type": "unknown", "lead": {"email": "Taro@Example.jp"}},
        {"type": "unknown", "lead": {"external_id": "u1"}},
        {"type": "unknown", "visitor": browser.hex.upper()},
        {"type": "unknown", "lead": "broken", "attributes": {"form": ["from taro@example.jp."]}},
    ]
    others = [
        {"type": "unknown", "lead": {"email": "xtaro@example.jp"}},
        {"type": "unknown", "lead": {"external_id": "u11"}},
        {"type": "unknown", "visitor": str(stranger), "attributes": {"seat": "u1"}},
    ]
    inbox.receive_many([*theirs, *others], now=at())
    assert inbox.drain_all(now=at()).quarantined == 7
    inbox.receive({"type": "visit", "lead": {"email": "taro@example.jp"}}, now=at())
    assert erase(taro)["leads.Inbox"] == 5
    assert [row.payload for row in Inbox.objects.order_by("pk")] == others
    inbox.drain_all(now=at())
    assert not Lead.objects.filter(email="taro@example.jp").exists()


def test_a_person_with_no_key_takes_nobody_elses_rows_along() -> None:
    nobody = a_lead(family_name="山田")
    inbox.receive({"type": "unknown", "lead": {"email": "taro@example.jp"}}, now=at())
    erased = erase(nobody)
    assert (erased["leads.Inbox"], erased["leads.ImportRow"], Inbox.objects.count()) == (0, 0, 1)
