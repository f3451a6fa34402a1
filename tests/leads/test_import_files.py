import gzip
from pathlib import Path

import pytest
from django.core.management import CommandError
from pytest_django import Settings

from leadqual.leads.importing.files import open_table
from leadqual.leads.models import Company, CustomField, Import, ImportRow, Lead
from tests.leads.files import LEADS, figures_of, import_activities, import_leads, report_of, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("var")]


def nothing_changed() -> bool:
    return not any(model.objects.exists() for model in (Lead, Company, CustomField, Import, ImportRow))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp932"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encoding_and_separator_are_found_out(tmp_path: Path, encoding: str, separator: str) -> None:
    path = write(tmp_path / "leads.csv", LEADS.replace(",", separator), encoding)

    assert figures_of(import_leads(path)) == {"rows": 2, "created": 2}
    assert list(
        Lead.objects.order_by("pk").values_list("family_name", "email", "title", "company__name")
    ) == [
        ("山田", "taro@example.jp", "部長", "㈱東和"),
        ("佐藤", "hana@example.jp", "課長", "株式会社北斗"),
    ]


def test_encoding_and_separator_can_be_given(tmp_path: Path) -> None:
    path = write(tmp_path / "leads.csv", "姓;e-mail,x\nMüller;m@example.de,y\n")
    given = write(tmp_path / "given.csv", "Last Name;Email\nMüller, Dr.;m@example.de\n", "cp1252")

    assert open_table(path, separator="comma", most_bytes=10_000).columns == ["姓;e-mail", "x"]
    assert figures_of(import_leads(given, "--encoding", "cp1252", "--separator", "semicolon")) == {
        "rows": 1,
        "created": 1,
    }
    assert Lead.objects.get().family_name == "Müller, Dr."


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_ending_is_read_and_blank_lines_are_no_rows(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / "leads.csv", ("\n" + LEADS + "\n\n").replace("\n", ending))

    assert figures_of(import_leads(path)) == {"rows": 2, "created": 2}


def test_a_packed_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv.gz"
    path.write_bytes(gzip.compress(LEADS.encode("cp932")))

    assert figures_of(import_leads(path)) == {"rows": 2, "created": 2}


def test_a_cell_may_hold_separators_quotes_and_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "leads.csv", '姓,役職\n"山田, ""Taro""","部長\n兼 課長"\n')

    import_leads(path)

    assert Lead.objects.values_list("family_name", "title").get() == ('山田, "Taro"', "部長\n兼 課長")


def test_what_our_own_export_disarmed_is_armed_again(tmp_path: Path) -> None:
    path = write(tmp_path / "leads.csv", "姓,役職\n'=SUM(1),'@home\n'quoted',O'Neill\n")

    import_leads(path)

    assert set(Lead.objects.values_list("family_name", "title")) == {
        ("=SUM(1)", "@home"),
        ("'quoted'", "O'Neill"),
    }


BAD_FILES = [
    (b"", "is empty"),
    (b"\n \r\n", "is empty"),
    ("\ufeff".encode(), "is empty"),
    (gzip.compress(b"", mtime=0), "is empty"),
    (gzip.compress(gzip.compress(LEADS.encode(), mtime=0), mtime=0), "cannot be read as utf-8 / cp932"),
    (b",,,\n", "no row of column names"),
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "is not a text file"),
    (b"PK\x03\x04 workbook", "save it as CSV"),
    (b"\x00" * 100, "is not a text file"),
    (b"\x1f\x8b not packed at all", "cannot be read"),
    (gzip.compress(LEADS.encode(), mtime=0)[:-9], "cannot be read"),
    ("姓,名\n".encode() + b"ok,\xff\xff\n", "line 2: cannot be read as utf-8 / cp932"),
    (b"\xff\xfea", "cannot be read as utf-16"),
    (b"\xff\xfe\x00\xd8\n\x00\n\x00", "cannot be read as utf-16"),
    (",".join(f"c{n}" for n in range(1001)).encode(), "more than 1000 columns"),
]


@pytest.mark.parametrize(("content", "message"), BAD_FILES)
def test_a_file_that_is_no_table_gets_one_line_that_names_it_and_changes_nothing(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)

    for run in (import_leads, import_activities):
        with pytest.raises(CommandError) as error:
            run(path)
        assert str(error.value).startswith(str(path))
        assert message in str(error.value)
        assert "\n" not in str(error.value)
    assert nothing_changed()


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for path, message in ((tmp_path / "none.csv", "there is no such file"), (tmp_path, "is not a file")):
        with pytest.raises(CommandError, match=message) as error:
            import_leads(path)
        assert str(path) in str(error.value)
    assert nothing_changed()


