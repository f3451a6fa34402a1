"""Everything a model asks, in one JSON: what is published is computed from this and nothing else.

Shape: `format, name, version, hot_at, cool_at, cool_down_days`, `gate` (three numbers or nothing), `groups` and `rules`
(by position; a rule names its group by id and its activity type by key; conditions have their segments expanded), and
`types`: every activity type of this moment with its intent and whether it is an act of the person. Activity types made
later are asked by nothing in the model.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.leads.models import ActivityType
from leadqual.scoring.models import RuleGroup, RuleKind, ScoringModel, ScoringRule
from segments.conditions import Condition, expand_segments, parse, parse_frozen, to_json, trees_for

FORMAT = 1


def freeze(model: ScoringModel) -> dict[str, Any]:
    """A few queries per condition and one per level of segments in segments; equal for equal contents."""
    rules = list(model.rules.select_related("activity_type").order_by("position", "pk"))
    conditions = {rule.pk: parse(rule.condition) for rule in rules if rule.kind == RuleKind.ATTRIBUTE}
    trees = trees_for(*conditions.values())
    return {
        "format": FORMAT,
        "name": model.name,
        "version": model.version,
        "hot_at": model.hot_at,
        "cool_at": model.cool_at,
        "cool_down_days": model.cool_down_days,
        "gate": {
            "strong_within": model.gate_strong_within,
            "active_days": model.gate_active_days,
            "active_within": model.gate_active_within,
        },
        "groups": [_frozen_group(group) for group in model.groups.order_by("position", "pk")],
        "rules": [_frozen_rule(rule, conditions.get(rule.pk), trees) for rule in rules],
        "types": {
            kind.key: {"id": kind.pk, "label": kind.label, "intent": kind.intent, "by_person": kind.by_person}
            for kind in ActivityType.objects.order_by("key")
        },
    }


def frozen(model: ScoringModel) -> dict[str, Any]:
    """What was published; a draft has nothing frozen, and nothing may be computed from it."""
    if model.frozen is None:
        raise LeadqualError("not_published", _("a draft has not been frozen"), str(model))
    return dict(model.frozen)


def frozen_condition(condition: Condition, trees: Mapping[int, Condition]) -> dict[str, Any]:
    """Without segments, and with the kind of every field: nothing has to be looked up to read it."""
    tree = to_json(expand_segments(condition, trees), pinned=True)
    parse_frozen(tree)  # small segments can add up to a tree that is too large
    return tree


def _frozen_group(group: RuleGroup) -> dict[str, Any]:
    return {"id": group.pk, "name": group.name, "axis": group.axis, "cap": group.cap, "floor": group.floor}


def _frozen_rule(
    rule: ScoringRule, condition: Condition | None, trees: Mapping[int, Condition]
) -> dict[str, Any]:
    return {
        "id": rule.pk,
        "name": rule.name,
        "kind": rule.kind,
        "group": rule.group_id,
        "type": rule.activity_type.key if rule.activity_type else None,
        "where": rule.where or None,
        "points": rule.points,
        "limit_count": rule.limit_count,
        "limit_period": rule.limit_period,
        "window_days": rule.window_days,
        "half_life_days": rule.half_life_days,
        "condition": frozen_condition(condition, trees) if condition else None,
        "inactive_days": rule.inactive_days,
    }
