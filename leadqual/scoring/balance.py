"""Whether the points of a model are in proportion: what its publisher should think about before going on.

"At most" is meant generously: decay is left out, and a limited rule counts in every period that its window touches.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from leadqual.leads.models import Intent
from leadqual.scoring.models import LimitPeriod, RuleGroup, RuleKind, ScoringModel, ScoringRule

# (days of the shortest period): w days on end touch at most (w + 2 * length - 2) // length periods.
SHORTEST = {LimitPeriod.DAY: 1, LimitPeriod.WEEK: 7, LimitPeriod.MONTH: 28}


@dataclass(frozen=True, slots=True)
class Advice:
    code: str
    message: str
    place: str


def warnings(
    model: ScoringModel, groups: Sequence[RuleGroup], rules: Sequence[ScoringRule]
) -> Iterator[Advice]:
    """`groups` and `rules` are those of the model, without anything that blocks."""
    yield from _unreachable(model, groups, rules)
    yield from _weak_alone(model, groups, rules)
    yield from _weak_like_strong(rules)
    yield from _attributes_first(groups, rules)


def most_points(rule: ScoringRule) -> float:
    """The most that this rule can add to a score at once; infinite without a limit."""
    if rule.points <= 0:
        return 0
    if rule.kind != RuleKind.BEHAVIOUR:
        return rule.points
    if rule.limit_count is None:
        return math.inf
    if rule.limit_period == LimitPeriod.EVER:
        return rule.points * rule.limit_count
    length = SHORTEST[LimitPeriod(rule.limit_period)]
    return rule.points * rule.limit_count * ((rule.window_days + 2 * length - 2) // length)


def _unreachable(
    model: ScoringModel, groups: Sequence[RuleGroup], rules: Sequence[ScoringRule]
) -> Iterator[Advice]:
    reachable = _capped(groups, rules, most_points)
    if reachable < model.hot_at:
        message = _("nobody can become hot: at most %(most)d points can be had, %(hot)d are needed")
        yield Advice("unreachable", message % {"most": reachable, "hot": model.hot_at}, "hot_at")


def _weak_alone(
    model: ScoringModel, groups: Sequence[RuleGroup], rules: Sequence[ScoringRule]
) -> Iterator[Advice]:
    """With a strong act in the gate, weak acts alone make nobody hot, whatever they add up to."""
    weak = _of_intent(rules, Intent.WEAK)
    if weak and model.gate_strong_within is None and _capped(groups, weak, most_points) >= model.hot_at:
        heaviest = max(weak, key=most_points)
        message = _("weak acts alone can make a lead hot; limit them, cap their group or ask a strong act")
        yield Advice("weak_makes_hot", message, _("rule “%s”") % heaviest.name)


def _weak_like_strong(rules: Sequence[ScoringRule]) -> Iterator[Advice]:
    strong = [rule for rule in _of_intent(rules, Intent.STRONG) if rule.points > 0]
    if not strong:
        return
    least = min(rule.points for rule in strong)
    for rule in _of_intent(rules, Intent.WEAK):
        assert rule.group is not None
        most = most_points(rule) if rule.group.cap is None else min(most_points(rule), rule.group.cap)
        if most >= least:
            message = _("weak acts of this rule can add up to a strong act (%d points); limit them")
            yield Advice("weak_like_strong", message % least, _("rule “%s”") % rule.name)


def _attributes_first(groups: Sequence[RuleGroup], rules: Sequence[ScoringRule]) -> Iterator[Advice]:
    """Compared as if every rule applied once."""
    attributes = [rule for rule in rules if rule.kind == RuleKind.ATTRIBUTE]
    acts = [rule for rule in rules if rule.kind == RuleKind.BEHAVIOUR]
    who, what = _capped(groups, attributes, _once), _capped(groups, acts, _once)
    if who > what:
        message = _("who somebody is weighs more (%(who)d points) than what they do (%(what)d)")
        heaviest = max(attributes, key=_once)
        place = _("group “%s”") % heaviest.group.name if heaviest.group else ""
        yield Advice("attributes_outweigh", message % {"who": who, "what": what}, place)


def _once(rule: ScoringRule) -> float:
    return max(rule.points, 0)


def _of_intent(rules: Sequence[ScoringRule], intent: Intent) -> list[ScoringRule]:
    return [
        rule
        for rule in rules
        if rule.kind == RuleKind.BEHAVIOUR
        and rule.activity_type is not None
        and rule.activity_type.intent == intent
    ]


def _capped(
    groups: Sequence[RuleGroup], rules: Sequence[ScoringRule], points: Callable[[ScoringRule], float]
) -> float:
    total = 0.0
    for group in groups:
        own = sum(points(rule) for rule in rules if rule.group is group or rule.group == group)
        total += own if group.cap is None else min(own, group.cap)
    return total
