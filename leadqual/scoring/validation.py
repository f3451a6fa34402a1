"""What is wrong with a model before it is published: what blocks it, and what its publisher should think about.

All checks work on unsaved objects too, so that a design file can be judged before the database sees it.
`Problem.place` is the field below the thing that was asked ("window_days", "condition.all[0].value"); `problems`
puts the rule or group before it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.scoring import balance
from leadqual.scoring.compiled import MOST_ATTRIBUTES
from leadqual.scoring.models import (
    LONGEST_WINDOW,
    LimitPeriod,
    RuleGroup,
    RuleKind,
    ScoringModel,
    ScoringRule,
)
from segments.conditions import (
    activity_types_asked,
    derived_fields,
    expand_segments,
    parse,
    parse_frozen,
    parse_where,
    to_json,
    trees_for,
)

MOST_POINTS = 100_000


@dataclass(frozen=True, slots=True)
class Problem:
    code: str
    message: str
    place: str
    blocking: bool = True

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def problems(
    model: ScoringModel,
    *,
    groups: Sequence[RuleGroup] | None = None,
    rules: Sequence[ScoringRule] | None = None,
) -> list[Problem]:
    """Everything that is wrong, what blocks first. `groups` and `rules`: instead of the saved ones."""
    if groups is None:
        groups = list(model.groups.all())
    if rules is None:
        rules = list(model.rules.select_related("activity_type", "group"))
    found = model_problems(model)
    for group in groups:
        found += _within(_("group “%s”") % group.name, group_problems(group))
    for rule in rules:
        own = rule_problems(rule) + list(_foreign_group(rule, groups))
        found += _within(_("rule “%s”") % rule.name, own)
    attributes = sum(rule.kind == RuleKind.ATTRIBUTE for rule in rules)
    if attributes > MOST_ATTRIBUTES:
        message = _("%(number)d attribute rules; at most %(most)d are possible")
        numbers = {"number": attributes, "most": MOST_ATTRIBUTES}
        found.append(Problem("too_many_attribute_rules", message % numbers, "rules"))
    if not rules:
        found.append(Problem("no_rules", _("a model without rules gives nobody any points"), "rules"))
    if not any(problem.blocking for problem in found):
        found += [
            Problem(warning.code, warning.message, warning.place, blocking=False)
            for warning in balance.warnings(model, groups, rules)
        ]
    return sorted(found, key=lambda problem: not problem.blocking)


def refuse_if_blocked(found: Iterable[Problem], model: ScoringModel) -> None:
    """One error for everything that blocks, naming the model."""
    blocking = [problem for problem in found if problem.blocking]
    if len(blocking) == 1:
        only = blocking[0]
        raise LeadqualError(only.code, only.message, f"{model}, {only.place}" if only.place else str(model))
    if blocking:
        raise LeadqualError("unpublishable", "; ".join(str(problem) for problem in blocking), str(model))


def model_problems(model: ScoringModel) -> list[Problem]:
    return [*_threshold_problems(model), *_gate_problems(model)]


def _threshold_problems(model: ScoringModel) -> Iterator[Problem]:
    if model.cool_at > model.hot_at:
        message = _("%(cool)d is above hot_at (%(hot)d): a lead would cool down before it is hot")
        yield Problem("cools_above_hot", message % {"cool": model.cool_at, "hot": model.hot_at}, "cool_at")
    if not 0 <= model.cool_down_days <= LONGEST_WINDOW:
        yield _days_problem(model.cool_down_days, "cool_down_days", least=0)
    if model.review_date is None:
        yield Problem(
            "no_review_date", _("nobody will look again whether these points are right"), "review_date", False
        )


def _gate_problems(model: ScoringModel) -> Iterator[Problem]:
    days, within = model.gate_active_days, model.gate_active_within
    for value, place in ((model.gate_strong_within, "gate_strong_within"), (within, "gate_active_within")):
        if value is not None and not 1 <= value <= LONGEST_WINDOW:
            yield _days_problem(value, place)
    if (days is None) != (within is None):
        missing = "gate_active_days" if days is None else "gate_active_within"
        yield Problem(
            "gate_half", _("the number of days and the time they lie in are needed together"), missing
        )
    elif days is not None and within is not None and not 1 <= days <= within:
        message = _("%(days)d different days cannot lie within %(within)d days")
        yield Problem("gate_impossible", message % {"days": days, "within": within}, "gate_active_days")


def group_problems(group: RuleGroup) -> list[Problem]:
    if group.cap is not None and group.floor is not None and group.floor > group.cap:
        message = _("%(floor)d is above the cap (%(cap)d)") % {"floor": group.floor, "cap": group.cap}
        return [Problem("floor_above_cap", message, "floor")]
    return []


def rule_problems(rule: ScoringRule) -> list[Problem]:
    """What is wrong with the rule by itself; whether its group is one of the model is asked by `problems`."""
    found = list(_common_problems(rule))
    try:
        found += _OWN_CHECKS[RuleKind(rule.kind)](rule)
    except (KeyError, ValueError):
        found.append(Problem("unknown_kind", _("“%s” is not a kind of rule") % rule.kind, "kind"))
    return found


def _common_problems(rule: ScoringRule) -> Iterator[Problem]:
    if abs(rule.points) > MOST_POINTS:
        message = _("%(points)d is not between -%(most)d and %(most)d")
        yield Problem("bad_points", message % {"points": rule.points, "most": MOST_POINTS}, "points")


def _behaviour_problems(rule: ScoringRule) -> Iterator[Problem]:
    if rule.activity_type is None:
        yield Problem("no_type", _("a behaviour rule names the activity type it counts"), "activity_type")
    else:
        yield from _caught(_check_where, rule)
    if not 1 <= rule.window_days <= LONGEST_WINDOW:
        yield _days_problem(rule.window_days, "window_days")
    if rule.half_life_days is not None and rule.half_life_days < 1:
        message = _("%d is not a half-life: it must be 1 day or more, or empty for none")
        yield Problem("bad_half_life", message % rule.half_life_days, "half_life_days")
    yield from _limit_problems(rule)


def _limit_problems(rule: ScoringRule) -> Iterator[Problem]:
    if rule.limit_period not in LimitPeriod.values:
        yield Problem(
            "bad_limit", _("“%s” is not day, week, month or ever") % rule.limit_period, "limit_period"
        )
    elif (rule.limit_count is None) != (rule.limit_period == LimitPeriod.NONE):
        missing = "limit_count" if rule.limit_count is None else "limit_period"
        yield Problem("half_limit", _("a limit needs both its number and its period"), missing)
    elif rule.limit_count is not None and rule.limit_count < 1:
        yield Problem(
            "bad_limit", _("%d is not a limit: it must be 1 or more") % rule.limit_count, "limit_count"
        )


def _attribute_problems(rule: ScoringRule) -> Iterator[Problem]:
    if rule.condition is None:
        yield Problem("no_condition", _("an attribute rule needs a condition"), "condition")
    else:
        yield from _caught(_check_condition, rule)


def _inactivity_problems(rule: ScoringRule) -> Iterator[Problem]:
    if rule.inactive_days is None:
        yield Problem("no_days", _("an inactivity rule says after how many days it applies"), "inactive_days")
    elif not 1 <= rule.inactive_days <= LONGEST_WINDOW:
        yield _days_problem(rule.inactive_days, "inactive_days")


def _check_where(rule: ScoringRule) -> None:
    assert rule.activity_type is not None
    parse_where(rule.where, place="where", declared=frozenset(rule.activity_type.declared_attributes))


def _check_condition(rule: ScoringRule) -> None:
    """Raises for what an attribute rule may not ask, also through segments of segments."""
    condition = parse(rule.condition, place="condition")
    trees = trees_for(condition)
    if derived := derived_fields(condition, trees):
        message = _(
            "“%s” follows from scores or from sales, so a score cannot ask it, not even through a segment"
        )
        raise LeadqualError("derived_field", message % min(derived), "condition")
    expanded = expand_segments(condition, trees)
    if asked := activity_types_asked(expanded):
        message = _("“%s” is an activity: an attribute rule cannot ask it, not even through a segment")
        raise LeadqualError("activity_in_attribute_rule", message % min(asked), "condition")
    parse_frozen(to_json(expanded, pinned=True), place="condition")


_OWN_CHECKS = {
    RuleKind.BEHAVIOUR: _behaviour_problems,
    RuleKind.ATTRIBUTE: _attribute_problems,
    RuleKind.INACTIVITY: _inactivity_problems,
}


def _foreign_group(rule: ScoringRule, groups: Sequence[RuleGroup]) -> Iterator[Problem]:
    if rule.group is None:
        yield Problem("no_group", _("every rule stands in one group"), "group")
    elif not any(rule.group is group or (group.pk is not None and rule.group == group) for group in groups):
        yield Problem("foreign_group", _("“%s” is a group of another model") % rule.group.name, "group")


def _caught(check: Callable[[ScoringRule], None], rule: ScoringRule) -> Iterator[Problem]:
    try:
        check(rule)
    except LeadqualError as error:
        yield Problem(error.code, error.message, error.place)


def _days_problem(value: int, place: str, *, least: int = 1) -> Problem:
    message = _("%(days)d is not between %(least)d and %(most)d days")
    return Problem("bad_days", message % {"days": value, "least": least, "most": LONGEST_WINDOW}, place)


def _within(thing: str, found: Iterable[Problem]) -> list[Problem]:
    return [replace(problem, place=f"{thing}, {problem.place}") for problem in found]
