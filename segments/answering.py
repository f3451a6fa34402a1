"""Which leads of a range fulfil which segments: one pass over the leads answers many segments at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.models import Case, Exists, OuterRef, Q, Value, When

from leadqual.leads.models import Lead
from segments.conditions import Condition, to_qs
from segments.models import ManualMember

# Bits of a signed 64-bit number.
MOST_AT_ONCE = 62
TABLE = "segment_answers"


@dataclass(frozen=True, slots=True)
class Answers:
    """A statement that writes, for every lead of a range, one bit per segment; compiled once, run per range."""

    segments: Sequence[int]
    sql: str
    params: tuple[Any, ...]

    @classmethod
    def of(cls, conditions: dict[int, Condition], *, day: int) -> "Answers":
        by_hand = set(
            ManualMember.objects.filter(segment__in=conditions).values_list("segment_id", flat=True)
        )
        mask: Any = Value(0)
        for position, (segment, q) in enumerate(
            zip(conditions, to_qs(list(conditions.values()), day=day), strict=True)
        ):
            whole = _with_manual(q, segment) if segment in by_hand else q
            mask = mask + Case(When(whole, then=Value(1 << position)), default=Value(0))
        leads = Lead.objects.annotate(mask=models.ExpressionWrapper(mask, models.BigIntegerField()))
        # The bounds come last among the parameters, so that another range needs no other statement.
        query = leads.filter(pk__range=(0, 0)).order_by().values_list("pk", "mask").query
        sql, params = query.sql_with_params()
        return cls(list(conditions), f"INSERT INTO {TABLE} (lead_id, mask) {sql}", tuple(params[:-2]))

    def write(self, low: int, high: int) -> None:
        """Fills the temporary table for leads from low to high, both included."""
        with connection.cursor() as cursor:
            kind = "INTEGER" if connection.vendor == "sqlite" else "BIGINT"
            cursor.execute(
                f"CREATE TEMP TABLE IF NOT EXISTS {TABLE} (lead_id {kind} PRIMARY KEY, mask BIGINT)"
            )
            cursor.execute(f"DELETE FROM {TABLE}")
            cursor.execute(self.sql, [*self.params, low, high])


def _with_manual(q: Q, segment: int) -> Q:
    by_hand = ManualMember.objects.filter(segment=segment, lead=OuterRef("pk"))
    return (q | Exists(by_hand.filter(include=True))) & ~Exists(by_hand.filter(include=False))
