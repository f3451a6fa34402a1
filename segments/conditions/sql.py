"""The SQL reader: a condition as Q on Lead, two-valued, with sub-selects and never a join of many rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Exists, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Least, NullIf

from leadqual.leads.models import Activity
from segments.conditions import comparing as sql
from segments.conditions import fields
from segments.conditions.acts import ACTS_OPERATORS
from segments.conditions.kinds import TEXTS, Kind
from segments.conditions.meant import ActsKey, acts_asked, acts_key, signatures_meant
from segments.conditions.nodes import Acts, All, AnyOf, Compare, Condition, InSegment, Not, walk
from segments.conditions.operators import OPERATORS
from segments.models import Membership

EVERYBODY = Q(pk__isnull=False)
NOBODY = Q(pk__isnull=True)
NEVER = 2**31 - 1


def to_q(condition: Condition, *, day: int) -> Q:
    """One query beforehand, if acts are asked: which signatures are meant."""
    return to_qs([condition], day=day)[0]


def to_qs(conditions: Sequence[Condition], *, day: int) -> list[Q]:
    """Many conditions; one query beforehand for them all, if acts are asked."""
    reader = SqlReader(day, signatures_meant(acts_asked(conditions)))
    return [reader.q(condition) for condition in conditions]


def next_flip_expression(condition: Condition, *, day: int) -> Any | None:
    """The first later day on which the answer can differ with the facts known now; NULL or None: never.

    Never too late, sometimes too early: every part is looked at, also one that does not decide.
    """
    return SqlReader(day, signatures_meant(acts_asked([condition]))).next_flip(condition)


@dataclass(frozen=True)
class SqlReader:
    """Walks a condition; a reader for many leads at once can say otherwise how acts and segments are asked."""

    day: int
    meant: dict[ActsKey, list[int]]

    def q(self, condition: Condition) -> Q:
        match condition:
            case All(parts):
                return reduce(and_, map(self.q, _cheap_first(parts))) if parts else EVERYBODY
            case AnyOf(parts):
                return reduce(or_, map(self.q, _cheap_first(parts)))
            case Not(part):
                return ~self.q(part)
            case Acts():
                low, high = ACTS_OPERATORS[condition.op].bounds(condition.count)
                answer = self.acted(condition, low) if low else EVERYBODY
                return answer if high is None else answer & ~self.acted(condition, high + 1)
            case InSegment(segment):
                return self.member(segment)
        return Q(_compare(condition, self.day))

    def acted(self, acts: Acts, times: int) -> Q:
        """At least so often. Skips instead of counting: it stops at the act that decides."""
        matching = self.matching(acts)
        if matching is None:
            return NOBODY
        return Q(Exists(matching[times - 1 : times] if times > 1 else matching))

    def member(self, segment: int) -> Q:
        return Q(Exists(Membership.objects.filter(segment=segment, lead=OuterRef("pk"))))

    def matching(self, acts: Acts) -> QuerySet[Activity] | None:
        """The acts meant, of the lead of the outer query, out of the covering index `activity_own_acts`."""
        signatures = self.meant[acts_key(acts)]
        if not signatures:
            return None
        matching = Activity.objects.filter(lead=OuterRef("pk"), machine=False, day__lte=self.day).order_by()
        if acts.within_days is not None:
            matching = matching.filter(day__gt=self.day - acts.within_days)
        return matching.filter(sql.IdIn("signature_id", tuple(signatures)))

    def next_flip(self, condition: Condition) -> Any | None:
        flips = [flip for _place, node in walk(condition) if (flip := self._flip(node)) is not None]
        if not flips:
            return None
        known = [Coalesce(flip, Value(NEVER), output_field=IntegerField()) for flip in flips]
        return NullIf(Least(*known) if len(known) > 1 else known[0], Value(NEVER))

    def _flip(self, node: Condition) -> Any | None:
        match node:
            case Compare():
                return _compare_flip(node, self.day)
            case Acts() if node.within_days is not None and (matching := self.matching(node)) is not None:
                rows = matching.values("lead").annotate(oldest=Min("day") + Value(node.within_days))
                return Subquery(rows.values("oldest"), output_field=IntegerField())
        return None


def _cheap_first(parts: tuple[Condition, ...]) -> list[Condition]:
    """Databases read the parts of a CASE in the order written; a column often spares a sub-select."""
    return sorted(parts, key=_cost)


def _cost(condition: Condition) -> int:
    match condition:
        case All(parts) | AnyOf(parts):
            return sum(map(_cost, parts))
        case Not(part):
            return _cost(part)
        case Acts():
            return 30
        case InSegment():
            return 10
    field = _field(condition)
    return 20 if field.expression is not None else 4 if field.custom else 1


def _field(compare: Compare) -> fields.Field:
    return fields.pinned(compare.ask.key, compare.ask.kind)


def _compare(compare: Compare, day: int) -> Any:
    operator = OPERATORS[compare.op]
    field = _field(compare)
    lhs = field.sql(day, dict(compare.ask.params))
    if operator.fooled and compare.ask.kind in TEXTS | {Kind.LIST}:
        return sql.boolean(operator.test(sql.Known(lhs), compare.value, day))
    test = operator.test(lhs, compare.value, day)
    return sql.boolean(test) if field.nullable else test


def _compare_flip(compare: Compare, day: int) -> Any | None:
    operator, field = OPERATORS[compare.op], _field(compare)
    params = dict(compare.ask.params)
    if field.flip_expression is not None:
        return field.flip_expression(day, params)
    if operator.flips is None:
        return None
    return sql.FirstAfter(field.sql(day, params), day, tuple(sorted(operator.flips(compare.value))))
