"""The leads that a statement is about, as a condition on a column of ids. Ids are our integers, written out."""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import BooleanField, Model
from django.db.models.expressions import RawSQL


@dataclass(frozen=True, slots=True)
class Span:
    """All leads with ids of low .. high."""

    low: int
    high: int

    def among(self, column: str) -> str:
        return f"{column} BETWEEN {int(self.low)} AND {int(self.high)}"

    within = among


@dataclass(frozen=True, slots=True)
class Ids:
    """A few thousand leads by their ids."""

    ids: Collection[int]
    _text: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_text", ",".join(str(int(each)) for each in sorted(self.ids)))

    def among(self, column: str) -> str:
        if connection.vendor == "postgresql":
            return f"{column} = ANY('{{{self._text}}}'::bigint[])"
        return f"{column} IN ({self._text})"

    def within(self, column: str) -> str:
        """Only bounds: what else restricts the column says who exactly."""
        return Span(min(self.ids, default=0), max(self.ids, default=0)).among(column)


Chosen = Span | Ids


def of_leads(table: type[Model], ids: Collection[int]) -> RawSQL:
    """`lead_id__in` for thousands of ids, on the table that is asked: a parameter each would cost more than the row."""
    return RawSQL(Ids(ids).among(f"{table._meta.db_table}.lead_id"), (), BooleanField())


def whole_numbers(column: str, numbers: Collection[int], *, others: Collection[int] = ()) -> str:
    """`column` is one of the numbers: a range where none of the numbers between belongs to anybody else.

    `others` are numbers between that may be taken for ours.
    """
    if not numbers:
        return "1 = 0"
    low, high = min(numbers), max(numbers)
    if high - low < 10_000 and set(range(low, high + 1)) <= {*numbers, *others}:
        return f"{column} BETWEEN {low} AND {high}"
    return f"{column} IN ({','.join(str(int(number)) for number in sorted(numbers))})"
