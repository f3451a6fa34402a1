"""Sizes of segments and how they moved: read from the members and their log, each in one statement for all."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import connection
from django.db.models import Case, Count, IntegerField, Sum, Value, When

from segments.models import Membership, MembershipChange, Segment

STEP = Case(When(joined=True, then=Value(1)), default=Value(-1), output_field=IntegerField())


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of all leads, how many are in no live segment and how many in more than one."""

    leads: int
    in_none: int
    in_several: int


def coverage(live: Collection[int], everybody: int) -> Coverage:
    if not live:
        return Coverage(everybody, everybody, 0)
    numbers = ", ".join(str(int(pk)) for pk in live)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*), COALESCE(SUM(CASE WHEN n > 1 THEN 1 ELSE 0 END), 0) FROM ("
            f"SELECT COUNT(*) AS n FROM {Membership._meta.db_table} WHERE segment_id IN ({numbers})"
            " GROUP BY lead_id) AS by_lead"
        )
        members, several = cursor.fetchone()
    return Coverage(everybody, max(0, everybody - members), int(several))


def changes(segments: Collection[int], *, day: int) -> dict[int, tuple[int, int]]:
    """Who joined less who left in the last 7 and the last 30 days."""
    rows = MembershipChange.objects.filter(segment__in=segments, day__gt=day - 30, day__lte=day)
    week = Case(When(day__gt=day - 7, then=STEP), default=Value(0), output_field=IntegerField())
    counted = rows.order_by().values_list("segment_id").annotate(week=Sum(week), month=Sum(STEP))
    return dict.fromkeys(segments, (0, 0)) | {segment: (w, m) for segment, w, m in counted}


def sharing(segment: Segment) -> dict[int, int]:
    """Segment -> how many members of this one it has; of this one itself, all of them."""
    own = Membership.objects.filter(segment=segment).values("lead_id")
    rows = Membership.objects.filter(lead__in=own).order_by().values_list("segment_id")
    return dict(rows.annotate(n=Count("lead_id")))


def steps(segment: Segment, *, day: int, days: int = 90) -> dict[int, int]:
    """By day, who joined less who left."""
    rows = MembershipChange.objects.filter(segment=segment, day__gt=day - days, day__lte=day)
    return dict(rows.order_by().values_list("day").annotate(n=Sum(STEP)))


def history(moved: Mapping[int, int], size: int, *, day: int, days: int = 90) -> list[tuple[int, int]]:
    """(day, members at its end), walked back from the size of now; a segment that was empty before begins later."""
    before = size - sum(moved.values())
    since = day - days if before or not moved else min(moved)
    points, members = [], size
    for each in range(day, since - 1, -1):
        points.append((each, members))
        members -= moved.get(each, 0)
    return points[::-1]
