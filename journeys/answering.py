"""Which stage the leads of a range have reached: one pass over leads and acts answers every stage of many maps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Case, ExpressionWrapper, Q, Value, When

from journeys.models import StagePlacement
from journeys.standing import Standing
from leadqual.leads.models import Lead
from segments.answering import BulkReader
from segments.conditions.meant import acts_asked, signatures_meant
from segments.conditions.sql import SqlReader
from segments.counting import TABLE, ActCounts

# Five bits hold the rank of a stage; a signed 64-bit number holds twelve of them.
BITS = 5
MOST_STAGES = (1 << BITS) - 1
MOST_MAPS = 12
LEADS = Lead._meta.db_table
PLACEMENTS = StagePlacement._meta.db_table


@dataclass(frozen=True, slots=True)
class Step:
    """A lead stands in `before` and belongs into `after`: ranks, 0 is not on the map."""

    lead: int
    before: int
    after: int


class StageReader(BulkReader):
    """Counts acts for all stages together; segments are asked for their members, who are there already."""

    def member(self, segment: int) -> Q:
        return SqlReader.member(self, segment)


@dataclass(frozen=True, slots=True)
class StageAnswers:
    """One statement for many maps, compiled once and run per range: only leads who have to move come back."""

    maps: Sequence[Standing]
    sql: str
    params: tuple[Any, ...]
    counting: bool

    @classmethod
    def of(cls, maps: Sequence[Standing], *, day: int) -> "StageAnswers":
        meant = signatures_meant(acts_asked(entry for each in maps for entry in each.entries))
        reader = StageReader(day, meant, {}, frozenset(), ActCounts(day))
        ranks: Any = Value(0)
        for position, each in enumerate(maps):
            ranks = ranks + _reached(each, reader, position * BITS)
        leads = Lead.objects.annotate(reached=ExpressionWrapper(ranks, BigIntegerField()))
        # The bounds come last among the parameters, so that another range needs no other statement.
        query = leads.filter(pk__range=(0, 0)).order_by().values_list("pk", "reached").query
        sql, params = query.sql_with_params()
        head = ""
        if counting := bool(reader.counts):
            head, sql = f"{TABLE} AS ({reader.counts.sql()}), ", _with_counts(sql)
        return cls(list(maps), f"WITH {head}{_compared(sql, maps)}", tuple(params[:-2]), counting)

    def steps(self, low: int, high: int) -> Iterator[tuple[Standing, list[Step]]]:
        """For leads from low to high, both included; maps on which nobody moves are left out."""
        bounds = (low, high)
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [*(bounds if self.counting else ()), *self.params, *bounds, *bounds])
            rows = cursor.fetchall()
        for position, each in enumerate(self.maps):
            shift = position * BITS
            found = [
                Step(lead, stands >> shift & MOST_STAGES, reached >> shift & MOST_STAGES)
                for lead, reached, stands in rows
            ]
            steps = [step for step in found if must_move(step.before, step.after, each.may_regress)]
            if steps:
                yield each, steps


def must_move(before: int, after: int, may_regress: bool) -> bool:
    return before != after and (after > before or not after or may_regress)


def _reached(each: Standing, reader: StageReader, shift: int) -> Any:
    """The rank in its bits: the furthest stage whose condition holds, else the first; 0 outside the segment."""
    cases = [
        When(reader.q(entry), then=Value(rank << shift))
        for rank, entry in reversed(list(enumerate(each.entries, start=2)))
    ]
    first = Value(1 << shift)
    reached: Any = Case(*cases, default=first) if cases else first
    return Case(When(reader.member(each.segment), then=reached), default=Value(0))


def _with_counts(sql: str) -> str:
    """Joins the counts, of which there is one row per lead at most; the last WHERE is that of the bounds."""
    leads, bounds = sql.rsplit(" WHERE ", 1)
    return f"{leads} LEFT JOIN {TABLE} ON {TABLE}.lead_id = {LEADS}.id WHERE {bounds}"


def _compared(answers: str, maps: Sequence[Standing]) -> str:
    stands = " ".join(
        f"WHEN {stage} THEN {rank << position * BITS}"
        for position, each in enumerate(maps)
        for rank, stage in enumerate(each.stages, start=1)
    )
    # A map comes once for each lead, so that sums are the same; on PostgreSQL sums of large numbers are slow decimals.
    merge = "BIT_OR" if connection.vendor == "postgresql" else "SUM"
    ids = ", ".join(str(each.pk) for each in maps)
    return (
        f"answers(lead_id, rank) AS ({answers}), both_sides(lead_id, reached, stands) AS ("
        f"SELECT lead_id, {merge}(reached), {merge}(stands) FROM ("
        "SELECT lead_id, rank AS reached, 0 AS stands FROM answers"
        f" UNION ALL SELECT lead_id, 0, CASE stage_id {stands} ELSE 0 END FROM {PLACEMENTS}"
        f" WHERE map_id IN ({ids}) AND lead_id BETWEEN %s AND %s) AS sides GROUP BY lead_id)"
        f" SELECT lead_id, reached, stands FROM both_sides WHERE {_differing(maps)}"
    )


def _differing(maps: Sequence[Standing]) -> str:
    """Who stands further than the condition says stays there, and should not come back every night."""
    tests = []
    for position, each in enumerate(maps):
        reached, stands = (
            f"(({side} >> {position * BITS}) & {MOST_STAGES})" for side in ("reached", "stands")
        )
        gone = f"({reached} = 0 AND {stands} > 0)"
        tests.append(f"{reached} <> {stands}" if each.may_regress else f"({reached} > {stands} OR {gone})")
    return " OR ".join(tests)
