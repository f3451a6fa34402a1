"""What a map shows of the leads on it, counted now; each function a fixed number of queries, however many there are.

Of every map there is one story: moves logged on an earlier version count for the stage of the same key.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Max, Q, Value, When

from journeys.models import JourneyMap, Stage, StageMove, StagePlacement, TouchpointActivity
from leadqual.leads.models import Activity
from segments.models import Membership

SHORT, LONG = 30, 90  # days


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


def stage_counts(each: JourneyMap) -> dict[int, StageCount]:
    """Of every stage of this version; four queries."""
    stages = list(each.stages.order_by("order"))
    ranks = _ranks(each, stages)
    standing = _standing(each)
    furthest = _furthest(ranks)
    stays = _stays(ranks)
    counts = {}
    for rank, stage in enumerate(stages, start=1):
        median, number = median_of(stays[rank])
        counts[stage.pk] = StageCount(
            leads=standing.get(stage.key, 0),
            reached=sum(n for far, n in furthest.items() if far >= rank),
            went_on=sum(n for far, n in furthest.items() if far > rank),
            median_days=median,
            stays=number,
        )
    return counts


def _ranks(each: JourneyMap, stages: list[Stage]) -> dict[int, int]:
    """Stages of every version that was live -> the place of the stage of the same key in this one."""
    by_key = {stage.key: rank for rank, stage in enumerate(stages, start=1)}
    all_stages = Stage.objects.filter(map__name=each.name).exclude(map__state="draft")
    return {pk: by_key[key] for pk, key in all_stages.values_list("pk", "key") if key in by_key}


def _standing(each: JourneyMap) -> dict[str, int]:
    rows = StagePlacement.objects.filter(map__name=each.name).order_by().values("stage__key")
    return {row["stage__key"]: row["leads"] for row in rows.annotate(leads=Count("lead_id"))}


def _furthest(ranks: dict[int, int]) -> dict[int, int]:
    """Rank -> how many leads came so far and no further."""
    if not ranks:
        return {}
    rank = Case(
        *(When(to_stage=stage, then=Value(r)) for stage, r in ranks.items()), output_field=IntegerField()
    )
    moves = StageMove.objects.filter(to_stage__in=ranks).order_by().values("lead_id")
    leads = moves.annotate(furthest=Max(rank))
    counts = {f"rank{r}": Count("lead_id", filter=Q(furthest=r)) for r in set(ranks.values())}
    found = leads.aggregate(**counts)
    return {r: found[f"rank{r}"] for r in set(ranks.values())}


def _stays(ranks: dict[int, int]) -> dict[int, dict[int, int]]:
    """Rank -> days -> how many stays ended after so many days by going on to a later stage."""
    found: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    rows = StageMove.objects.filter(from_stage__in=ranks, to_stage__in=ranks, stayed__isnull=False).order_by()
    grouped = rows.values("from_stage_id", "to_stage_id", "stayed").annotate(n=Count("pk"))
    for before, after, days, n in grouped.values_list("from_stage_id", "to_stage_id", "stayed", "n"):
        assert before is not None and after is not None and days is not None
        if ranks[after] > ranks[before]:
            found[ranks[before]][days] += n
    return found


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


def passed(each: JourneyMap, *, day: int) -> dict[int, Passed]:
    """Of every touchpoint of the version to which acts are bound; two queries."""
    types: dict[int, set[int]] = defaultdict(set)
    bound = TouchpointActivity.objects.filter(touchpoint__stage__map=each)
    for touchpoint, kind in bound.values_list("touchpoint_id", "activity_type_id"):
        types[touchpoint].add(kind)
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
