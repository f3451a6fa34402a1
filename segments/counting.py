"""The acts that many conditions ask, counted in one scan of the acts of a range of leads.

A condition that only asks "at least once" is one bit on PostgreSQL, where one `BIT_OR` over an array of the bits of
each signature costs a tenth of as many counts; SQLite has no such aggregate and counts. What it costs is the number
of rows that the counts see, so rows that no window can reach are left out before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, IntegerField, Value
from django.db.models.expressions import RawSQL

from leadqual.leads.models import Activity
from segments.conditions.comparing import AtLeast, Bit

TABLE = "act_counts"
MOST_BITS = 62
# Ids of signatures lie close together; an array over a wider span would be mostly holes.
WIDEST_ARRAY = 500_000
# Of the signatures asked; looking rows up in a longer list costs more than letting them pass.
SHORT_LIST = 0.25
FOR_GOOD = 10**6


@dataclass(frozen=True, slots=True)
class Ask:
    signatures: tuple[int, ...]
    within: int  # days


@dataclass(slots=True)
class ActCounts:
    """Collects what is asked; then `sql` is a statement with one row per lead that acted, its bounds two parameters."""

    day: int
    bits: dict[Ask, int] = field(default_factory=dict)
    columns: dict[Ask, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.bits or self.columns)

    def at_least(self, signatures: Sequence[int], within_days: int | None, times: int) -> Any:
        """The test for a statement in which the counts are joined to the leads; true or false, never NULL."""
        ask = Ask(tuple(signatures), FOR_GOOD if within_days is None else within_days)
        if times == 1 and self._fits_bits(ask):
            bit = self.bits.setdefault(ask, 1 << len(self.bits))
            return Bit(RawSQL(f"COALESCE({TABLE}.done, 0)", (), BigIntegerField()), Value(bit))
        column = self.columns.setdefault(ask, f"acts{len(self.columns)}")
        return AtLeast(RawSQL(f"COALESCE({TABLE}.{column}, 0)", (), IntegerField()), times)

    def _fits_bits(self, ask: Ask) -> bool:
        if connection.vendor != "postgresql":
            return False
        known = {
            signature for other in self.bits for signature in (other.signatures[0], other.signatures[-1])
        }
        ends = known | {min(ask.signatures), max(ask.signatures)}
        return (ask in self.bits or len(self.bits) < MOST_BITS) and max(ends) - min(ends) < WIDEST_ARRAY

    def sql(self) -> str:
        columns = [
            f"COUNT(*) FILTER (WHERE day > {self.day - ask.within} AND signature_id IN ({_listed(ask.signatures)}))"
            f" AS {column}"
            for ask, column in self.columns.items()
        ]
        if self.bits:
            columns.append(f"BIT_OR({self._bits()}) AS done")
        return (
            f"SELECT lead_id, {', '.join(columns)} FROM {Activity._meta.db_table}"
            f" WHERE NOT machine AND day <= {self.day} AND lead_id BETWEEN %s AND %s AND {self._reached()}"
            " GROUP BY lead_id"
        )

    def _bits(self) -> str:
        """Which asks an act answers: those of its signature, of which the window reaches its day."""
        by_signature: dict[int, int] = {}
        for ask, bit in self.bits.items():
            for signature in ask.signatures:
                by_signature[signature] = by_signature.get(signature, 0) | bit
        low = min(by_signature)
        array = ",".join(
            str(by_signature.get(signature, 0)) for signature in range(low, max(by_signature) + 1)
        )
        reached = " ".join(
            f"WHEN day > {self.day - within} THEN {sum(b for a, b in self.bits.items() if a.within >= within)}"
            for within in sorted({ask.within for ask in self.bits})
        )
        return f"('{{{array}}}'::bigint[])[signature_id - {low - 1}] & (CASE {reached} ELSE 0 END)"

    def _reached(self) -> str:
        """Rows that some window reaches; roughly, for every row is looked at."""
        asks = [*self.bits, *self.columns]
        everything = _union(asks)
        cases = []
        for within in sorted({ask.within for ask in asks}):
            meant = _union(ask for ask in asks if ask.within >= within)
            short = len(meant) <= SHORT_LIST * len(everything)
            answer = f"signature_id IN ({_listed(sorted(meant))})" if short else "TRUE"
            cases.append(f"WHEN day > {self.day - within} THEN {answer}")
        return f"(CASE {' '.join(cases)} ELSE FALSE END)"


def _union(asks: Iterable[Ask]) -> set[int]:
    return {signature for ask in asks for signature in ask.signatures}


def _listed(ids: Iterable[int]) -> str:
    return ", ".join(map(str, ids))
