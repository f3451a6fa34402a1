import io
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from leadqual.common import clock
from leadqual.leads.editing import edit_lead
from leadqual.leads.models import Company, FieldChange, Import, ImportRow, Lead, StatusChange
from leadqual.leads.signals import leads_changed, leads_created
from tests.leads.factories import a_lead
from tests.leads.files import LEADS, figures_of, import_leads, report_of, write
from tests.leads.hearing import heard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("var")]


def all_leads() -> list[dict[str, Any]]:
    return list(Lead.objects.order_by("pk").values())


def test_the_result_has_exactly_these_keys_and_no_report_when_nothing_was_rejected(tmp_path: Path) -> None:
    assert import_leads(write(tmp_path / "leads.csv", LEADS)) == {
        "rows": 2, "created": 2, "updated": 0, "skipped": 0, "rejected": 0, "report": None,
    }  # fmt: skip


def test_the_same_file_twice_makes_nothing_new(tmp_path: Path) -> None:
    path = write(tmp_path / "leads.csv", LEADS)
    import_leads(path)
    before = all_leads()

    assert figures_of(import_leads(path)) == {"rows": 2, "skipped": 2}
    assert all_leads() == before
    assert Company.objects.count() == 2
    assert not FieldChange.objects.exists()


def test_a_later_file_updates_what_differs_and_an_empty_cell_says_nothing(tmp_path: Path) -> None:
    import_leads(write(tmp_path / "one.csv", LEADS))
    later = LEADS.replace("部長", "取締役").replace("課長", "").replace("hana@", "HANA@")

    with heard(leads_changed) as told:
        result = import_leads(write(tmp_path / "two.csv", later))

    assert figures_of(result) == {"rows": 2, "updated": 1, "skipped": 1}
    assert list(Lead.objects.order_by("pk").values_list("title", flat=True)) == ["取締役", "課長"]
    assert list(FieldChange.objects.values_list("field", "old", "new")) == [("title", "部長", "取締役")]
    assert [(len(each["leads"]), each["fields"]) for each in told] == [(1, {"title"})]


def test_a_batch_ends_in_one_signal_with_all_its_leads(tmp_path: Path) -> None:
    with heard(leads_created) as told:
        import_leads(write(tmp_path / "leads.csv", LEADS))

    assert [each["leads"] for each in told] == [set(Lead.objects.values_list("pk", flat=True))]


def test_rows_about_one_person_are_laid_over_one_another(tmp_path: Path) -> None:
    path = write(
        tmp_path / "leads.csv",
        "姓,e-mail,役職,会社名\n山田,t@example.jp,課長,東和\n"
        "山田,T@example.jp ,部長,\n山田,t@example.jp,部長,北斗\n,t@example.jp,部長,\n",
    )

    assert figures_of(import_leads(path)) == {"rows": 4, "created": 1, "updated": 2, "skipped": 1}
    lead = Lead.objects.select_related("company").get()
    assert lead.company is not None
    assert (lead.title, lead.company.name) == ("部長", "北斗")
    assert figures_of(import_leads(path)) == {"rows": 4, "skipped": 4}
    assert not FieldChange.objects.exists()


def test_equal_rows_without_a_key_are_two_leads_and_stay_two(tmp_path: Path) -> None:
    path = write(tmp_path / "leads.csv", "姓,役職\n山田,部長\n山田,部長\n佐藤,課長\n")

    assert figures_of(import_leads(path)) == {"rows": 3, "created": 3}
    assert figures_of(import_leads(path)) == {"rows": 3, "skipped": 3}
    moved = write(tmp_path / "moved.csv", "役職,姓\n課長,佐藤\n部長,山田\n部長, 山田\n部長,山田\n")
    assert figures_of(import_leads(moved)) == {"rows": 4, "created": 1, "skipped": 3}


def test_a_row_without_a_key_does_not_undo_what_people_corrected_but_fills_gaps(tmp_path: Path) -> None:
    path = write(tmp_path / "leads.csv", "姓,Rank,役職\n山田,部長,営業\n")
    import_leads(path)
    edit_lead(Lead.objects.get(), {"family_name": "山本"}, now=clock.now())

    assert figures_of(import_leads(path, "--map", "Rank=department")) == {"rows": 1, "updated": 1}
    assert Lead.objects.values_list("family_name", "department").get() == ("山本", "部長")


