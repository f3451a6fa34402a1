"""What a map shows of the leads on it, counted now; each function a fixed number of queries, however many there are.

Of every map there is one story: moves logged on an earlier version count for the stage of the same key.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Case, Count, F, Max, Q, When

from journeys.models import JourneyMap, Stage, StageMove, StagePlacement
from leadqual.leads.models import Activity
from segments.models import Membership

SHORT, LONG = 30, 90  # days
PLACEMENTS, MOVES = StagePlacement._meta.db_table, StageMove._meta.db_table


@dataclass(frozen=True, slots=True)
class StageCount:
    """`reached`: leads that ever came to the stage or beyond it; `went_on`: those of them that came beyond it.

    `median_days` is how long the stay was of leads that went on to a later stage, of whom there are `stays`.
    """

    leads: int = 0
    reached: int = 0
    went_on: int = 0
    median_days: float | None = None
    stays: int = 0

    @property
    def conversion(self) -> float | None:
        """Per cent; None where nobody came so far."""
        return 100 * self.went_on / self.reached if self.reached else None


@dataclass(frozen=True, slots=True)
class Passed:
    """How many leads of the segment did at a touchpoint what is bound to it, within so many days."""

    short: int = 0
    long: int = 0


def stage_counts(each: JourneyMap, stages: Collection[Stage] | None = None) -> dict[int, StageCount]:
    """Of every stage of this version; one query, and one for the stages of all versions where they are not given."""
    told = Stage.objects.filter(map__name=each.name).select_related("map") if stages is None else stages
    own = sorted(
        (stage for stage in told if stage.map_id == each.pk), key=lambda stage: (stage.order, stage.pk)
    )
    by_key = {stage.key: rank for rank, stage in enumerate(own, start=1)}
    ranks = {stage.pk: by_key[stage.key] for stage in told if stage.key in by_key}
    counted = _counted(ranks)
    counts = {}
    for rank, stage in enumerate(own, start=1):
        median, stays = median_of(counted.stays[rank])
        counts[stage.pk] = StageCount(
            leads=counted.leads[rank],
            reached=sum(n for far, n in counted.furthest.items() if far >= rank),
            went_on=sum(n for far, n in counted.furthest.items() if far > rank),
            median_days=median,
            stays=stays,
        )
    return counts


@dataclass(slots=True)
class _Counted:
    """By rank: who stands there, who came so far and no further, and days -> how many went on after so many."""

    leads: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    furthest: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    stays: dict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))


def _counted(ranks: dict[int, int]) -> _Counted:
    """`ranks`: stages of every version -> the place of the stage of the same key in this one."""
    counted = _Counted()
    if not ranks:
        return counted
    ids = ", ".join(map(str, ranks))
    rank = " ".join(f"WHEN {stage} THEN {rank}" for stage, rank in ranks.items())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 'leads', stage_id, 0, 0, COUNT(*) FROM {PLACEMENTS} WHERE stage_id IN ({ids}) GROUP BY stage_id"
            " UNION ALL SELECT 'furthest', furthest, 0, 0, COUNT(*) FROM"
            f" (SELECT MAX(CASE to_stage_id {rank} END) AS furthest FROM {MOVES} WHERE to_stage_id IN ({ids})"
            " GROUP BY lead_id) AS leads GROUP BY furthest"
            f" UNION ALL SELECT 'stays', from_stage_id, to_stage_id, stayed, COUNT(*) FROM {MOVES}"
            f" WHERE from_stage_id IN ({ids}) AND to_stage_id IN ({ids}) AND stayed IS NOT NULL"
            " GROUP BY from_stage_id, to_stage_id, stayed"
        )
        for what, first, second, days, n in cursor.fetchall():
            if what == "leads":
                counted.leads[ranks[first]] += n
            elif what == "furthest":
                counted.furthest[first] = n
            elif ranks[second] > ranks[first]:
                counted.stays[ranks[first]][days] += n
    return counted


def median_of(histogram: dict[int, int]) -> tuple[float | None, int]:
    """Value -> how often; the median, and how many values there are."""
    number = sum(histogram.values())
    if not number:
        return None, 0
    middle = [(number - 1) // 2, number // 2]
    found: list[int] = []
    seen = 0
    for value in sorted(histogram):
        seen += histogram[value]
        found += [value] * sum(1 for place in middle[len(found) :] if place < seen)
    return sum(found) / 2, number


def passed(each: JourneyMap, types: Mapping[int, Collection[int]], *, day: int) -> dict[int, Passed]:
    """`types`: touchpoint -> types of the acts bound to it; one query. Touchpoints without any are left out."""
    types = {touchpoint: kinds for touchpoint, kinds in types.items() if kinds}
    if not types:
        return {}
    members = Membership.objects.filter(segment=each.segment_id).values("lead_id")
    acts = Activity.objects.filter(
        lead__in=members,
        machine=False,
        day__gt=day - LONG,
        day__lte=day,
        signature__type__in=set().union(*types.values()),
    )
    last = {
        f"last{touchpoint}": Max(Case(When(signature__type__in=kinds, then=F("day"))))
        for touchpoint, kinds in types.items()
    }
    wanted: dict[str, Any] = {}
    for touchpoint in types:
        column = f"last{touchpoint}"
        wanted[f"short{touchpoint}"] = Count("lead_id", filter=Q(**{f"{column}__gt": day - SHORT}))
        wanted[f"long{touchpoint}"] = Count(column)
    found = acts.order_by().values("lead_id").annotate(**last).aggregate(**wanted)
    return {each: Passed(found[f"short{each}"], found[f"long{each}"]) for each in types}


@dataclass(frozen=True, slots=True)
class MapCount:
    """One line of the list of maps: leads by the order of their stage."""

    by_order: dict[int, int]

    @property
    def leads(self) -> int:
        return sum(self.by_order.values())


def map_counts(maps: Collection[JourneyMap]) -> dict[int, MapCount]:
    """Of every map how many leads stand in each stage; one query for all of them."""
    rows = StagePlacement.objects.filter(map__in=[each.pk for each in maps]).order_by()
    counts: dict[int, dict[int, int]] = defaultdict(dict)
    grouped = rows.values("map_id", "stage__order").annotate(leads=Count("lead_id"))
    for map_id, order, leads in grouped.values_list("map_id", "stage__order", "leads"):
        counts[map_id][order] = leads
    return {each.pk: MapCount(counts[each.pk]) for each in maps}


def nobody_entered(each: JourneyMap, counts: dict[int, StageCount]) -> list[int]:
    """Stages that no lead has reached although leads were placed."""
    if each.placed_at is None or not any(count.reached for count in counts.values()):
        return []
    return [stage for stage, count in counts.items() if not count.reached]
