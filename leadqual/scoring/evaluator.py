"""The score of one lead, in plain Python: what the statements of `ledger` and `scores` compute for many.

Pure: a model, what is known of the lead, a day. Serves explaining, the past, what-if and the replay that tests compare.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from leadqual.scoring.calendar import period_of
from leadqual.scoring.compiled import CompiledModel, Group, Rule
from leadqual.scoring.models import Axis, RuleKind

Days = Sequence[tuple[int, int]]  # (day, how often), by day


@dataclass(frozen=True, slots=True)
class History:
    """A lead's past as one model asks it. `acts` are all acts that a rule means, its limit not yet applied."""

    acts: Mapping[int, Days]
    own_days: Sequence[int]
    created_day: int
    facts: int = 0
    facts_flip: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ledger and the score row know: hits with limits applied, facts as bits, where silence counts from."""

    hits: Mapping[int, Days]
    facts: int
    facts_until: int | None
    last_act: int


@dataclass(frozen=True, slots=True)
class Line:
    """What one rule gives. `count` acts, the last on `last_day`; the points are others from `next_day` on."""

    rule: Rule
    count: int
    points: int
    last_day: int | None = None
    next_day: int | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """What a group's cap takes away or its floor gives back."""

    group: Group
    points: int


@dataclass(frozen=True, slots=True)
class Score:
    total: int
    fit: int
    engagement: int
    lines: Sequence[Line]
    cuts: Sequence[Cut]
    next_change: int | None = field(default=None)


def evaluate(model: CompiledModel, history: History, *, day: int) -> Score:
    return score(model, standing(model, history, day=day), day=day)


def standing(model: CompiledModel, history: History, *, day: int) -> Standing:
    hits = {rule.id: list(counted(rule, history.acts.get(rule.id, ()))) for rule in model.behaviours}
    silent_since, next_act = history.created_day, None
    if model.silences:
        done = [own for own in history.own_days if own <= day]
        silent_since = done[-1] if done else history.created_day
        next_act = next((own for own in history.own_days if own > day), None)
    return Standing(hits, history.facts, earliest(history.facts_flip, next_act), silent_since)


def counted(rule: Rule, days: Days) -> Iterator[tuple[int, int]]:
    """The first `most` acts of each period; acts of one day are alike, so counts are enough."""
    if rule.most is None:
        yield from days
        return
    used: dict[int, int] = {}
    for day, n in days:
        period = period_of(rule.period, day)
        before = used.get(period, 0)
        used[period] = before + n
        if before < rule.most:
            yield day, min(n, rule.most - before)


def score(model: CompiledModel, known: Standing, *, day: int) -> Score:
    lines = [line for rule in model.rules if (line := line_of(rule, known, day)) is not None]
    sums = dict.fromkeys(model.groups, 0)
    for line in lines:
        sums[line.rule.group] += line.points
    axes = {
        axis: sum(group.cut(points) for group, points in sums.items() if group.axis == axis) for axis in Axis
    }
    cuts = [
        Cut(group, group.cut(points) - points)
        for group, points in sums.items()
        if group.cut(points) != points
    ]
    return Score(
        total=sum(axes.values()),
        fit=axes[Axis.FIT],
        engagement=axes[Axis.ENGAGEMENT],
        lines=[line for line in lines if line.points],
        cuts=cuts,
        next_change=earliest(known.facts_until, *(line.next_day for line in lines)),
    )


def line_of(rule: Rule, known: Standing, day: int) -> Line | None:
    if rule.kind == RuleKind.ATTRIBUTE:
        return Line(rule, 1, rule.points) if known.facts & rule.bit else None
    if rule.kind == RuleKind.INACTIVITY:
        since = known.last_act + rule.silent_days
        return (
            Line(rule, 1, rule.points, known.last_act) if since <= day else Line(rule, 0, 0, next_day=since)
        )
    curve = rule.curve
    live = [
        (hit, n, curve.at(day - hit)) for hit, n in known.hits.get(rule.id, ()) if day - hit < curve.horizon
    ]
    if not live:
        return None
    done = [(hit, n, worth) for hit, n, worth in live if hit <= day]
    steps = (hit + after for hit, _n, _worth in live if (after := curve.next_age(day - hit)) is not None)
    count, points = sum(n for _hit, n, _worth in done), sum(n * worth for _hit, n, worth in done)
    return Line(rule, count, points, done[-1][0] if done else None, min(steps, default=None))


def earliest(*days: int | None) -> int | None:
    return min((day for day in days if day is not None), default=None)
