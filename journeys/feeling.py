"""The line of feeling along a map: one smooth curve over all stages, of which each stage draws its part."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 100, 72  # of a stage, in units of the drawing
MIDDLE, STEP = 36, 14

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """`path` runs over all stages, the window of a stage begins at its `left`; `points` are the stage's own."""

    path: str
    left: int
    points: tuple[Point, ...]


def curves(levels: Sequence[Sequence[int | None]]) -> list[Curve]:
    """Per stage the levels (-2 .. 2, None: not said) of its touchpoints, in order."""
    by_stage = [_points(number, some) for number, some in enumerate(levels)]
    path = _path([point for points in by_stage for point in points], WIDTH * len(levels))
    return [Curve(path, WIDTH * number, tuple(points)) for number, points in enumerate(by_stage)]


def _points(stage: int, levels: Sequence[int | None]) -> list[Point]:
    share = WIDTH / max(len(levels), 1)
    return [
        (round(stage * WIDTH + (number + 0.5) * share, 1), float(MIDDLE - STEP * level))
        for number, level in enumerate(levels)
        if level is not None
    ]


def _path(points: list[Point], end: int) -> str:
    """Level at the points, so that it never rises above or falls below what somebody said."""
    if not points:
        return ""
    x, y = points[0]
    steps = [f"M 0 {y:g} H {x:g}"]
    for nx, ny in points[1:]:
        half = round((x + nx) / 2, 1)
        steps.append(f"C {half:g} {y:g} {half:g} {ny:g} {nx:g} {ny:g}")
        x, y = nx, ny
    return " ".join([*steps, f"H {end}"])
