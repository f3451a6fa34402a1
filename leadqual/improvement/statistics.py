"""What can be said from counts: rates, ratios of rates and medians, each with its interval; pure arithmetic.

Intervals are for 95 %. Their coverage is measured by tests, exactly and over simulated markets.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import comb, erfc, inf, sqrt
from typing import TypeVar

Z = 1.959963984540054  # the two-sided 95 % point of the normal distribution
LEAST_DECIDED = 20  # below so many decided leads nothing is said about a rate
LEAST_EXPECTED = 5.0  # a comparison also needs so many of either answer expected on each side
FALSE_DISCOVERIES = 0.05

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


class Finding(StrEnum):
    NOT_ENOUGH = "not_enough"
    NO_DIFFERENCE = "no_difference"
    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` out of `of`. The interval is about the chance of a hit among leads like these."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> Interval | None:
        return wilson(self.hits, self.of) if self.of else None

    @property
    def enough(self) -> bool:
        return self.of >= LEAST_DECIDED

    def __sub__(self, part: "Rate") -> "Rate":
        """The rest, without a part of it."""
        return Rate(self.hits - part.hits, self.of - part.of)


@dataclass(frozen=True, slots=True)
class Lift:
    """How much more often a hit comes in a part than in the whole that the part belongs to.

    Part and whole overlap, so the interval is that of the ratio part : rest, carried over (`carried_over`).
    """

    part: Rate
    whole: Rate

    @property
    def rest(self) -> Rate:
        return self.whole - self.part

    @property
    def value(self) -> float | None:
        if not self.part.of or not self.whole.hits:
            return None
        return (self.part.hits / self.part.of) / (self.whole.hits / self.whole.of)

    @property
    def enough(self) -> bool:
        return comparable(self.part, self.rest)

    @property
    def interval(self) -> Interval | None:
        ratio = ratio_of_rates(self.part, self.rest)
        if ratio is None:
            return None
        share = self.part.of / self.whole.of
        return Interval(carried_over(ratio.low, share), carried_over(ratio.high, share))

    @property
    def finding(self) -> Finding:
        return compare(self.part, self.rest)

    @property
    def chance(self) -> float:
        return chance_of_difference(self.part, self.rest)


def wilson(hits: int, of: int, z: float = Z) -> Interval:
    """E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927) 209-212."""
    share, z2 = hits / of, z * z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = z * sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    # At the ends the formula gives exactly 0 and 1; rounding must not leave them out.
    return Interval(0.0 if hits == 0 else middle - half, 1.0 if hits == of else middle + half)


def ratio_of_rates(one: Rate, other: Rate, z: float = Z) -> Interval | None:
    """The ratio of two independent rates: P. A. R. Koopman, "Confidence intervals for the ratio of two binomial
    proportions", Biometrics 40 (1984) 513-517: every ratio that the score test does not refuse.

    None where nothing can be said: no hit on either side, or a side without leads.
    """
    if not one.of or not other.of or not one.hits + other.hits:
        return None
    seen = inf if not other.hits else (one.hits / one.of) / (other.hits / other.of)
    low = 0.0 if not one.hits else _limit(one, other, z, seen, 1 / RATIO_STEP)
    high = inf if not other.hits else _limit(one, other, z, seen, RATIO_STEP)
    return Interval(low, high)


RATIO_STEP = 2.0
RATIO_DIGITS = 60  # halvings: more than a float can tell apart
FARTHEST = 1e12
EXACT = 1e-9


def _limit(one: Rate, other: Rate, z: float, seen: float, step: float) -> float:
    """From what was seen outwards until the test refuses, then halfway back and forth."""
    inside = seen if 0 < seen < inf else (FARTHEST if step < 1 else 1 / FARTHEST)
    outside = inside * step
    while refusal(one, other, outside) < z * z:
        inside, outside = outside, outside * step
        if not 1 / FARTHEST < outside < FARTHEST:
            return 0.0 if step < 1 else inf
    for _halving in range(RATIO_DIGITS):
        middle = sqrt(inside * outside)
        if refusal(one, other, middle) < z * z:
            inside = middle
        else:
            outside = middle
    return outside


def refusal(one: Rate, other: Rate, ratio: float) -> float:
    """Koopman's statistic: how badly the counts fit rates of this ratio; under it, chi-square with one degree."""
    hits, of = one.hits + other.hits, one.of + other.of
    b = ratio * (one.of + other.hits) + one.hits + other.of
    # The likeliest second rate, if the first is `ratio` times as high; in this form nothing small is subtracted.
    likeliest = 2 * hits / (b + sqrt(max(0.0, b * b - 4 * ratio * of * hits)))
    return _misfit(one, ratio * likeliest) + _misfit(other, likeliest)


