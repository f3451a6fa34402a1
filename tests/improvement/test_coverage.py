"""Do the printed 95 % intervals cover the truth in 95 % of the cases? Over markets whose truth is known.

Each market has rules, effects and a size of its own. What counts is what a page prints: an interval that is withheld
as "not enough data" is not measured.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from random import Random

import pytest

from leadqual.improvement.bands import ByScore, by_score
from leadqual.improvement.judgements import Judged
from leadqual.improvement.rules import ByRule, by_rule
from tests.improvement import markets
from tests.improvement.markets import RULES, Market

pytestmark = pytest.mark.django_db
SEED = 20_261_124
MARKETS = 200
Record = Callable[[str, object, str, bool], None]
Printed = Iterator[tuple[str, bool]]


def covered_bands(market: Market, report: ByScore) -> Printed:
    """The truth: how likely a hot lead with a score in this band buys."""
    for band in report.bands:
        if band.rate.enough and band.rate.interval:
            yield "conversion by band", market.rate_of_scores(band.low, band.high) in band.rate.interval


def covered_rules(market: Market, report: ByRule) -> Printed:
    """The truths: how likely a hot lead for which the rule fired buys; and that against any hot lead of the market."""
    for place, rule in enumerate(report.rules):
        rate = rule.fired.rate
        if rate.enough and rate.interval:
            yield "rate of a rule", market.rate_of_rule(place) in rate.interval
        if rule.lift.enough and rule.lift.interval:
            yield "lift of a rule", market.lift_of_rule(place) in rule.lift.interval


def measured(number: int, reports: Callable[[Market, Random], tuple[ByScore, ByRule]]) -> dict[str, float]:
    random, covered, printed = Random(SEED), defaultdict(int), defaultdict(int)
    for _market in range(number):
        market = markets.a_market(random)
        scores, rules = reports(market, random)
        for name, inside in (*covered_bands(market, scores), *covered_rules(market, rules)):
            printed[name] += 1
            covered[name] += inside
    print(f"seed {SEED}, {number} markets:", {n: f"{covered[n]}/{printed[n]}" for n in printed})
    return {name: covered[name] / printed[name] for name in printed}


def test_printed_intervals_cover_the_truth_over_two_hundred_markets(soak_record: Record) -> None:
    model, rules = markets.a_version([10] * RULES)

    def reports(market: Market, random: Random) -> tuple[ByScore, ByRule]:
        rows = markets.rows(market, random, random.choice([100, 250, 600]), [rule.pk for rule in rules])
        own = [
            Judged(**{name: getattr(row, name) for name in row.__slots__} | {"model": model.pk})
            for row in rows
        ]
        return by_score(own), by_rule(own, model)

    shares = measured(MARKETS, reports)
    assert set(shares) == {"conversion by band", "rate of a rule", "lift of a rule"}
    for name, share in shares.items():
        soak_record(
            f"coverage of the printed 95% interval: {name}", f"{share:.1%}", "92-98%", 0.92 <= share <= 0.98
        )
