"""Who is in which segment. `refresh` makes it anew for everybody, `reread` for leads that were just touched.

Both leave the same members: the leads that fulfil the condition, and those included by hand, without those
excluded by hand. A segment that asks another asks its members, so it is answered after it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.batches import batches
from leadqual.common.errors import LeadqualError
from leadqual.common.locks import Lock, lock_alone, lock_shared
from leadqual.leads.models import Lead
from segments.answering import MOST_AT_ONCE, Answers
from segments.conditions import Condition, Facts, holds, load_facts
from segments.conditions.nodes import InSegment
from segments.joining import Moved, Occasion, move
from segments.models import ChangeReason, ManualMember, Membership, Segment
from segments.order import Ordered, asking_these, in_order
from segments.ranges import Progress, ranges, without_jit

BY_HAND = 500


@dataclass(frozen=True, slots=True)
class Refreshed:
    segment_id: int
    joined: int
    left: int
    size: int


def refresh(
    segments: Iterable[Segment] | None = None, *, day: int, now: datetime, progress: Progress | None = None
) -> list[Refreshed]:
    """Members as of the end of the day, of all live segments or these, and of the segments that they ask.

    Commits per range of leads. Interrupted, it leaves some ranges as they were; the next refresh finds what is left.
    """
    _refuse_going_back(day)
    ordered = in_order(segments)
    wanted = list(ordered.trees)
    answers = [
        Answers.of(wanted[start : start + MOST_AT_ONCE], ordered.trees, day=day)
        for start in range(0, len(wanted), MOST_AT_ONCE)
    ]
    occasion = Occasion(day, now, ChangeReason.REFRESH)
    counts = dict.fromkeys(ordered.trees, (0, 0))
    for low, high in ranges(progress):
        with transaction.atomic(), without_jit():
            lock_alone(Lock.LEDGER)
            for each in answers:
                for found in each.differences(low, high):
                    moved = move(found.segment, found.joining, found.leaving, occasion)
                    joined, left = counts[found.segment]
                    counts[found.segment] = joined + len(moved.joined), left + len(moved.left)
    sizes = _note_sizes(list(counts), day, now)
    return [Refreshed(pk, *counts[pk], sizes[pk]) for pk in sorted(counts)]


def _refuse_going_back(day: int) -> None:
    latest = Segment.objects.aggregate(latest=Max("refreshed_day"))["latest"]
    if latest is not None and day < latest:
        message = _("segments stand at %s already; members of an earlier day are not written")
        raise LeadqualError("day_goes_back", message % clock.date_of(latest).isoformat(), "--as-of")


def _note_sizes(segments: list[int], day: int, now: datetime) -> dict[int, int]:
    rows = Membership.objects.filter(segment__in=segments).order_by().values("segment_id")
    found = {row["segment_id"]: row["size"] for row in rows.annotate(size=Count("lead_id"))}
    sizes = {pk: found.get(pk, 0) for pk in segments}
    noted = [Segment(pk=pk, size=size, refreshed_day=day, refreshed_at=now) for pk, size in sizes.items()]
    Segment.objects.bulk_update(noted, ["size", "refreshed_day", "refreshed_at"])
    return sizes


def reread(
    lead_ids: Collection[int], segments: Iterable[Segment] | None = None, *, day: int, now: datetime
) -> dict[int, Moved]:
    """Reads these segments again for leads that were touched; segment -> who joined and left.

    Inside the caller's transaction; a bounded number of queries for many leads.
    """
    if not lead_ids:
        return {}
    return _reread(lead_ids, in_order(segments), Occasion(day, now, ChangeReason.DRAIN))


def _reread(lead_ids: Collection[int], ordered: Ordered, occasion: Occasion) -> dict[int, Moved]:
    lock_shared(Lock.LEDGER)
    leads = list(
        Lead.objects.select_for_update(no_key=True)
        .filter(pk__in=lead_ids)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    members: list[Condition] = [InSegment(pk) for pk in ordered.trees]
    facts = load_facts(leads, day=occasion.day, conditions=[*ordered.trees.values(), *members])
    by_hand = {
        (segment, lead): include
        for segment, lead, include in ManualMember.objects.filter(
            segment__in=ordered.trees, lead__in=leads
        ).values_list("segment_id", "lead_id", "include")
    }
    moved = {}
    for segment in (pk for level in ordered.levels for pk in level):
        joining, leaving = _differences(segment, ordered.trees[segment], facts, by_hand, occasion.day)
        if joining or leaving:
            moved[segment] = move(segment, joining, leaving, occasion)
    return moved


def _differences(
    segment: int,
    condition: Condition,
    facts: dict[int, Facts],
    by_hand: dict[tuple[int, int], bool],
    day: int,
) -> tuple[set[int], set[int]]:
    """Who must join and leave; the facts say so afterwards, for the segments that ask this one."""
    joining, leaving = set(), set()
    for lead, known in facts.items():
        chosen = by_hand.get((segment, lead))
        wanted = holds(condition, known, day=day) if chosen is None else chosen
        if wanted and segment not in known.segments:
            joining.add(lead)
            known.segments |= {segment}
        elif not wanted and segment in known.segments:
            leaving.add(lead)
            known.segments -= {segment}
    return joining, leaving


def include(segment: Segment, lead: Lead, *, now: datetime, by: Any = None, why: str = "") -> None:
    """The lead is a member whatever the condition says, until `forget`."""
    _choose(segment, lead, True, now, by, why)


def exclude(segment: Segment, lead: Lead, *, now: datetime, by: Any = None, why: str = "") -> None:
    """The lead is no member whatever the condition says, until `forget`."""
    _choose(segment, lead, False, now, by, why)


@transaction.atomic
def forget(segment: Segment, lead: Lead, *, now: datetime) -> None:
    """The condition decides again."""
    ManualMember.objects.filter(segment=segment, lead=lead).delete()
    _reread_by_hand(segment, [lead.pk], now)


@transaction.atomic
def _choose(segment: Segment, lead: Lead, member: bool, now: datetime, by: Any, why: str) -> None:
    ManualMember.objects.update_or_create(
        segment=segment, lead=lead, defaults={"include": member, "by": by, "at": now, "why": why}
    )
    _reread_by_hand(segment, [lead.pk], now)


def choose_many(
    segment: Segment,
    leads: Collection[int],
    member: bool | None,
    *,
    now: datetime,
    by: Any = None,
    why: str = "",
) -> None:
    """`include` (True), `exclude` (False) or `forget` (None) for many leads, given by id: a commit per 500."""
    for ids in batches(sorted(leads), BY_HAND):
        with transaction.atomic():
            lock_shared(Lock.LEDGER)
            ManualMember.objects.filter(segment=segment, lead__in=ids).delete()
            if member is not None:
                rows = [
                    ManualMember(segment=segment, lead_id=lead, include=member, by=by, at=now, why=why)
                    for lead in ids
                ]
                ManualMember.objects.bulk_create(rows)
            _reread_by_hand(segment, ids, now)


def _reread_by_hand(segment: Segment, leads: Collection[int], now: datetime) -> None:
    """As of the day on which the other members stand."""
    day = segment.refreshed_day if segment.refreshed_day is not None else clock.day_of(now)
    touched = {segment.pk} | asking_these({segment.pk})
    _reread(leads, in_order(Segment.objects.filter(pk__in=touched)), Occasion(day, now, ChangeReason.MANUAL))
