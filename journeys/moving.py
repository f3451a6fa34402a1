"""The only writer of placements: leads come onto a map, go from stage to stage, leave it. Moves are logged and told."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from journeys.answering import Step
from journeys.models import JourneyMap, MoveReason, StageMove, StagePlacement
from journeys.signals import stage_changed
from journeys.standing import Standing
from leadqual.common.batches import batches

AT_ONCE = 5000
PLACEMENTS = StagePlacement._meta.db_table
MOVES = StageMove._meta.db_table
# Lead, from, to, days stayed.
LogRow = tuple[int, int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Occasion:
    """When and why placements are looked at."""

    day: int
    now: datetime
    why: MoveReason


@dataclass(slots=True)
class Moves:
    """How many leads of one map moved."""

    entered: int = 0
    forward: int = 0
    back: int = 0
    left: int = 0

    def __bool__(self) -> bool:
        return bool(self.entered or self.forward or self.back or self.left)

    def add(self, other: "Moves") -> None:
        self.entered += other.entered
        self.forward += other.forward
        self.back += other.back
        self.left += other.left


def move(standing: Standing, steps: Collection[Step], occasion: Occasion) -> Moves:
    """Writes the steps. Those that a concurrent writer took first are not counted, logged or told."""
    moves = Moves()
    moved: dict[tuple[int | None, int | None], set[int]] = defaultdict(set)
    log: list[LogRow] = []
    for some in batches(steps, AT_ONCE):
        since = _since(standing.pk, [step.lead for step in some if step.before])
        taken = _write(
            standing, [step for step in some if not step.before or step.lead in since], occasion.day
        )
        for step in taken:
            before, after = standing.stage(step.before), standing.stage(step.after)
            stayed = occasion.day - since[step.lead] if step.before else None
            moved[before, after].add(step.lead)
            log.append((step.lead, before, after, stayed))
            _count(moves, step)
    if log:
        _log(standing.pk, log, occasion)
        stage_changed.send(JourneyMap, map=standing.pk, moved=dict(moved), day=occasion.day, now=occasion.now)
    return moves


def _log(map_id: int, rows: list[LogRow], occasion: Occasion) -> None:
    insert = f"INSERT INTO {MOVES} (map_id, lead_id, from_stage_id, to_stage_id, stayed, day, at, why)"
    at = connection.ops.adapt_datetimefield_value(occasion.now)
    words = (occasion.day, at, occasion.why.value)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"{insert} SELECT %s, lead, before, after, stayed, %s, %s, %s"
                " FROM UNNEST(%s::bigint[], %s::bigint[], %s::bigint[], %s::int[]) AS new(lead, before, after, stayed)",
                [map_id, *words, *_columns(rows)],
            )
        else:
            marks = ", ".join(["%s"] * 8)
            cursor.executemany(f"{insert} VALUES ({marks})", [(map_id, *row, *words) for row in rows])


def _count(moves: Moves, step: Step) -> None:
    if not step.before:
        moves.entered += 1
    elif not step.after:
        moves.left += 1
    elif step.after > step.before:
        moves.forward += 1
    else:
        moves.back += 1


def _since(map_id: int, leads: list[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for some in batches(leads):
        rows = StagePlacement.objects.filter(map_id=map_id, lead_id__in=some)
        found |= dict(rows.values_list("lead_id", "since_day"))
    return found


def _write(standing: Standing, steps: Iterable[Step], day: int) -> list[Step]:
    entering: list[Step] = []
    leaving: list[Step] = []
    going: list[Step] = []
    for step in steps:
        (leaving if not step.after else going if step.before else entering).append(step)
    return [
        *(_enter(standing, entering, day) if entering else ()),
        *(_leave(standing, leaving) if leaving else ()),
        *(_go(standing, going, day) if going else ()),
    ]


def _enter(standing: Standing, steps: list[Step], day: int) -> list[Step]:
    insert = f"INSERT INTO {PLACEMENTS} (map_id, lead_id, stage_id, since_day)"
    rows = [(step.lead, standing.stage(step.after)) for step in steps]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"{insert} SELECT %s, lead, stage, %s FROM UNNEST(%s::bigint[], %s::bigint[]) AS new(lead, stage)"
                " ON CONFLICT DO NOTHING RETURNING lead_id",
                [standing.pk, day, *_columns(rows)],
            )
            return _taken(steps, cursor.fetchall())
        # SQLite has one writer at a time: what was missing when we looked is missing now.
        cursor.executemany(f"{insert} VALUES (%s, %s, %s, %s)", [(standing.pk, *row, day) for row in rows])
    return steps


def _leave(standing: Standing, steps: list[Step]) -> list[Step]:
    delete = f"DELETE FROM {PLACEMENTS} WHERE map_id = %s AND"
    leads = [step.lead for step in steps]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{delete} lead_id = ANY(%s) RETURNING lead_id", [standing.pk, leads])
            return _taken(steps, cursor.fetchall())
        cursor.executemany(f"{delete} lead_id = %s", [(standing.pk, lead) for lead in leads])
    return steps


def _go(standing: Standing, steps: list[Step], day: int) -> list[Step]:
    """Only from the stage in which the lead was seen."""
    update = f"UPDATE {PLACEMENTS} SET stage_id = "
    rows = [(step.lead, standing.stage(step.before), standing.stage(step.after)) for step in steps]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"{update} new.after, since_day = %s"
                " FROM UNNEST(%s::bigint[], %s::bigint[], %s::bigint[]) AS new(lead, before, after)"
                " WHERE map_id = %s AND lead_id = new.lead AND stage_id = new.before RETURNING lead_id",
                [day, *_columns(rows), standing.pk],
            )
            return _taken(steps, cursor.fetchall())
        cursor.executemany(
            f"{update} %s, since_day = %s WHERE map_id = %s AND lead_id = %s",
            [(after, day, standing.pk, lead) for lead, _before, after in rows],
        )
    return steps


def _columns(rows: Sequence[tuple[int | None, ...]]) -> list[str]:
    """As PostgreSQL writes arrays: the client takes ten times as long to write a list of numbers itself."""
    return [f"{{{','.join(map(_written, column))}}}" for column in zip(*rows, strict=True)]


def _written(number: int | None) -> str:
    return "NULL" if number is None else str(number)


def _taken(steps: list[Step], returned: list[tuple[int]]) -> list[Step]:
    leads = {row[0] for row in returned}
    return [step for step in steps if step.lead in leads]
