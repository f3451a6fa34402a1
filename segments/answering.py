"""Which leads of a range fulfil which segments: one pass over leads and acts answers many segments at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    Value,
    When,
)

from leadqual.leads.models import Lead
from segments.conditions import Condition
from segments.conditions.meant import acts_asked, acts_key, signatures_meant
from segments.conditions.nodes import Acts
from segments.conditions.sql import NOBODY, SqlReader
from segments.counting import TABLE, ActCounts
from segments.models import ManualMember, Membership

# Bits of a signed 64-bit number.
MOST_AT_ONCE = 62
LEADS = Lead._meta.db_table


@dataclass(frozen=True, slots=True)
class Difference:
    """What a segment's condition says of the leads of a range, where the members say otherwise."""

    segment: int
    joining: list[int]
    leaving: list[int]


@dataclass(frozen=True)
class BulkReader(SqlReader):
    """Acts are counted once per lead for all conditions together; a segment asked is answered where it is asked."""

    trees: Mapping[int, Condition]
    by_hand: frozenset[int]
    counts: ActCounts

    def acted(self, acts: Acts, times: int) -> Q:
        signatures = self.meant[acts_key(acts)]
        return Q(self.counts.at_least(signatures, acts.within_days, times)) if signatures else NOBODY

    def member(self, segment: int) -> Q:
        q = self.q(self.trees[segment])
        if segment not in self.by_hand:
            return q
        chosen = ManualMember.objects.filter(segment=segment, lead=OuterRef("pk"))
        return (q | Exists(chosen.filter(include=True))) & ~Exists(chosen.filter(include=False))


@dataclass(frozen=True, slots=True)
class Answers:
    """One statement for many segments, compiled once and run per range of leads.

    Each lead has one bit per segment that it fulfils and one per membership that it has; the two numbers are
    compared in the database, and only leads of whom they differ come back.
    """

    segments: Sequence[int]
    sql: str
    params: tuple[Any, ...]
    counting: bool

    @classmethod
    def of(cls, segments: Sequence[int], trees: Mapping[int, Condition], *, day: int) -> "Answers":
        by_hand = (
            ManualMember.objects.filter(segment__in=trees).values_list("segment_id", flat=True).distinct()
        )
        meant = signatures_meant(acts_asked(trees.values()))
        reader = BulkReader(day, meant, trees, frozenset(by_hand), ActCounts(day))
        mask: Any = Value(0)
        for position, segment in enumerate(segments):
            mask = mask + Case(When(reader.member(segment), then=Value(1 << position)), default=Value(0))
        leads = Lead.objects.annotate(fulfils=ExpressionWrapper(mask, BigIntegerField()))
        # The bounds come last among the parameters, so that another range needs no other statement.
        query = leads.filter(pk__range=(0, 0)).order_by().values_list("pk", "fulfils").query
        sql, params = query.sql_with_params()
        head = ""
        if counting := bool(reader.counts):
            head, sql = f"{TABLE} AS ({reader.counts.sql()}), ", _with_counts(sql)
        return cls(
            list(segments), f"WITH {head}{_compared(sql, list(segments))}", tuple(params[:-2]), counting
        )

    def differences(self, low: int, high: int) -> Iterator[Difference]:
        """For leads from low to high, both included; segments without a difference are left out."""
        bounds = (low, high)
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [*(bounds if self.counting else ()), *self.params, *bounds, *bounds])
            rows = cursor.fetchall()
        for position, segment in enumerate(self.segments):
            bit = 1 << position
            joining = [lead for lead, fulfils, has in rows if fulfils & bit and not has & bit]
            leaving = [lead for lead, fulfils, has in rows if has & bit and not fulfils & bit]
            if joining or leaving:
                yield Difference(segment, joining, leaving)


def _with_counts(sql: str) -> str:
    """Joins the counts, of which there is one row per lead at most; the last WHERE is that of the bounds."""
    leads, bounds = sql.rsplit(" WHERE ", 1)
    return f"{leads} LEFT JOIN {TABLE} ON {TABLE}.lead_id = {LEADS}.id WHERE {bounds}"


def _compared(answers: str, segments: list[int]) -> str:
    bits = " ".join(f"WHEN {segment} THEN {1 << position}" for position, segment in enumerate(segments))
    # Every bit comes once, so that sums are the same; on PostgreSQL sums of large numbers are slow decimals.
    merge = "BIT_OR" if connection.vendor == "postgresql" else "SUM"
    return (
        f"answers(lead_id, mask) AS ({answers}) SELECT lead_id, {merge}(fulfils), {merge}(has) FROM ("
        "SELECT lead_id, mask AS fulfils, 0 AS has FROM answers"
        f" UNION ALL SELECT lead_id, 0, CASE segment_id {bits} END FROM {Membership._meta.db_table}"
        f" WHERE segment_id IN ({', '.join(map(str, segments))}) AND lead_id BETWEEN %s AND %s"
        f") AS both_sides GROUP BY lead_id HAVING {merge}(fulfils) <> {merge}(has)"
    )
