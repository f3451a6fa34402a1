"""Opens a file of rows, whatever its encoding and separator, and reads it as a stream, never whole."""

import csv
import gzip
import io
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.common.exports import armed
from leadqual.common.progress import Progress
from leadqual.leads.importing.encodings import Guess, encoding_named

BLOCK = 1 << 18
SAMPLE = 1 << 18  # characters that decide about the separator
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
MOST_COLUMNS = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file; `number` is where a spreadsheet shows it. `fault` says why it cannot be read."""

    number: int
    cells: list[str]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read: seen whole once, its encoding, separator and columns known."""

    path: Path
    digest: str
    encoding: str
    separator: str
    columns: list[str]
    packed: bool

    def lines(self, progress: Progress | None = None) -> Iterator[Line]:
        with _opened(self.path, self.packed) as raw:
            text = io.TextIOWrapper(raw, encoding=self.encoding, newline="")
            size = self.path.stat().st_size
            for line in _records(csv.reader(text, delimiter=self.separator), len(self.columns)):
                if progress is not None and line.number % 1000 == 0:
                    progress(_("reading"), _position(raw), size)
                yield line


def open_table(path: Path, *, encoding: str = "", separator: str = "", most_bytes: int) -> Table:
    """Looks at the whole file once; LeadqualError names the file, or its line, where it cannot be a table."""
    packed = _check(path, most_bytes)
    given = encoding_named(encoding) if encoding else ""
    guess = Guess(given)
    digest = sha256()
    size = 0
    try:
        with _opened(path, packed) as raw:
            while block := raw.read(BLOCK):
                size += len(block)
                if size > most_bytes:
                    raise _too_large(path, most_bytes)
                digest.update(block)
                guess.feed(block, str(path))
    except (OSError, EOFError, zlib.error) as error:
        raise LeadqualError("unreadable", _("cannot be read: %s") % error, str(path)) from error
    decided = guess.decide(str(path))
    return _table(path, packed, decided, digest.hexdigest(), separator)


def _check(path: Path, most_bytes: int) -> bool:
    """Whether the file is packed."""
    if not path.exists():
        raise LeadqualError("no_file", _("there is no such file"), str(path))
    if not path.is_file():
        raise LeadqualError("no_file", _("is not a file"), str(path))
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise LeadqualError("unreadable", _("cannot be read: %s") % error.strerror, str(path)) from error
    if size == 0:
        raise LeadqualError("empty_file", _("is empty"), str(path))
    if size > most_bytes:
        raise _too_large(path, most_bytes)
    if start == b"PK\x03\x04":
        raise LeadqualError("binary_file", _("is a workbook or archive; save it as CSV first"), str(path))
    return start[:2] == b"\x1f\x8b"


def _too_large(path: Path, most_bytes: int) -> LeadqualError:
    return LeadqualError("too_large", _("is larger than %d MB") % (most_bytes // 1_000_000), str(path))


def _opened(path: Path, packed: bool) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path, "rb") if packed else path.open("rb"))


def _position(raw: BinaryIO) -> int:
    inner: Any = getattr(raw, "fileobj", None) or raw
    return os.lseek(inner.fileno(), 0, os.SEEK_CUR)


def _table(path: Path, packed: bool, encoding: str, digest: str, separator: str) -> Table:
    with _opened(path, packed) as raw:
        text = io.TextIOWrapper(raw, encoding=encoding, newline="")
        sample = text.read(SAMPLE).lstrip("\ufeff")
    if not sample.strip():
        raise LeadqualError("empty_file", _("is empty"), str(path))
    delimiter = _separator_named(separator) if separator else guess_separator(sample)
    rows = _rows(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
    header = next((row for row in rows if any(row)), [])
    if not header:
        raise LeadqualError("no_header", _("has no row of column names"), str(path))
    if len(header) > MOST_COLUMNS:
        raise LeadqualError("too_many_columns", _("has more than %d columns") % MOST_COLUMNS, str(path))
    return Table(path, digest, encoding, delimiter, column_names(header), packed)


def _separator_named(text: str) -> str:
    if text in SEPARATORS:
        return SEPARATORS[text]
    if text in SEPARATORS.values():
        return text
    raise LeadqualError("bad_separator", _("must be comma, semicolon or tab"), "--separator")


def guess_separator(sample: str) -> str:
    """The one that splits the first rows into the most columns of which every row has as many."""

    def fitness(separator: str) -> tuple[int, int]:
        rows = _rows(csv.reader(io.StringIO(sample, newline=""), delimiter=separator))
        lengths = [len(row) for row in islice((row for row in rows if any(row)), 50)]
        if not lengths or lengths[0] < 2:
            return 0, 0
        return sum(length == lengths[0] for length in lengths) * 100 // len(lengths), lengths[0]

    return max(SEPARATORS.values(), key=fitness)


def column_names(header: list[str]) -> list[str]:
    """The header on one line each, with a name for all: "#3" for one without, "Tel (2)" for the second of that name."""
    seen: dict[str, int] = {}
    names = []
    for position, cell in enumerate(header, 1):
        name = " ".join(armed(cell).strip("\ufeff").split())[:200] or f"#{position}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _rows(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """The rows that can be read; one with a cell without end is left out."""
    while True:
        try:
            yield next(reader)
        except csv.Error:
            continue
        except StopIteration:
            return


def _records(reader: Iterator[list[str]], width: int) -> Iterator[Line]:
    number = 0
    header_seen = False
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            if header_seen:
                yield Line(number, [], "unreadable")
            continue
        if not header_seen:
            header_seen = any(cells)
        elif cells:
            yield _line(number, cells, width)


def _line(number: int, cells: list[str], width: int) -> Line:
    while len(cells) > width and not cells[-1]:
        cells.pop()
    cells = [armed(cell) for cell in cells]
    if not any(cell.strip() for cell in cells):
        return Line(number, cells, "empty_row")
    if len(cells) != width:
        return Line(number, cells, "too_many_cells" if len(cells) > width else "too_few_cells")
    return Line(number, cells)
