"""What one hit of a rule is worth at each age: whole points, so that SQL, one lead's evaluation and a replay agree."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.db import connection

from leadqual.scoring.models import LONGEST_WINDOW, PointCurve

# Every age from here on is one age: attributes, whose hits have day 0, and silence that lasts.
FOR_GOOD = LONGEST_WINDOW
# Every age below 0 is this one: a hit whose day has not come is worth nothing until then.
NOT_YET = -1


@dataclass(frozen=True, slots=True)
class Curve:
    """`points[age]` from the day of the hit on; `lasting` for hits that are worth the same for good."""

    points: tuple[int, ...]
    next_ages: tuple[int, ...]
    lasting: int | None = None

    @property
    def horizon(self) -> int:
        """How many days a hit is worth something."""
        return len(self.points)

    def at(self, age: int) -> int:
        if age < 0:
            return 0
        if self.lasting is not None:
            return self.lasting
        return self.points[age] if age < len(self.points) else 0

    def next_age(self, age: int) -> int | None:
        """The first age above `age` at which the points differ, if there is one."""
        if age < 0:
            return 0
        return self.next_ages[age] if age < len(self.next_ages) else None


def decayed(points: int, age: int, half_life: int | None) -> int:
    """sign x floor(|points| x 2^(-age/half_life) + 1/2), exact: a float that is close to a step is checked in integers."""
    if half_life is None or points == 0:
        return points
    size = abs(points)
    worth = size * 2.0 ** (-age / half_life) + 0.5
    whole = math.floor(worth)
    nearest = round(worth)
    if abs(worth - nearest) < 1e-12 * max(1.0, worth):
        reaches = (2 * nearest - 1) ** half_life * 2**age <= (2 * size) ** half_life
        whole = nearest if reaches else nearest - 1
    return whole if points > 0 else -whole


@lru_cache(maxsize=1024)
def decaying(points: int, window: int, half_life: int | None) -> Curve:
    """The curve of a behaviour rule: ends with the window, or where the decay has rounded to nothing."""
    values: list[int] = []
    for age in range(window):
        value = decayed(points, age, half_life)
        if value == 0:
            break
        values.append(value)
    next_ages = [0] * len(values)
    following = len(values)
    for age in range(len(values) - 1, -1, -1):
        if age + 1 < len(values) and values[age + 1] != values[age]:
            following = age + 1
        next_ages[age] = following
    return Curve(tuple(values), tuple(next_ages))


def lasting(points: int) -> Curve:
    return Curve((), (), points)


Row = tuple[int, int, int, int | None, int]


def rows(rule_id: int, group_id: int, curve: Curve, *, dated: bool) -> Iterable[Row]:
    """(rule, age, points, next age, group). `dated` is false for attributes, whose hits are of every age."""
    if curve.lasting is None:
        if curve.points:
            yield rule_id, NOT_YET, 0, 0, group_id
        for age, (points, next_age) in enumerate(zip(curve.points, curve.next_ages, strict=True)):
            yield rule_id, age, points, next_age, group_id
    elif curve.lasting:
        if dated:
            yield rule_id, NOT_YET, 0, 0, group_id
            for age in range(FOR_GOOD):
                yield rule_id, age, curve.lasting, None, group_id
        yield rule_id, FOR_GOOD, curve.lasting, None, group_id


def write_rows(curve_rows: Iterable[Row]) -> None:
    table = connection.ops.quote_name(PointCurve._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} (rule_id, age, points, next_age, group_id) VALUES (%s, %s, %s, %s, %s)",
            list(curve_rows),
        )
