"""What travels between reading, staging and applying; and the codes for which a row is rejected."""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from leadqual.common.errors import LeadqualError

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is rejected, in the words of the report."""

    column: str
    code: str
    value: str

    @classmethod
    def of(cls, error: LeadqualError, column: str, value: str) -> "Fault":
        return cls(column[:200], error.code[:50], storable(value)[:200])


@dataclass(slots=True)
class Tally:
    """How many rows came to which end."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, what: str, number: int = 1) -> None:
        if number:
            self.counts[what] = self.counts.get(what, 0) + number


class Ordinals:
    """How often a row has been seen before in the file: with the row itself, its identity (semantics 27)."""

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}

    def identity(self, columns: Sequence[str], cells: Sequence[str]) -> str:
        """The same for the same row of the same columns in any order, different for its second appearance."""
        pairs = sorted(
            (column, text) for column, cell in zip(columns, cells, strict=True) if (text := _plain(cell))
        )
        digest = sha256(json.dumps(pairs, ensure_ascii=False).encode("utf-8", "replace"))
        short = digest.digest()[:16]
        ordinal = self._seen[short] = self._seen.get(short, 0) + 1
        digest.update(b"#%d" % ordinal)
        return digest.hexdigest()


def canonical_columns(columns: Sequence[str]) -> list[str]:
    return [_plain(column).casefold() for column in columns]


def storable(text: str) -> str:
    """The text as both databases can store it."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _plain(text: str) -> str:
    text = text.strip()
    return text if text.isascii() else unicodedata.normalize("NFKC", text).strip()
