"""One lead's score by hand: curves, limits, groups, silence, and the day on which it changes."""

from fractions import Fraction

import pytest

from leadqual.scoring.calendar import period_of
from leadqual.scoring.compiled import CompiledModel, Gate, Group, Rule
from leadqual.scoring.curves import decayed, decaying
from leadqual.scoring.evaluator import History, evaluate
from leadqual.scoring.models import Axis, LimitPeriod, RuleKind

WEB = Group(1, "web", Axis.ENGAGEMENT, 30, -5)
FIT = Group(2, "fit", Axis.FIT, None, None)
DAY = 20_000


def model(*rules: Rule) -> CompiledModel:
    ids = frozenset(rule.id for rule in rules)
    return CompiledModel(1, "m", 1, 100, 70, Gate(), (WEB, FIT), rules, ids, frozenset(), frozenset())


def visits(points: int = 10, window: int = 30, half_life: int | None = None, **limit: object) -> Rule:
    curve = decaying(points, window, half_life)
    return Rule(7, "visits", RuleKind.BEHAVIOUR, WEB, points, curve=curve, **limit)  # type: ignore[arg-type]


def history(
    *days: tuple[int, int], own: tuple[int, ...] = (), created: int = DAY - 500, facts: int = 0
) -> History:
    return History({7: days}, own, created, facts)


@pytest.mark.parametrize("half_life", [1, 7, 30, 365])
@pytest.mark.parametrize("points", [1, 10, -15, 137])
def test_points_at_an_age_are_rounded_exactly(points: int, half_life: int) -> None:
    for age in range(0, 1825, 13):
        whole = decayed(points, age, half_life)
        assert (whole >= 0) == (points > 0) or whole == 0
        # |whole| is the greatest m with m - 1/2 <= |points| * 2^(-age/half_life), compared in whole powers
        for m, reached in ((abs(whole), True), (abs(whole) + 1, False)):
            wanted = Fraction(2 * m - 1, 2 * abs(points))
            assert m == 0 or (wanted**half_life * 2**age <= 1) == reached


def test_a_half_is_rounded_away_from_nothing() -> None:
    assert [decayed(5, age, 10) for age in (0, 10, 20)] == [5, 3, 1]
    assert [decayed(-5, age, 10) for age in (0, 10, 20)] == [-5, -3, -1]


def test_a_window_counts_its_ages_up_to_the_last() -> None:
    rules = model(visits(window=30))
    assert evaluate(rules, history((DAY - 29, 1)), day=DAY).total == 10
    assert evaluate(rules, history((DAY - 30, 1)), day=DAY).total == 0


def test_a_score_changes_on_the_day_it_says() -> None:
    rules = model(visits(points=9, window=100, half_life=20))
    acts = history((DAY - 3, 1), (DAY - 1, 2))
    score = evaluate(rules, acts, day=DAY)
    assert score.next_change is not None
    same = [evaluate(rules, acts, day=day).total for day in range(DAY, score.next_change)]
    assert set(same) == {score.total}
    assert evaluate(rules, acts, day=score.next_change).total != score.total


@pytest.mark.parametrize(
    ("period", "counted"),
    [(LimitPeriod.DAY, 4), (LimitPeriod.WEEK, 2), (LimitPeriod.MONTH, 2), (LimitPeriod.EVER, 2)],
)
def test_a_limit_keeps_the_first_acts_of_each_period(period: LimitPeriod, counted: int) -> None:
    monday = 20_003  # 2024-10-07
    rules = model(visits(points=1, window=100, most=2, period=period))
    score = evaluate(rules, history((monday, 3), (monday + 1, 2)), day=monday + 2)
    assert score.lines[0].count == counted
    if period != LimitPeriod.DAY:
        assert score.lines[0].last_day == monday


def test_a_week_begins_on_monday_and_a_month_on_its_first() -> None:
    monday, first_of_march = 20_003, 20_148  # 2024-10-07, 2025-03-01
    assert period_of(LimitPeriod.WEEK, monday - 1) + 1 == period_of(LimitPeriod.WEEK, monday)
    assert period_of(LimitPeriod.WEEK, monday) == period_of(LimitPeriod.WEEK, monday + 6)
    assert period_of(LimitPeriod.MONTH, first_of_march - 1) + 1 == period_of(
        LimitPeriod.MONTH, first_of_march
    )
    assert period_of(LimitPeriod.MONTH, first_of_march) == period_of(LimitPeriod.MONTH, first_of_march + 30)


def test_a_group_is_cut_at_its_cap_and_its_floor_and_says_by_how_much() -> None:
    over = evaluate(model(visits(points=20)), history((DAY, 2)), day=DAY)
    assert (over.total, [cut.points for cut in over.cuts]) == (30, [-10])
    under = evaluate(model(visits(points=-20)), history((DAY, 1)), day=DAY)
    assert (under.total, [cut.points for cut in under.cuts]) == (-5, [15])
    assert sum(line.points for line in under.lines) + sum(cut.points for cut in under.cuts) == under.total


def test_silence_counts_from_the_last_act_or_from_creation_and_once() -> None:
    rules = model(Rule(9, "silent", RuleKind.INACTIVITY, FIT, -10, silent_days=30))
    quiet = history(own=(DAY - 30,))
    assert (evaluate(rules, quiet, day=DAY).total, evaluate(rules, quiet, day=DAY + 400).total) == (-10, -10)
    before = evaluate(rules, quiet, day=DAY - 1)
    assert (before.total, before.next_change) == (0, DAY)
    assert evaluate(rules, history(own=(), created=DAY - 30), day=DAY).total == -10


def test_an_act_of_a_later_day_counts_on_that_day() -> None:
    score = evaluate(model(visits()), history((DAY + 3, 1)), day=DAY)
    assert (score.total, score.next_change, list(score.lines)) == (0, DAY + 3, [])


def test_attributes_are_bits_in_the_order_of_the_model() -> None:
    big = Rule(1, "big", RuleKind.ATTRIBUTE, FIT, 15, bit=1)
    far = Rule(2, "far", RuleKind.ATTRIBUTE, FIT, -4, bit=2)
    assert evaluate(model(big, far), history(facts=2), day=DAY).total == -4
    assert evaluate(model(big, far), history(facts=3), day=DAY).total == 11