def _misfit(rate: Rate, chance: float) -> float:
    off, spread = rate.hits - rate.of * chance, rate.of * chance * (1 - chance)
    if abs(off) < EXACT:
        return 0.0
    return off * off / spread if spread > 0 else inf


def carried_over(ratio: float, share: float) -> float:
    """part : rest as part : whole, the part being `share` of the whole. Rises with the ratio, and is 1 where it is 1.

    whole = share x part + (1 - share) x rest; divide both by the rest.
    """
    return 1 / share if ratio == inf else ratio / (share * ratio + 1 - share)


def comparable(one: Rate, other: Rate) -> bool:
    """Enough decided on both sides, and enough of both answers to be expected there if there were no difference.

    It asks what was expected, not what came: a rule that hides a side because few bought there would leave the
    lucky ones on the page.
    """
    if not (one.enough and other.enough):
        return False
    hits, of = one.hits + other.hits, one.of + other.of
    return min(hits, of - hits) * min(one.of, other.of) >= LEAST_EXPECTED * of


def compare(one: Rate, other: Rate) -> Finding:
    """The first against the second, as far as 95 % sure."""
    ratio = ratio_of_rates(one, other) if comparable(one, other) else None
    if ratio is None:
        return Finding.NOT_ENOUGH
    if 1.0 in ratio:
        return Finding.NO_DIFFERENCE
    return Finding.HIGHER if ratio.low > 1 else Finding.LOWER


def chance_of_difference(one: Rate, other: Rate) -> float:
    """How likely chance alone makes so great a difference: the test whose refusals bound the interval."""
    if not one.of or not other.of:
        return 1.0
    return erfc(sqrt(refusal(one, other, 1.0) / 2))


def surviving(chances: Mapping[Key, float], level: float = FALSE_DISCOVERIES) -> set[Key]:
    """Those that stand when all of them were tried: among them at most `level` are by chance, on average.

    Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate", J. R. Stat. Soc. B 57 (1995) 289-300.
    """
    ordered = sorted(chances, key=lambda key: chances[key])
    last = 0
    for place, key in enumerate(ordered, start=1):
        if chances[key] <= level * place / len(ordered):
            last = place
    return set(ordered[:last])


def median(values: Sequence[float]) -> float | None:
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def median_interval(values: Sequence[float]) -> Interval | None:
    """Between two of the ordered values, counted off by the binomial distribution; None for fewer than six.

    W. R. Thompson, Annals of Mathematical Statistics 7 (1936) 122-128. Holds for any distribution.
    """
    ordered = sorted(values)
    n = len(ordered)
    cut = max((place for place, below in enumerate(_at_most(n)) if below <= 0.025), default=-1)
    return Interval(ordered[cut], ordered[n - 1 - cut]) if cut >= 0 else None


def _at_most(n: int) -> Iterator[float]:
    """The chance that at most 0, 1, 2 ... of n values lie below the median."""
    total = 0
    for k in range(n // 2):
        total += comb(n, k)
        yield total / 2**n
