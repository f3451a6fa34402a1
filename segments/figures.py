"""Sizes of segments and how they moved: read from the members and their log, each in one statement for all."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection
from django.db.models import Case, Count, IntegerField, Min, Sum, Value, When

from leadqual.leads.models import Lead
from segments.models import Membership, MembershipChange, Segment, SegmentState

STEP = Case(When(joined=True, then=Value(1)), default=Value(-1), output_field=IntegerField())


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of all leads, how many are in no live segment and how many in more than one."""

    leads: int
    in_none: int
    in_several: int


def coverage() -> Coverage:
    live = list(Segment.objects.filter(state=SegmentState.LIVE).values_list("pk", flat=True))
    leads = Lead.objects.count()
    if not live:
        return Coverage(leads, leads, 0)
    numbers = ", ".join(str(int(pk)) for pk in live)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*), COALESCE(SUM(CASE WHEN n > 1 THEN 1 ELSE 0 END), 0) FROM ("
            f"SELECT COUNT(*) AS n FROM {Membership._meta.db_table} WHERE segment_id IN ({numbers})"
            " GROUP BY lead_id) AS by_lead"
        )
        members, several = cursor.fetchone()
    return Coverage(leads, max(0, leads - members), int(several))


def sizes(segments: Collection[int]) -> dict[int, int]:
    rows = Membership.objects.filter(segment__in=segments).order_by().values_list("segment_id")
    return dict.fromkeys(segments, 0) | dict(rows.annotate(size=Count("lead_id")))


def changes(segments: Collection[int], *, day: int) -> dict[int, tuple[int, int]]:
    """Who joined less who left in the last 7 and the last 30 days."""
    rows = MembershipChange.objects.filter(segment__in=segments, day__gt=day - 30, day__lte=day)
    week = Case(When(day__gt=day - 7, then=STEP), default=Value(0), output_field=IntegerField())
    counted = rows.order_by().values_list("segment_id").annotate(week=Sum(week), month=Sum(STEP))
    return dict.fromkeys(segments, (0, 0)) | {segment: (w, m) for segment, w, m in counted}


@dataclass(frozen=True, slots=True)
class Overlap:
    segment: Segment
    both: int
    share: float


def overlaps(segment: Segment, size: int, *, most: int = 5) -> list[Overlap]:
    """Other live segments that have members of this one, the greatest part first."""
    own = Membership.objects.filter(segment=segment).values("lead_id")
    rows = Membership.objects.filter(lead__in=own, segment__state=SegmentState.LIVE).exclude(segment=segment)
    counted = rows.order_by().values_list("segment_id").annotate(n=Count("lead_id")).order_by("-n")[:most]
    found = dict(counted)
    others = Segment.objects.filter(pk__in=found).only("name").in_bulk() if found else {}
    return [Overlap(others[pk], n, n / size if size else 0) for pk, n in found.items()]


def history(segment: Segment, size: int, *, day: int, days: int = 90) -> list[tuple[int, int]]:
    """(day, members at its end), from the first day on record or `days` ago up to `day`; `size` is that of now."""
    rows = MembershipChange.objects.filter(segment=segment)
    first = rows.aggregate(first=Min("day"))["first"]
    if first is None:
        return []
    since = max(first, day - days)
    steps = dict(rows.filter(day__gt=since).order_by().values_list("day").annotate(n=Sum(STEP)))
    points, members = [], size
    for each in range(day, since - 1, -1):
        points.append((each, members))
        members -= steps.get(each, 0)
    return points[::-1]
