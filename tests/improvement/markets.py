"""Markets whose truth is known exactly: a few rules fire independently, and what a lead is decides how likely it buys.

With eight rules there are 256 kinds of leads, so every true rate is a sum over them and needs no simulation itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from math import exp
from random import Random

from handoff.models import Feedback, Handoff
from leadqual.common import clock
from leadqual.improvement.judgements import Judged, Known
from leadqual.leads.models import Lead
from leadqual.scoring.models import Axis, Qualification, RuleGroup, RuleKind, ScoringModel, ScoringRule
from tests.handoff import factories

RULES = 8
HOT_AT = 30
UNDECIDED = 0.15  # of the leads, whatever they are: open ones say nothing about buying
FIRST_DAY = 20_000


@dataclass(frozen=True)
class Kind:
    fired: frozenset[int]
    score: int
    likely: float  # how likely such a lead is among the hot ones
    buys: float  # how likely it buys


@dataclass(frozen=True)
class Market:
    """`kinds` are the hot ones; rules are known by their place, 0 .. RULES-1."""

    points: Sequence[int]
    kinds: Sequence[Kind]

    def rate(self, among: Callable[[Kind], bool] = lambda kind: True) -> float:
        weight = sum(kind.likely for kind in self.kinds if among(kind))
        return sum(kind.likely * kind.buys for kind in self.kinds if among(kind)) / weight

    def rate_of_scores(self, low: int, high: int) -> float:
        return self.rate(lambda kind: low <= kind.score <= high)

    def rate_of_rule(self, rule: int) -> float:
        return self.rate(lambda kind: rule in kind.fired)

    def lift_of_rule(self, rule: int) -> float:
        return self.rate_of_rule(rule) / self.rate()


def a_market(random: Random, *, effects: bool = True) -> Market:
    points = [random.choice([5, 10, 15, 20]) for _rule in range(RULES)]
    often = [random.uniform(0.2, 0.7) for _rule in range(RULES)]
    base = random.uniform(-2.2, -0.8)
    pull = [random.choice([-0.8, 0.0, 0.0, 0.5, 1.0]) if effects else 0.0 for _rule in range(RULES)]
    kinds = []
    for fires in product((False, True), repeat=RULES):
        fired = frozenset(rule for rule in range(RULES) if fires[rule])
        score = sum(points[rule] for rule in fired)
        if score < HOT_AT:
            continue
        likely = 1.0
        for rule in range(RULES):
            likely *= often[rule] if fires[rule] else 1 - often[rule]
        odds = base + sum(pull[rule] for rule in fired)
        kinds.append(Kind(fired, score, likely, 1 / (1 + exp(-odds))))
    whole = sum(kind.likely for kind in kinds)
    return Market(points, [Kind(kind.fired, kind.score, kind.likely / whole, kind.buys) for kind in kinds])


def rows(market: Market, random: Random, leads: int, rules: Sequence[int], model: int) -> list[Judged]:
    """What the reports read; `rules` are the ids of the market's rules, `model` that of its version."""
    found = []
    chosen = random.choices(market.kinds, [kind.likely for kind in market.kinds], k=leads)
    for lead, kind in enumerate(chosen):
        known = Known.WON if random.random() < kind.buys else Known.LOST
        if random.random() < UNDECIDED:
            known = Known.WITH_SALES
        day = FIRST_DAY + random.randrange(300)
        found.append(
            Judged(
                lead=lead, model=model, score=kind.score, hot_day=day, offered_day=day, accepted_after=0,
                fired=frozenset(rules[rule] for rule in kind.fired), known=known,
                timing=random.choice(["too_early", "right", "right", "too_late", ""]),
            )
        )  # fmt: skip
    return found


def a_version(
    points: Sequence[int],
    version: int = 1,
    *,
    state: str = "live",
    day: int = FIRST_DAY,
    names: Sequence[str] = (),
) -> tuple[ScoringModel, list[ScoringRule]]:
    """A published version with a rule for each number of points."""
    model = ScoringModel.objects.create(name="market", version=version, hot_at=HOT_AT, cool_at=HOT_AT)
    group = RuleGroup.objects.create(model=model, name="all", axis=Axis.ENGAGEMENT)
    rules = ScoringRule.objects.bulk_create(
        ScoringRule(
            model=model, group=group, kind=RuleKind.ATTRIBUTE, points=each,
            name=names[place] if names else f"rule {place}",
            condition={"all": []}, position=place,
        )
        for place, each in enumerate(points)
    )  # fmt: skip
    published = {"frozen": {}, "published_day": day, "published_at": clock.start_of(day)}
    for stand in ("live", state):
        ScoringModel.objects.filter(pk=model.pk).exclude(state=stand).update(state=stand, **published)
    model.refresh_from_db()
    return model, rules


def card(fired: Sequence[ScoringRule]) -> dict[str, object]:
    lines = [{"rule": rule.pk, "name": rule.name, "points": rule.points, "count": 1} for rule in fired]
    return {"total": sum(rule.points for rule in fired), "lines": lines, "cuts": []}


def write(judged: Sequence[Judged], model: ScoringModel, rules: Sequence[ScoringRule]) -> None:
    """The leads, qualifications, handoffs and feedback that make these rows, in four inserts."""
    by_id = {rule.pk: rule for rule in rules}
    rep = factories.rep(factories.team())
    outcomes = {Known.WON: "won", Known.LOST: "lost"}
    leads = Lead.objects.bulk_create(
        Lead(
            family_name="山田", created_day=row.hot_day - 30, outcome=outcomes.get(row.known, ""),
            outcome_day=row.hot_day + 20 if row.decided else None,
        )
        for row in judged
    )  # fmt: skip
    qualifications = Qualification.objects.bulk_create(
        Qualification(
            lead=lead, model=model, opened_day=row.hot_day, opened_at=clock.start_of(row.hot_day),
            opened_reason="score", score=row.score, card=card([by_id[pk] for pk in sorted(row.fired)]),
        )
        for lead, row in zip(leads, judged, strict=True)
    )  # fmt: skip
    handoffs = Handoff.objects.bulk_create(
        Handoff(
            lead=lead, qualification=hot, origin="hot", state="closed" if row.decided else "accepted", rep=rep,
            made_at=hot.opened_at, offered_at=hot.opened_at, answered_at=hot.opened_at + timedelta(hours=2),
        )
        for lead, hot, row in zip(leads, qualifications, judged, strict=True)
    )  # fmt: skip
    bought = {Known.WON: "yes", Known.LOST: "no"}
    Feedback.objects.bulk_create(
        Feedback(
            handoff=handoff, bought=bought.get(row.known, "open"), timing=row.timing, day=row.hot_day + 20,
            at=clock.start_of(row.hot_day + 20),
        )
        for handoff, row in zip(handoffs, judged, strict=True)
    )  # fmt: skip
