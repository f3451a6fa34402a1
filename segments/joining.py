"""The only writer of memberships: leads join and leave; what really changed is logged and told."""

from collections.abc import Iterable
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


def move(segment: int, joining: Iterable[int], leaving: Iterable[int], occasion: Occasion) -> Moved:
    """Leads join and leave; those that a concurrent writer moved first are not counted."""
    joined, left = set(), set()
    with connection.cursor() as cursor:
        for lead in sorted(joining):
            cursor.execute(
                f"INSERT INTO {MEMBERSHIP} (segment_id, lead_id, since_day) VALUES (%s, %s, %s)"
                " ON CONFLICT DO NOTHING RETURNING lead_id",
                [segment, lead, occasion.day],
            )
            joined |= {row[0] for row in cursor.fetchall()}
        for lead in sorted(leaving):
            cursor.execute(
                f"DELETE FROM {MEMBERSHIP} WHERE segment_id = %s AND lead_id = %s RETURNING lead_id",
                [segment, lead],
            )
            left |= {row[0] for row in cursor.fetchall()}
    return tell(segment, joined, left, occasion)


def tell(segment: int, joined: set[int], left: set[int], occasion: Occasion) -> Moved:
    """Logs what was written and sends the signal, in the transaction that wrote it."""
    for leads, has_joined in ((joined, True), (left, False)):
        if leads:
            _log(segment, leads, has_joined, occasion)
    if joined or left:
        membership_changed.send(
            Segment, segment=segment, joined=joined, left=left, day=occasion.day, now=occasion.now
        )
    return Moved(joined, left)


def _log(segment: int, leads: set[int], joined: bool, occasion: Occasion) -> None:
    insert = f"INSERT INTO {CHANGE} (segment_id, lead_id, joined, day, at, why) "
    at = connection.ops.adapt_datetimefield_value(occasion.now)
    words = [joined, occasion.day, at, occasion.why.value]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"{insert} SELECT %s, lead, %s, %s, %s, %s FROM UNNEST(%s::bigint[]) AS lead",
                [segment, *words, sorted(leads)],
            )
        else:
            cursor.executemany(
                f"{insert} VALUES (%s, %s, %s, %s, %s, %s)", [[segment, lead, *words] for lead in leads]
            )