def test_a_file_over_the_cap_is_refused_packed_or_not(tmp_path: Path, settings: Settings) -> None:
    settings.IMPORT_MOST_BYTES = 1_000_000
    plain = write(tmp_path / "big.csv", LEADS + "a" * 1_000_001)
    packed = tmp_path / "bomb.csv.gz"
    packed.write_bytes(gzip.compress(b"a" * 20_000_000))
    assert packed.stat().st_size < 100_000

    for path in (plain, packed):
        with pytest.raises(CommandError, match="is larger than 1 MB"):
            import_leads(path)
    assert nothing_changed()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--map", "Firma=company.name"],
            "--map “Firma=company.name”: the file has no column “Firma”; it has: 会社名, 姓",
        ),
        (["--map", "姓=surname"], "--map “姓=surname”: there is no field “surname”"),
        (["--map", "姓=owner"], "there is no field “owner”"),
        (["--map", "姓=custom."], "there is no field “custom.”"),
        (["--map", "姓"], "--map “姓”: must be “Column=field”"),
        (["--map", "姓=email", "--map", "名=email"], "is named twice"),
        (["--map", "姓=email", "--map", "姓=title"], "is named twice"),
        (["--key", "phone"], "--key: must be email, external_id or none"),
        (["--key", "external_id"], "--key: no column is mapped to external_id"),
        (["--encoding", "klingon"], "--encoding: there is no encoding"),
        (["--encoding", "base64"], "--encoding: there is no encoding"),
        (["--encoding", "ascii"], "cannot be read as ascii"),
        (["--separator", "dot"], "--separator: must be comma, semicolon or tab"),
        (["--outcome-column", "y", "--outcome-won", "yes"], "--outcome-column: the file has no column “y”"),
        (["--outcome-column", "役職"], "go together"),
    ],
)
def test_a_wrong_option_gets_one_line_that_names_it_and_changes_nothing(
    tmp_path: Path, options: list[str], message: str
) -> None:
    path = write(tmp_path / "leads.csv", LEADS)

    with pytest.raises(CommandError) as error:
        import_leads(path, *options)

    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert nothing_changed()


def test_a_file_of_which_nothing_is_known_says_what_to_do(tmp_path: Path) -> None:
    path = write(tmp_path / "leads.csv", "a,b\n1,2\n")

    with pytest.raises(CommandError, match="use --map or --rest custom"):
        import_leads(path)
    assert nothing_changed()


def test_a_column_is_found_by_its_heading_loosely_or_by_its_position(tmp_path: Path) -> None:
    path = write(tmp_path / "leads.csv", "Ｎａｃｈname , ,x,x\n山田,部長,1,2\n")
    table = open_table(path, most_bytes=10_000)

    assert table.columns == ["Ｎａｃｈname", "#2", "x", "x (2)"]
    import_leads(path, "--map", "nachname=family_name", "--map", "#2=title", "--map", "x (2)=department")

    assert Lead.objects.values_list("family_name", "title", "department").get() == ("山田", "部長", "2")


def test_rows_that_do_not_fit_the_header_are_rejected_one_line_each(tmp_path: Path) -> None:
    long = "x" * 200_000
    path = write(
        tmp_path / "leads.csv",
        f'姓,名\n山田,太郎\n短い\n佐藤,花子,余分\n佐藤,花子,,\n,\n{long},長い\n鈴木,一郎\n"開いた,まま\n',
    )

    result = import_leads(path)

    assert figures_of(result) == {"rows": 8, "created": 3, "rejected": 5}
    assert [row[:3] for row in report_of(result)] == [
        ["row", "column", "code"],
        ["3", "", "too_few_cells"],
        ["4", "", "too_many_cells"],
        ["6", "", "empty_row"],
        ["7", "", "unreadable"],
        ["9", "", "too_few_cells"],
    ]


def test_the_report_stands_where_it_is_wanted_and_its_cells_are_disarmed(tmp_path: Path) -> None:
    path = write(tmp_path / "leads.csv", "姓,e-mail\n山田,=cmd|x\n")
    wanted = tmp_path / "sub" / "rejected.csv"

    result = import_leads(path, "--report", str(wanted))

    assert result["report"] == str(wanted)
    assert report_of(result)[1:] == [["2", "e-mail", "bad_email", "'=cmd|x"]]
