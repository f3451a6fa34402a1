"""Leads keep their stage, and since when, from one version of a map to the next; a stage is the same by its key."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from journeys.models import JourneyMap, MapState, MoveReason, Stage, StageMove, StagePlacement
from journeys.signals import stage_changed
from journeys.standing import Standing
from leadqual.common.batches import batches
from leadqual.common.locks import Lock, lock_alone
from leadqual.common.rows import insert_rows

LOG = ("map", "lead", "from_stage", "to_stage", "stayed", "day", "at", "why")
AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Former:
    """A version of a map that was live before, and which of its stages are which in the one that is live now."""

    map: int
    now: int
    same: dict[int, int]


def former_versions(standing: list[Standing], leads: Collection[int] | None = None) -> list[Former]:
    """Earlier versions of these maps in which somebody (of these leads) still stands; mostly none."""
    by_name = {each.name: each for each in standing}
    rest = StagePlacement.objects.filter(map=OuterRef("pk"))
    if leads is not None:
        rest = rest.filter(lead__in=leads)
    earlier = JourneyMap.objects.filter(name__in=by_name).exclude(pk__in=[each.pk for each in standing])
    maps = dict(earlier.filter(Exists(rest)).values_list("pk", "name"))
    stages = Stage.objects.filter(map__in=maps) if maps else Stage.objects.none()
    keys = [(stage.map_id, stage.pk, stage.key) for stage in stages]
    return [
        Former(pk, each.pk, {
            stage: each.stages[each.keys.index(key)]
            for own, stage, key in keys
            if own == pk and key in each.keys
        })
        for pk, name in maps.items()
        for each in [by_name[name]]
    ]  # fmt: skip


def carry_over(former: list[Former], of: Q, *, day: int, now: datetime) -> None:
    """The placements that `of` means; who stood in a stage that is gone leaves the map, and is placed anew."""
    for each in former:
        rows = StagePlacement.objects.filter(of, map=each.map)
        _leave(rows.exclude(stage__in=each.same), each.map, day, now)
        if each.same:
            stage = Case(*(When(stage=old, then=Value(new)) for old, new in each.same.items()))
            rows.update(stage=stage, map=each.now)


def empty_retired(*, day: int, now: datetime) -> None:
    """Nobody stands on a map of which no version is live."""
    live = JourneyMap.objects.live().filter(name=OuterRef("name"))
    filled = StagePlacement.objects.filter(map=OuterRef("pk"))
    retired = JourneyMap.objects.filter(~Exists(live), Exists(filled), state=MapState.RETIRED)
    for pk in retired.values_list("pk", flat=True):
        while _leave_some(pk, day, now):
            pass


@transaction.atomic
def _leave_some(map_id: int, day: int, now: datetime) -> bool:
    lock_alone(Lock.LEDGER)
    rows = StagePlacement.objects.filter(map=map_id).order_by("lead_id")
    leads = list(rows.values_list("lead_id", flat=True)[:AT_ONCE])
    _leave(StagePlacement.objects.filter(map=map_id, lead__in=leads), map_id, day, now)
    return bool(leads)


def _leave(rows: QuerySet[StagePlacement], map_id: int, day: int, now: datetime) -> None:
    standing = list(rows.order_by().values_list("lead_id", "stage_id", Value(day) - F("since_day")))
    if not standing:
        return
    for some in batches(standing):
        StagePlacement.objects.filter(map=map_id, lead__in=[lead for lead, *_rest in some]).delete()
    moved: dict[tuple[int | None, int | None], set[int]] = {}
    for lead, stage, _stayed in standing:
        moved.setdefault((stage, None), set()).add(lead)
    insert_rows(
        StageMove,
        LOG,
        [
            (map_id, lead, stage, None, stayed, day, now, MoveReason.VERSION)
            for lead, stage, stayed in standing
        ],
    )
    stage_changed.send(JourneyMap, map=map_id, moved=moved, day=day, now=now)
