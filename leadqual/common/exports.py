"""The one writer of files that people open in a spreadsheet: cells that it would run as formulas are disarmed.

A dangerous cell gets an apostrophe in front, which spreadsheets show as text; `armed` takes exactly that apostrophe
away again, so a file that we wrote is read back unchanged.
"""

import csv
import re
from collections.abc import Iterable
from typing import Any, TextIO

# = + - @ and their full-width forms, also behind blanks and apostrophes; TAB, CR and LF at the start
_DANGEROUS = re.compile(r"['\s]*[=+\-@＝＋－＠−﹢﹣﹦﹫]|'*[\t\r\n]")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*")


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

    def __init__(self, file: TextIO, header: Iterable[Any]) -> None:
        self._writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        self.row(header)

    def row(self, cells: Iterable[Any]) -> None:
        self._writer.writerow([disarmed(cell) for cell in cells])
