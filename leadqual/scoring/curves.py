"""What one hit of a rule is worth at each age: whole points, so that SQL, one lead's evaluation and a replay agree."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# Every age below 0 is this one: a hit whose day has not come is worth nothing until then.
NOT_YET = -1


@dataclass(frozen=True, slots=True)
class Curve:
    """`points[age]` from the day of the act on, each not 0; `next_ages[age]` is the first age at which they differ."""

    points: tuple[int, ...]
    next_ages: tuple[int, ...]

    @property
    def horizon(self) -> int:
        """For how many days a hit is worth something."""
        return len(self.points)

    def at(self, age: int) -> int:
        return self.points[age] if 0 <= age < len(self.points) else 0

    def next_age(self, age: int) -> int | None:
        """The first age above `age` at which the points differ, if there is one."""
        if age < 0:
            return 0
        return self.next_ages[age] if age < len(self.next_ages) else None


WORTHLESS = Curve((), ())


def decayed(points: int, age: int, half_life: int | None) -> int:
    """sign x floor(|points| x 2^(-age/half_life) + 1/2), exact: a float close to a step is checked in integers."""
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


Row = tuple[int, int, int, int, int]


def rows(rule_id: int, group_id: int, curve: Curve) -> Iterator[Row]:
    """(rule, age, points, next age, group) of a behaviour rule."""
    if curve.points:
        yield rule_id, NOT_YET, 0, 0, group_id
    for age, (points, next_age) in enumerate(zip(curve.points, curve.next_ages, strict=True)):
        yield rule_id, age, points, next_age, group_id
