"""The writers of files that people open in a spreadsheet: cells that it would run as formulas are disarmed.

A dangerous cell gets an apostrophe in front, which spreadsheets show as text; `armed` takes exactly that apostrophe
away again, so a file that we wrote is read back unchanged.
"""

import csv
import re
from collections.abc import Iterable
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

# = + - @ and their full-width forms, also behind blanks and apostrophes; TAB, CR and LF at the start
_DANGEROUS = re.compile(r"['\s]*[=+\-@＝＋－＠−﹢﹣﹦﹫]|'*[\t\r\n]")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*")


# What no cell of a workbook can hold.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST_CELL = 32_767


def disarmed(value: Any) -> str:
    """The value as text that no spreadsheet runs; plain numbers such as -36.4 stay numbers."""
    text = "" if value is None else str(value)
    if _DANGEROUS.match(text) and not _PLAIN_NUMBER.fullmatch(text):
        return "'" + text
    return text


def armed(text: str) -> str:
    """The text as it was before it was disarmed."""
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text, 1) else text


class CsvWriter:
    """Rows as CSV that Excel opens in the right encoding, every cell quoted and disarmed.

    The file must be opened with `newline=""` and `encoding=ENCODING`.
    """

    ENCODING = "utf-8-sig"

    def __init__(self, file: TextIO, header: Iterable[Any] | None) -> None:
        """Without a header: the file goes on where it ended."""
        self._writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        if header is not None:
            self.row(header)

    def row(self, cells: Iterable[Any]) -> None:
        self._writer.writerow([disarmed(cell) for cell in cells])


class XlsxWriter:
    """Rows as a workbook of one sheet, written row by row into a file beside; `close` puts the workbook in its place.

    Numbers and days stay what they are; every other cell is text, disarmed, and never a formula.
    """

    MOST_ROWS = 1_048_575

    def __init__(self, path: Path, header: Iterable[Any]) -> None:
        # Here and not above: it takes 100 ms, and most processes never write a workbook.
        self._book = import_module("openpyxl").Workbook(write_only=True)
        self._path = path
        self._sheet = self._book.create_sheet()
        self.row(header)

    def row(self, cells: Iterable[Any]) -> None:
        self._sheet.append([_cell(value) for value in cells])

    def close(self) -> None:
        self._book.save(self._path)


def _cell(value: Any) -> Any:
    if isinstance(value, int | float | date) and not isinstance(value, bool):
        return value
    return _UNWRITABLE.sub("", disarmed(value))[:LONGEST_CELL]