def test_a_row_without_its_key_is_known_by_itself(tmp_path: Path) -> None:
    path = write(tmp_path / "leads.csv", "姓,e-mail\n山田,\n佐藤,s@example.jp\n")

    assert figures_of(import_leads(path)) == {"rows": 2, "created": 2}
    assert figures_of(import_leads(path)) == {"rows": 2, "skipped": 2}


def test_a_row_that_names_nobody_is_rejected_when_the_file_could_name_somebody(tmp_path: Path) -> None:
    result = import_leads(write(tmp_path / "leads.csv", "姓,会社名,電話\n,,03-1234-5678\n,東和,\n"))

    assert figures_of(result) == {"rows": 2, "created": 1, "rejected": 1}
    assert report_of(result)[1:] == [["2", "姓", "nobody", ""]]


def test_every_rejected_row_is_reported_with_row_column_code_and_value(tmp_path: Path) -> None:
    path = write(
        tmp_path / "leads.csv",
        "姓,e-mail,電話,従業員数,会社名\n山田,wrong,,,東和\n佐藤,s@example.jp,abc,,東和\n鈴木,z@example.jp,,many,東和\n林,h@example.jp,,5,東和\n",
    )

    result = import_leads(path)

    assert figures_of(result) == {"rows": 4, "created": 1, "rejected": 3}
    assert report_of(result) == [
        ["row", "column", "code", "value"],
        ["2", "e-mail", "bad_email", "wrong"],
        ["3", "電話", "bad_phone", "abc"],
        ["4", "従業員数", "not_a_number", "many"],
    ]
    assert [lead["family_name"] for lead in all_leads()] == ["林"]
    assert Company.objects.get().employees == 5


def test_external_id_as_key_finds_the_lead_again_under_another_address(tmp_path: Path) -> None:
    import_leads(
        write(tmp_path / "one.csv", "Id,Email\n1,a@example.jp\n"),
        "--map",
        "Id=external_id",
        "--key",
        "external_id",
    )
    result = import_leads(
        write(tmp_path / "two.csv", "Id,Email\n1,b@example.jp\n"),
        "--map",
        "Id=external_id",
        "--key",
        "external_id",
    )

    assert figures_of(result) == {"rows": 1, "updated": 1}
    assert Lead.objects.values_list("external_id", "email").get() == ("1", "b@example.jp")


def test_a_lead_without_external_id_is_taken_over_by_the_row_with_its_address(tmp_path: Path) -> None:
    lead = a_lead(email="a@example.jp")
    path = write(tmp_path / "one.csv", "Id,Email\n1,a@example.jp\n2,a@example.jp\n")

    result = import_leads(path, "--map", "Id=external_id", "--key", "external_id")

    assert figures_of(result) == {"rows": 2, "created": 1, "updated": 1}
    assert Lead.objects.get(external_id="1") == lead
    assert figures_of(import_leads(path, "--map", "Id=external_id", "--key", "external_id")) == {
        "rows": 2,
        "skipped": 2,
    }


def test_an_external_id_of_somebody_else_rejects_the_row(tmp_path: Path) -> None:
    a_lead(external_id="1", email="first@example.jp")
    path = write(tmp_path / "leads.csv", "Id,Email\n1,a@example.jp\n2,b@example.jp\n2,c@example.jp\n")

    result = import_leads(path, "--map", "Id=external_id", "--key", "email")

    assert figures_of(result) == {"rows": 3, "created": 1, "rejected": 2}
    assert report_of(result)[1:] == [
        ["2", "Id", "external_id_taken", "1"],
        ["4", "Id", "external_id_taken", "2"],
    ]


def test_of_two_leads_with_one_address_the_older_is_updated(tmp_path: Path) -> None:
    older, younger = a_lead(email="a@example.jp"), a_lead(email="a@example.jp")

    import_leads(write(tmp_path / "leads.csv", "Email,Title\na@example.jp,CEO\n"))

    assert dict(Lead.objects.values_list("pk", "title")) == {older.pk: "CEO", younger.pk: ""}


def test_the_outcome_column_tells_won_lost_and_open(tmp_path: Path) -> None:
    path = write(tmp_path / "leads.csv", "Email,y\na@example.jp,YES\nb@example.jp,no\nc@example.jp,\n")

    import_leads(path, "--rest", "custom", "--outcome-column", "y", "--outcome-won", "yes")

    assert list(Lead.objects.order_by("email").values_list("outcome", "status", "custom")) == [
        ("won", "customer", {}), ("lost", "lost", {}), ("", "new", {}),
    ]  # fmt: skip
    assert set(Lead.objects.exclude(outcome="").values_list("outcome_day", flat=True)) == {clock.today()}


