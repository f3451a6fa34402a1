"""Browsers, and whose they are. A tie is one observation; what follows from all of them does not depend on the order
in which they arrive.

An act of a browser belongs to the person of the last tie at or before it, else of the first tie, else to nobody yet.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from uuid import UUID

from django.db import connection

from leadqual.leads.models import Activity, Visitor, VisitorTie

Ties = list[tuple[datetime, int]]


def lock_visitors(seen: Mapping[UUID, datetime], *, alone: bool) -> dict[UUID, Ties]:
    """The ties of the visitors by time, after making those that are new; `seen` says when each first appeared.

    Recording an act holds the rows shared, tying holds them alone: else an act that is just being written would
    miss the tie, and the tie the act.
    """
    missing = seen.keys() - _hold(seen, alone=alone)
    if missing:
        made = [Visitor(pk=pk, first_seen=seen[pk]) for pk in sorted(missing)]
        Visitor.objects.bulk_create(made, ignore_conflicts=True)
        _hold(missing, alone=alone)
    ties: dict[UUID, Ties] = {}
    rows = VisitorTie.objects.filter(visitor__in=seen).order_by("since")
    for visitor, since, lead in rows.values_list("visitor", "since", "lead"):
        ties.setdefault(visitor, []).append((since, lead))
    return ties


def _hold(visitors: Collection[UUID], *, alone: bool) -> set[UUID]:
    """Those that exist, locked until the transaction ends (SQLite: the writer is alone anyway)."""
    if connection.vendor != "postgresql":
        return set(Visitor.objects.filter(pk__in=visitors).values_list("pk", flat=True))
    how = "UPDATE" if alone else "KEY SHARE"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {Visitor._meta.db_table} WHERE id = ANY(%s) ORDER BY id FOR {how}",
            [list(visitors)],
        )
        return {row[0] for row in cursor}


def person_at(ties: Ties, moment: datetime) -> int | None:
    if not ties:
        return None
    return ties[max(bisect_right(ties, moment, key=itemgetter(0)) - 1, 0)][1]


def add_ties(observed: Iterable[tuple[UUID, int, datetime]], known: dict[UUID, Ties]) -> set[UUID]:
    """Adds (visitor, lead, since) to the rows and to `known`; returns the visitors whose acts may change hands.

    Two people seen at the very same moment: the lead with the smaller id, whoever came first.
    """
    changed, new = set(), {}
    for visitor, lead, since in sorted(observed):
        ties = known.setdefault(visitor, [])
        same = next((tie for tie in ties if tie[0] == since), None)
        if same is not None and same[1] <= lead:
            continue
        if person_at(ties, since) != lead:
            changed.add(visitor)
        if same is not None:
            ties.remove(same)
        ties.append((since, lead))
        ties.sort()
        new[visitor, since] = VisitorTie(visitor_id=visitor, since=since, lead_id=lead)
    VisitorTie.objects.bulk_create(
        new.values(), update_conflicts=True, unique_fields=["visitor", "since"], update_fields=["lead"]
    )
    return changed


def changing_hands(visitors: Iterable[UUID], known: Mapping[UUID, Ties]) -> dict[int, tuple[int | None, int]]:
    """activity id -> (lead now, lead by the ties), of the acts that came through these browsers."""
    acts = Activity.objects.filter(visitor__in=sorted(visitors))
    moves: dict[int, tuple[int | None, int]] = {}
    for pk, visitor, before, occurred_at in acts.values_list("pk", "visitor", "lead", "occurred_at"):
        after = person_at(known[visitor], occurred_at)
        if after is not None and after != before:
            moves[pk] = (before, after)
    return moves
