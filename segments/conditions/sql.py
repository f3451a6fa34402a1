"""The SQL reader: a condition as Q on Lead, two-valued, with sub-selects and never a join of many rows."""

from typing import Any

from django.db.models import Exists, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Least, NullIf

from leadqual.leads.models import Activity, Signature
from segments.conditions import fields
from segments.conditions import stored as sql
from segments.conditions.acts import ACTS_OPERATORS
from segments.conditions.kinds import TEXTS, Kind
from segments.conditions.nodes import Acts, All, AnyOf, Compare, Condition, InSegment, Not, walk
from segments.conditions.operators import OPERATORS
from segments.conditions.wheres import where_q
from segments.models import Membership

EVERYBODY = Q(pk__isnull=False)
NEVER = 2**31 - 1


def to_q(condition: Condition, *, day: int) -> Q:
    match condition:
        case All(parts):
            whole = Q()
            for part in parts:
                whole &= to_q(part, day=day)
            return whole if parts else EVERYBODY
        case AnyOf(parts):
            whole = Q()
            for part in parts:
                whole |= to_q(part, day=day)
            return whole
        case Not(part):
            return ~to_q(part, day=day)
        case Acts():
            return _acts_q(condition, day)
        case InSegment(segment):
            return Q(Exists(Membership.objects.filter(segment=segment, lead=OuterRef("pk"))))
    return Q(_compare(condition, day))


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


def _matching(acts: Acts, day: int) -> QuerySet[Activity]:
    """The acts meant, of the lead of the outer query, out of the covering index `activity_own_acts`."""
    signatures = Signature.objects.filter(where_q(acts.where), type__key=acts.activity)
    matching = Activity.objects.filter(
        lead=OuterRef("pk"), machine=False, signature__in=signatures.values("pk"), day__lte=day
    )
    return matching if acts.within_days is None else matching.filter(day__gt=day - acts.within_days)


def _acts_q(acts: Acts, day: int) -> Q:
    low, high = ACTS_OPERATORS[acts.op].bounds(acts.count)
    matching = _matching(acts, day)
    answer = _at_least(matching, low) if low else EVERYBODY
    return answer if high is None else answer & ~_at_least(matching, high + 1)


def _at_least(matching: QuerySet[Activity], count: int) -> Q:
    """Skips instead of counting: it stops at the act that decides."""
    return Q(Exists(matching[count - 1 : count] if count > 1 else matching))


def next_flip_expression(condition: Condition, *, day: int) -> Any | None:
    """The first later day on which the answer can differ with the facts known now; NULL or None: never.

    Never too late, sometimes too early: every part is looked at, also one that does not decide.
    """
    flips = [flip for _place, node in walk(condition) if (flip := _flip(node, day)) is not None]
    if not flips:
        return None
    known = [Coalesce(flip, Value(NEVER), output_field=IntegerField()) for flip in flips]
    return NullIf(Least(*known) if len(known) > 1 else known[0], Value(NEVER), output_field=IntegerField())


def _flip(node: Condition, day: int) -> Any | None:
    match node:
        case Compare():
            return _compare_flip(node, day)
        case Acts() if node.within_days is not None:
            rows = _matching(node, day).order_by().values("lead")
            oldest = rows.annotate(oldest=Min("day") + Value(node.within_days)).values("oldest")
            return Subquery(oldest, output_field=IntegerField())
    return None


def _compare_flip(compare: Compare, day: int) -> Any | None:
    operator, field = OPERATORS[compare.op], _field(compare)
    params = dict(compare.ask.params)
    if field.flip_expression is not None:
        return field.flip_expression(day, params)
    if operator.flips is None:
        return None
    return sql.FirstAfter(field.sql(day, params), day, tuple(sorted(operator.flips(compare.value))))


