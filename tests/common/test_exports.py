import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import leadqual
from leadqual.common.exports import CsvWriter, armed, disarmed


@pytest.mark.parametrize(
    "cell",
    [
        "=cmd|'/C calc'!A0",
        "+1-1",
        "-2+3",
        "@SUM(1)",
        "\t=1+1",
        "\r=1",
        "\n=1",
        "＝1+1",
        "＋1",
        "－1a",
        "＠x",
        " =1+1",
        "'=1",
        "+81-90-1",
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_disarmed_and_armed_again(cell: str) -> None:
    assert disarmed(cell) == "'" + cell
    assert armed(disarmed(cell)) == cell


@pytest.mark.parametrize("cell", ["", "山田", "1.5", "-36.4", "+5", "it's", "a=b", "'quoted'", "O'Neill"])
def test_a_harmless_cell_stays_as_it_is(cell: str) -> None:
    assert disarmed(cell) == cell
    assert armed(cell) == cell


@given(st.text())
@example("'-5")
@example("''=1")
def test_what_was_written_is_read_back_unchanged(text: str) -> None:
    assert armed(disarmed(text)) == text


def test_rows_are_quoted_whole_and_nothing_is_written_as_nothing() -> None:
    file = io.StringIO(newline="")
    CsvWriter(file, ["name", "=header"]).row(["a;=1+1", None])

    assert file.getvalue() == '"name","\'=header"\r\n"a;=1+1",""\r\n'
    assert list(csv.reader(io.StringIO(file.getvalue())))[1] == ["a;=1+1", ""]


def test_nobody_else_writes_files_for_spreadsheets() -> None:
    root = Path(leadqual.__file__).parent.parent
    others = [
        path.relative_to(root).as_posix()
        for package in ("leadqual", "segments", "handoff")
        for path in (root / package).rglob("*.py")
        if re.search(r"csv\.(writer|DictWriter)|openpyxl|xlsxwriter", path.read_text("utf-8"))
    ]
    assert others == ["leadqual/common/exports.py"]
