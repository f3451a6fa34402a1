"""How many leads a condition describes, before it is saved: the same answer as the next refresh gives."""

from dataclasses import dataclass

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, Sum, Value, When

from leadqual.leads.models import Lead
from segments.answering import BulkReader
from segments.conditions import Condition, trees_for
from segments.conditions.meant import acts_asked, signatures_meant
from segments.conditions.sql import SqlReader
from segments.counting import ActCounts
from segments.models import ManualMember, Membership, Segment


@dataclass(frozen=True, slots=True)
class Tally:
    """`size` of all leads `of`; against the members of now so many come in and leave."""

    size: int
    of: int
    joining: int
    leaving: int


class AnewReader(BulkReader):
    """Segments asked are answered by their condition as a refresh does; acts are looked up, not counted."""

    acted = SqlReader.acted


def tally(condition: Condition, *, day: int, segment: Segment | None = None) -> Tally:
    """One statement, and a few before it. Without a segment everybody who is described comes in."""
    described = _described(condition, segment, day)
    sums = {"size": _how_many(described)}
    if segment is not None and segment.pk:
        member = Q(Exists(Membership.objects.filter(segment=segment, lead=OuterRef("pk"))))
        sums |= {"staying": _how_many(described & member), "members": _how_many(member)}
    found = Lead.objects.aggregate(of=Count("pk"), **sums)
    size, staying = found["size"] or 0, found.get("staying") or 0
    return Tally(size, found["of"], size - staying, (found.get("members") or 0) - staying)


def _how_many(q: Q) -> Sum:
    return Sum(Case(When(q, then=Value(1)), default=Value(0), output_field=IntegerField()))


def _described(condition: Condition, segment: Segment | None, day: int) -> Q:
    trees = trees_for(condition)
    asked = set(trees) | ({segment.pk} if segment is not None and segment.pk else set())
    rows = ManualMember.objects.filter(segment__in=asked).values_list("segment_id", flat=True)
    by_hand = frozenset(rows.distinct())
    meant = signatures_meant(acts_asked([condition, *trees.values()]))
    reader = AnewReader(day, meant, trees, by_hand, ActCounts(day))
    q = reader.q(condition)
    if segment is None or segment.pk not in by_hand:
        return q
    chosen = ManualMember.objects.filter(segment=segment, lead=OuterRef("pk"))
    return (q | Exists(chosen.filter(include=True))) & ~Exists(chosen.filter(include=False))
