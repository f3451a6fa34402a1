from pathlib import Path

import pytest

from leadqual.leads.importing.inference import MOST_CHOICES, Column
from leadqual.leads.models import Company, CustomField, Lead
from tests.leads.factories import a_custom_field
from tests.leads.files import figures_of, import_leads, report_of, write, write_rows


def type_of(*values: str) -> str | None:
    column = Column()
    for value in values:
        column.observe(value)
    return column.type()


@pytest.mark.parametrize(
    ("values", "type"),
    [
        (["yes", "no", ""], "boolean"),
        (["はい", "いいえ"], "boolean"),
        (["TRUE", "FALSE", "TRUE"], "boolean"),
        (["yes", "no", "unknown"] * 2, "choice"),
        (["1", "2.5", "-3", "1,000", ".5"], "number"),
        (["0", "1"], "number"),
        (["03-1234-5678", "0312345678"], "text"),
        (["0312345678", "0612345678"], "text"),
        (["+819012345678", "+819012345679"], "text"),
        (["1234567890123456", "1"], "text"),
        (["2024-01-01", "2024/2/3", "2024年3月4日"], "date"),
        (["20240101", "20240102"], "number"),
        (["red", "green", "red", "green"], "choice"),
        (["red", "RED", "green", "Green"], "choice"),
        (["red", "green", "blue"], "text"),
        ([f"v{n}" for n in range(MOST_CHOICES + 1)] * 2, "text"),
        (["x" * 101] * 2, "text"),
        (["", " ", ""], None),
    ],
)
def test_the_type_of_a_column_is_found_from_its_values(values: list[str], type: str | None) -> None:
    assert type_of(*values) == type


def test_one_value_among_many_that_does_not_fit_makes_it_a_text() -> None:
    assert type_of(*(str(number) for number in range(3000)), "n/a") == "text"
    assert type_of(*(str(number) for number in range(3000))) == "number"


@pytest.mark.django_db
@pytest.mark.usefixtures("var")
class TestRestCustom:
    ROWS = [
        ["Email", "emp.var.rate", "since", "member", "plan", "note", "empty", "郵便番号", "2024"],
        ["a@example.jp", "-1.8", "2024/6/30", "yes", "Gold", "one", "", "100-0001", "1"],
        ["b@example.jp", "2", "", "no", "silver", "two", "", "", ""],
        ["c@example.jp", "", "2024-01-01", "", "GOLD", "three", "", "100-0002", "7"],
        ["d@example.jp", "3", "", "", "Silver", "", "", "", ""],
    ]

    def test_other_columns_become_fields_of_the_inferred_type(self, tmp_path: Path) -> None:
        assert figures_of(import_leads(write_rows(tmp_path / "a.csv", self.ROWS), "--rest", "custom")) == {
            "rows": 4, "created": 4,
        }  # fmt: skip

        assert list(
            CustomField.objects.order_by("pk").values_list("target", "key", "label", "type", "choices")
        ) == [
            ("lead", "emp_var_rate", "emp.var.rate", "number", []),
            ("lead", "since", "since", "date", []),
            ("lead", "member", "member", "boolean", []),
            ("lead", "plan", "plan", "choice", ["Gold", "silver"]),
            ("lead", "note", "note", "text", []),
            ("lead", "郵便番号", "郵便番号", "text", []),
            ("lead", "column_2024", "2024", "number", []),
        ]
        lead = Lead.objects.get(email="a@example.jp")
        assert lead.custom == {
            "emp_var_rate": -1.8, "since": "2024-06-30", "member": True, "plan": "Gold", "note": "one",
            "郵便番号": "100-0001", "column_2024": 1,
        }  # fmt: skip
        assert lead.custom_folded == {
            "emp_var_rate": -1.8, "since": 19904, "member": True, "plan": "gold", "note": "one",
            "郵便番号": "100-0001", "column_2024": 1,
        }  # fmt: skip
        assert Lead.objects.get(email="c@example.jp").custom["plan"] == "Gold"

    def test_a_second_import_uses_the_same_fields_and_learns_new_choices(self, tmp_path: Path) -> None:
        import_leads(write_rows(tmp_path / "a.csv", self.ROWS), "--rest", "custom")
        again = import_leads(write_rows(tmp_path / "a.csv", self.ROWS), "--rest", "custom")
        more = import_leads(
            write_rows(tmp_path / "b.csv", [["Email", "plan"], ["e@example.jp", "Bronze"]]),
            "--rest",
            "custom",
        )

        assert figures_of(again) == {"rows": 4, "skipped": 4}
        assert figures_of(more) == {"rows": 1, "created": 1}
        assert CustomField.objects.count() == 7
        assert CustomField.objects.get(key="plan").choices == ["Gold", "silver", "Bronze"]

    def test_a_value_that_does_not_fit_a_field_that_is_there_rejects_the_row(self, tmp_path: Path) -> None:
        a_custom_field("size", "number")
        a_custom_field("plan", "choice", choices=("Gold",))
        path = write(
            tmp_path / "a.csv",
            "Email,Size,Plan\na@example.jp,big,Gold\nb@example.jp,5,Bronze\nc@example.jp,5,gold\n",
        )

        result = import_leads(path, "--map", "Size=custom.size", "--map", "Plan=custom.plan")

        assert figures_of(result) == {"rows": 3, "created": 1, "rejected": 2}
        assert report_of(result)[1:] == [
            ["2", "Size", "not_a_number", "big"],
            ["3", "Plan", "not_a_choice", "Bronze"],
        ]
        assert CustomField.objects.get(key="plan").choices == ["Gold"]

    def test_a_mapped_custom_field_is_made_and_may_belong_to_the_company(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", "Email,Company,Rank\na@example.jp,東和,3\n")

        import_leads(path, "--map", "Rank=company.custom.rank")

        assert CustomField.objects.values_list("target", "key", "type").get() == ("company", "rank", "number")
        assert Company.objects.get().custom == {"rank": 3}

    def test_two_headings_with_one_key_become_two_fields(self, tmp_path: Path) -> None:
        import_leads(write(tmp_path / "a.csv", "Email,a.b,a b,a_b\na@example.jp,1,2,3\n"), "--rest", "custom")

        assert Lead.objects.get().custom == {"a_b": 1, "a_b_2": 2, "a_b_3": 3}

    def test_without_rest_the_other_columns_are_left_out(self, tmp_path: Path) -> None:
        import_leads(write_rows(tmp_path / "a.csv", self.ROWS))

        assert not CustomField.objects.exists()
        assert set(map(str, Lead.objects.values_list("custom", flat=True))) == {"{}"}

    def test_an_ignored_column_is_left_out_of_the_rest(self, tmp_path: Path) -> None:
        import_leads(
            write_rows(tmp_path / "a.csv", self.ROWS), "--rest", "custom", "--map", "note=", "--map", "plan=-"
        )

        assert set(CustomField.objects.values_list("key", flat=True)).isdisjoint({"note", "plan"})
