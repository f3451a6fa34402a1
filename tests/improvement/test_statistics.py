"""Intervals against numbers that others have printed, and their coverage counted out exactly for small counts."""

from math import comb, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadqual.improvement.statistics import (
    Finding,
    Lift,
    Rate,
    carried_over,
    chance_of_difference,
    comparable,
    compare,
    median,
    median_interval,
    ratio_of_rates,
    surviving,
    wilson,
)
from tests import marks

pytestmark = marks.once


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [  # R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_rate_is_wilsons(hits: int, of: int, low: float, high: float) -> None:
    interval = wilson(hits, of)
    assert (interval.low, interval.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_the_interval_of_a_ratio_is_koopmans() -> None:
    interval = ratio_of_rates(Rate(36, 40), Rate(16, 80))  # the example of the paper
    assert interval
    assert (interval.low, interval.high) == (pytest.approx(2.939, abs=1e-3), pytest.approx(7.152, abs=1e-3))


def test_a_ratio_without_a_hit_on_one_side_is_open_to_that_side() -> None:
    none_here, none_there = ratio_of_rates(Rate(0, 20), Rate(5, 20)), ratio_of_rates(Rate(5, 20), Rate(0, 20))
    assert none_here and none_there
    assert none_here.low == 0 and 0 < none_here.high < 1
    assert none_there.high == inf and none_there.low == pytest.approx(1 / none_here.high)
    assert ratio_of_rates(Rate(0, 20), Rate(0, 20)) is None
    assert ratio_of_rates(Rate(1, 20), Rate(0, 0)) is None


counts = st.integers(1, 60).flatmap(lambda of: st.builds(Rate, st.integers(0, of), st.just(of)))


@given(counts, counts)
def test_an_interval_holds_what_was_seen_and_turns_round_with_its_sides(one: Rate, other: Rate) -> None:
    interval, turned = ratio_of_rates(one, other), ratio_of_rates(other, one)
    if interval is None or turned is None:
        assert interval is turned
        return
    if other.hits:
        assert interval.low <= (one.hits / one.of) / (other.hits / other.of) <= interval.high
    for end, back in ((interval.low, turned.high), (interval.high, turned.low)):
        assert end * back == pytest.approx(1) or {end, back} == {0, inf}


@given(counts, counts)
def test_a_difference_is_found_exactly_where_chance_makes_it_in_less_than_a_twentieth(
    one: Rate, other: Rate
) -> None:
    interval, chance = ratio_of_rates(one, other), chance_of_difference(one, other)
    if interval is not None and abs(chance - 0.05) > 1e-9:
        assert (1.0 in interval) == (chance > 0.05)


def binomial(of: int, share: float) -> list[float]:
    return [comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(of + 1)]


@pytest.mark.parametrize(
    ("one", "other", "of_one", "of_other"),
    [
        (0.2, 0.2, 20, 80),
        (0.3, 0.15, 40, 160),
        (0.1, 0.2, 30, 100),
        (0.25, 0.15, 100, 100),
        (0.1, 0.1, 60, 200),
        (0.4, 0.2, 25, 200),
        (0.2, 0.1, 150, 30),
    ],
)
def test_lift_covers_honestly_in_small_counts(one: float, other: float, of_one: int, of_other: int) -> None:
    """Every possible pair of counts, weighed by how likely it is; only what would be printed."""
    share = of_one / (of_one + of_other)
    truth = carried_over(one / other, share)
    printed = covered = 0.0
    for hits, weight in enumerate(binomial(of_one, one)):
        for others, other_weight in enumerate(binomial(of_other, other)):
            part, rest = Rate(hits, of_one), Rate(others, of_other)
            if weight * other_weight < 1e-8 or not comparable(part, rest):
                continue
            interval = Lift(part, Rate(hits + others, of_one + of_other)).interval
            printed += weight * other_weight
            covered += weight * other_weight * (interval is not None and truth in interval)
    assert 0.92 <= covered / printed <= 0.98


def test_the_lift_of_a_part_is_its_rate_against_the_whole() -> None:
    lift = Lift(Rate(30, 60), Rate(50, 200))
    assert lift.value == pytest.approx(2.0)
    assert lift.rest == Rate(20, 140)
    interval = ratio_of_rates(Rate(30, 60), Rate(20, 140))
    assert interval and lift.interval
    assert lift.interval.low == pytest.approx(interval.low / (0.3 * interval.low + 0.7))
    assert lift.interval.high < 1 / 0.3
    assert lift.finding == Finding.HIGHER


def test_a_part_that_is_all_of_the_whole_has_nothing_to_be_compared_with() -> None:
    lift = Lift(Rate(50, 200), Rate(50, 200))
    assert (lift.value, lift.interval, lift.finding) == (1.0, None, Finding.NOT_ENOUGH)


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (Rate(10, 19), Rate(20, 200), Finding.NOT_ENOUGH),  # 19 decided
        (Rate(4, 20), Rate(16, 64), Finding.NOT_ENOUGH),  # 20 of 84: 4.8 expected
        (Rate(1, 20), Rate(19, 60), Finding.LOWER),  # 20 of 80: five expected, one came
        (Rate(199, 200), Rate(198, 200), Finding.NOT_ENOUGH),  # hardly anybody did not
        (Rate(30, 100), Rate(29, 100), Finding.NO_DIFFERENCE),
        (Rate(40, 100), Rate(20, 100), Finding.HIGHER),
    ],
)
def test_what_may_be_said(one: Rate, other: Rate, found: Finding) -> None:
    assert compare(one, other) == found


def test_what_stands_after_many_trials_is_as_benjamini_and_hochberg_have_it() -> None:
    chances = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
               0.5719, 0.6528, 0.7590, 1.0]  # fmt: skip
    assert surviving(dict(enumerate(chances))) == {0, 1, 2, 3}
    assert surviving({"only": 0.04}) == {"only"}
    assert surviving({}) == set()


def test_medians_and_between_which_values_they_lie() -> None:
    assert median([]) is None
    assert median([3, 1, 2]) == 2
    assert median([4, 1, 2, 3]) == 2.5
    assert median_interval([1, 2, 3, 4, 5]) is None
    interval = median_interval([10, 20, 30, 40, 50, 60])
    assert interval and (interval.low, interval.high) == (10, 60)
    interval = median_interval(list(range(1, 11)))  # the second and the ninth of ten: 97.9 %
    assert interval and (interval.low, interval.high) == (2, 9)
