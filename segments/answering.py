"""Which leads of a range fulfil which segments: one pass over the leads answers many segments at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Case, Exists, ExpressionWrapper, OuterRef, Q, Value, When

from leadqual.leads.models import Lead
from segments.conditions import Condition, to_qs
from segments.models import ManualMember, Membership

# Bits of a signed 64-bit number.
MOST_AT_ONCE = 62


@dataclass(frozen=True, slots=True)
class Difference:
    """What a segment's condition says of the leads of a range, where the members say otherwise."""

    segment: int
    joining: list[int]
    leaving: list[int]


@dataclass(frozen=True, slots=True)
class Answers:
    """One statement for many segments, compiled once and run per range of leads.

    Each lead has one bit per segment that it fulfils and one per membership that it has; the two numbers are
    compared in the database, and only leads of whom they differ come back.
    """

    segments: Sequence[int]
    sql: str
    params: tuple[Any, ...]

    @classmethod
    def of(cls, conditions: dict[int, Condition], *, day: int) -> "Answers":
        by_hand = set(
            ManualMember.objects.filter(segment__in=conditions)
            .values_list("segment_id", flat=True)
            .distinct()
        )
        qs = to_qs(list(conditions.values()), day=day)
        mask: Any = Value(0)
        for position, segment in enumerate(conditions):
            whole = _with_manual(qs[position], segment) if segment in by_hand else qs[position]
            mask = mask + Case(When(whole, then=Value(1 << position)), default=Value(0))
        leads = Lead.objects.annotate(fulfils=ExpressionWrapper(mask, BigIntegerField()))
        # The bounds come last among the parameters, so that another range needs no other statement.
        query = leads.filter(pk__range=(0, 0)).order_by().values_list("pk", "fulfils").query
        sql, params = query.sql_with_params()
        return cls(list(conditions), _compared(sql, list(conditions)), tuple(params[:-2]))

    def differences(self, low: int, high: int) -> Iterator[Difference]:
        """For leads from low to high, both included; segments without a difference are left out."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [*self.params, low, high, low, high])
            rows = cursor.fetchall()
        for position, segment in enumerate(self.segments):
            bit = 1 << position
            joining = [lead for lead, fulfils, has in rows if fulfils & bit and not has & bit]
            leaving = [lead for lead, fulfils, has in rows if has & bit and not fulfils & bit]
            if joining or leaving:
                yield Difference(segment, joining, leaving)


def _with_manual(q: Q, segment: int) -> Q:
    by_hand = ManualMember.objects.filter(segment=segment, lead=OuterRef("pk"))
    return (q | Exists(by_hand.filter(include=True))) & ~Exists(by_hand.filter(include=False))


def _compared(answers: str, segments: list[int]) -> str:
    """Sums of distinct bits; the cast is for PostgreSQL, whose sums of whole numbers are decimals."""
    bits = " ".join(f"WHEN {segment} THEN {1 << position}" for position, segment in enumerate(segments))
    return (
        f"WITH answers(lead_id, mask) AS ({answers})"
        " SELECT lead_id, CAST(SUM(fulfils) AS BIGINT), CAST(SUM(has) AS BIGINT) FROM ("
        "SELECT lead_id, mask AS fulfils, 0 AS has FROM answers"
        f" UNION ALL SELECT lead_id, 0, CASE segment_id {bits} END FROM {Membership._meta.db_table}"
        f" WHERE segment_id IN ({', '.join(map(str, segments))}) AND lead_id BETWEEN %s AND %s"
        ") AS both_sides GROUP BY lead_id HAVING SUM(fulfils) <> SUM(has)"
    )
