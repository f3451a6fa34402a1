"""The only writer of memberships: leads join and leave; what really changed is logged and told."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from segments.models import ChangeReason, Membership, MembershipChange, Segment
from segments.signals import membership_changed

MEMBERSHIP = Membership._meta.db_table
CHANGE = MembershipChange._meta.db_table


@dataclass(frozen=True, slots=True)
class Occasion:
    """When and why memberships are looked at."""

    day: int
    now: datetime
    why: ChangeReason


@dataclass(frozen=True, slots=True)
class Moved:
    joined: set[int]
    left: set[int]


def move(segment: int, joining: Collection[int], leaving: Collection[int], occasion: Occasion) -> Moved:
    """Leads join and leave. Those that a concurrent writer moved first are not counted, logged or told."""
    joined = _join(segment, sorted(joining), occasion.day) if joining else set()
    left = _leave(segment, sorted(leaving)) if leaving else set()
    for leads, has_joined in ((joined, True), (left, False)):
        if leads:
            _log(segment, sorted(leads), has_joined, occasion)
    if joined or left:
        membership_changed.send(
            Segment,
            segment=segment,
            joined=joined,
            left=left,
            day=occasion.day,
            now=occasion.now,
            why=occasion.why,
        )
    return Moved(joined, left)


def _join(segment: int, leads: list[int], day: int) -> set[int]:
    insert = f"INSERT INTO {MEMBERSHIP} (segment_id, lead_id, since_day)"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"{insert} SELECT %s, lead, %s FROM UNNEST(%s::bigint[]) AS lead"
                " ON CONFLICT DO NOTHING RETURNING lead_id",
                [segment, day, leads],
            )
            return {row[0] for row in cursor.fetchall()}
        # SQLite has one writer at a time: what was missing when we looked is missing now.
        cursor.executemany(f"{insert} VALUES (%s, %s, %s)", [(segment, lead, day) for lead in leads])
    return set(leads)


def _leave(segment: int, leads: list[int]) -> set[int]:
    delete = f"DELETE FROM {MEMBERSHIP} WHERE segment_id = %s AND"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{delete} lead_id = ANY(%s) RETURNING lead_id", [segment, leads])
            return {row[0] for row in cursor.fetchall()}
        cursor.executemany(f"{delete} lead_id = %s", [(segment, lead) for lead in leads])
    return set(leads)


def _log(segment: int, leads: list[int], joined: bool, occasion: Occasion) -> None:
    insert = f"INSERT INTO {CHANGE} (segment_id, lead_id, joined, day, at, why)"
    words = (joined, occasion.day, connection.ops.adapt_datetimefield_value(occasion.now), occasion.why.value)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"{insert} SELECT %s, lead, %s, %s, %s, %s FROM UNNEST(%s::bigint[]) AS lead",
                [segment, *words, leads],
            )
        else:
            cursor.executemany(
                f"{insert} VALUES (%s, %s, %s, %s, %s, %s)", [(segment, lead, *words) for lead in leads]
            )