def test_an_outcome_that_comes_later_moves_the_lead_and_is_logged(tmp_path: Path) -> None:
    outcome = ["--outcome-column", "y", "--outcome-won", "yes", "--map", "Closed=outcome_day"]
    import_leads(write(tmp_path / "one.csv", "Email,y,Closed\na@example.jp,,\n"), *outcome)

    result = import_leads(
        write(tmp_path / "two.csv", "Email,y,Closed\na@example.jp,yes,1970-01-11\n"), *outcome
    )

    assert figures_of(result) == {"rows": 1, "updated": 1}
    assert Lead.objects.values_list("outcome", "outcome_day", "status").get() == ("won", 10, "customer")
    assert StatusChange.objects.values_list("before", "after").get() == ("new", "customer")


def test_status_and_creation_count_only_for_new_leads(tmp_path: Path) -> None:
    head = "Email,State,Since\n"
    maps = ["--map", "State=status", "--map", "Since=created_at"]
    import_leads(write(tmp_path / "one.csv", head + "a@example.jp,nurturing,2024-05-01\n"), *maps)

    result = import_leads(write(tmp_path / "two.csv", head + "a@example.jp,hot,2024-06-01\n"), *maps)

    assert figures_of(result) == {"rows": 1, "skipped": 1}
    lead = Lead.objects.get()
    assert (lead.status, lead.created_day) == ("nurturing", clock.parse_day("2024-05-01"))


@pytest.mark.parametrize(
    ("text", "family", "given"),
    [
        ("山田　太郎", "山田", "太郎"),
        ("Taro Yamada", "Yamada", "Taro"),
        ("Yamada, Taro", "Yamada", "Taro"),
        ("山田", "山田", ""),
    ],
)
def test_a_full_name_is_split(tmp_path: Path, text: str, family: str, given: str) -> None:
    import_leads(write(tmp_path / "leads.csv", f'氏名,x\n"{text}",1\n'))

    assert Lead.objects.values_list("family_name", "given_name").get() == (family, given)


def test_nothing_of_the_file_is_kept_but_the_leads_and_the_reasons_of_rejection(tmp_path: Path) -> None:
    import_leads(write(tmp_path / "leads.csv", "姓,e-mail\n山田,t@example.jp\n佐藤,wrong\n"))

    assert ImportRow.objects.values_list("number", "cells", "value").get() == (3, [], "wrong")
    assert Import.objects.values_list("state", "rows", "counts").get() == (
        "done",
        2,
        {"created": 1, "rejected": 1},
    )


def test_figures_are_told_in_words_without_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command(
        "import_leads", str(write(tmp_path / "leads.csv", "姓,e-mail\n山田,t@example.jp\n佐藤,wrong\n"))
    )

    lines = capsys.readouterr().out.splitlines()
    assert [line.split(maxsplit=1) for line in lines[:5]] == [
        ["2", "rows"], ["1", "created"], ["0", "updated"], ["0", "skipped, nothing new"], ["1", "rejected"],
    ]  # fmt: skip
    assert lines[5].startswith("rejected rows are listed in ")


def test_a_lead_that_came_without_address_is_updated_by_its_address_later(tmp_path: Path) -> None:
    import_leads(write(tmp_path / "one.csv", "姓,役職\n山田,課長\n"))
    edit_lead(Lead.objects.get(), {"email": "t@example.jp"}, now=clock.now())

    assert figures_of(import_leads(write(tmp_path / "two.csv", "e-mail,役職\nt@example.jp,部長\n"))) == {
        "rows": 1,
        "updated": 1,
    }
    assert Lead.objects.get().title == "部長"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_drawn_on_a_terminal_and_only_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "leads.csv", LEADS)
    terminal, pipe = Terminal(), io.StringIO()

    monkeypatch.setattr(sys, "stderr", terminal)
    call_command("import_leads", str(path), stdout=io.StringIO(), stderr=terminal)
    monkeypatch.setattr(sys, "stderr", pipe)
    call_command("import_leads", str(path), stdout=io.StringIO(), stderr=pipe)

    assert "writing [##############################]" in terminal.getvalue()
    assert pipe.getvalue() == ""
