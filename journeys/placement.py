"""Who stands in which stage. `place` works it out for everybody, `reread` for leads that were just touched.

Both leave the same placements. A member of the map's segment stands in the furthest stage whose entry condition holds,
in the first if none does; it goes back only on a map that lets it. Who leaves the segment leaves the map, and begins
anew when it returns. Segments are asked for their members, so they are refreshed before.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from journeys.answering import MOST_MAPS, StageAnswers, Step, must_move
from journeys.carrying_over import carry_over, empty_retired, former_versions
from journeys.models import JourneyMap, MoveReason, StagePlacement
from journeys.moving import Moves, Occasion, move
from journeys.standing import Standing, in_force
from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.common.locks import Lock, lock_alone, lock_shared
from leadqual.leads.models import Lead
from segments.conditions import Facts, holds, load_facts
from segments.models import Membership
from segments.ranges import Progress, ranges, without_jit


@dataclass(frozen=True, slots=True)
class Placed:
    """What one pass changed on a map."""

    map_id: int
    name: str
    moves: Moves


def place(
    maps: Iterable[JourneyMap] | None = None, *, day: int, now: datetime, progress: Progress | None = None
) -> list[Placed]:
    """Stages as of the end of the day, on all live maps or these.

    Commits per range of leads. Interrupted, or overtaken by another version that goes live, it leaves some ranges as
    they were; the next pass finds what is left.
    """
    standing = in_force(maps)
    _refuse_going_back(standing, day)
    if maps is None:
        empty_retired(day=day, now=now)
    answers = [
        StageAnswers.of(standing[start : start + MOST_MAPS], day=day)
        for start in range(0, len(standing), MOST_MAPS)
    ]
    former = former_versions(standing)
    occasion = Occasion(day, now, MoveReason.REFRESH)
    moves = {each.pk: Moves() for each in standing}
    for low, high in ranges(progress) if standing else ():
        with transaction.atomic(), without_jit():
            lock_alone(Lock.LEDGER)
            if not _still_in_force(standing):
                return _told(standing, moves)
            carry_over(former, Q(lead__gte=low, lead__lte=high), day=day, now=now)
            for one_pass in answers:
                for each, steps in one_pass.steps(low, high):
                    moves[each.pk].add(move(each, steps, occasion))
    JourneyMap.objects.filter(pk__in=moves).update(placed_day=day, placed_at=now)
    return _told(standing, moves)


def _told(standing: list[Standing], moves: dict[int, Moves]) -> list[Placed]:
    return [Placed(each.pk, each.name, moves[each.pk]) for each in standing]


def _refuse_going_back(standing: list[Standing], day: int) -> None:
    latest = max((each.placed_day for each in standing if each.placed_day is not None), default=day)
    if day < latest:
        message = _("the leads' stages stand at %s already; those of an earlier day are not written")
        raise LeadqualError("day_goes_back", message % clock.date_of(latest).isoformat(), "--as-of")


def _still_in_force(standing: list[Standing]) -> bool:
    live = set(JourneyMap.objects.live().values_list("pk", flat=True))
    return all(each.pk in live for each in standing)


def reread(
    lead_ids: Collection[int], *, day: int, now: datetime, why: MoveReason = MoveReason.DRAIN
) -> dict[int, Moves]:
    """Looks again at leads that were touched, on all live maps; map -> how many moved.

    Inside the caller's transaction; a bounded number of queries for many leads. Maps that stand at a later day than
    `day` are read as of theirs.
    """
    if not lead_ids or not JourneyMap.objects.live().exists():
        return {}
    # Under the lock: no other version goes live while we look.
    lock_shared(Lock.LEDGER)
    standing = in_force()
    at = max([day, *(each.placed_day for each in standing if each.placed_day is not None)])
    leads = list(
        Lead.objects.select_for_update(no_key=True)
        .filter(pk__in=lead_ids)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    carry_over(former_versions(standing, leads), Q(lead__in=leads), day=at, now=now)
    moved = {}
    for each, steps in _steps(standing, leads, at):
        if moves := move(each, steps, Occasion(at, now, why)):
            moved[each.pk] = moves
    return moved


def _steps(standing: list[Standing], leads: list[int], day: int) -> Iterator[tuple[Standing, list[Step]]]:
    stands: dict[int, dict[int, int]] = defaultdict(dict)
    rows = StagePlacement.objects.filter(map__in=[each.pk for each in standing], lead__in=leads)
    for map_id, lead, stage in rows.values_list("map_id", "lead_id", "stage_id"):
        stands[map_id][lead] = stage
    members = Membership.objects.filter(segment__in={each.segment for each in standing}, lead__in=leads)
    concerned = set(members.values_list("lead_id", flat=True)).union(*stands.values())
    if not concerned:
        return
    asked = [condition for each in standing for condition in each.conditions()]
    facts = load_facts(concerned, day=day, conditions=asked)
    for each in standing:
        steps = []
        for lead, known in facts.items():
            before = each.rank(stands[each.pk][lead]) if lead in stands[each.pk] else 0
            after = rank_of(each, known, day=day)
            if must_move(before, after, each.may_regress):
                steps.append(Step(lead, before, after))
        if steps:
            yield each, steps


def rank_of(standing: Standing, facts: Facts, *, day: int) -> int:
    """The place of the furthest stage reached, counted from 1; 0 outside the segment."""
    if standing.segment not in facts.segments:
        return 0
    for rank, entry in reversed(list(enumerate(standing.entries, start=2))):
        if holds(entry, facts, day=day):
            return rank
    return 1
