"""Scoring models: the file says what the next version of a model is to be; publishing it is an act of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from leadqual.leads.models import ActivityType
from leadqual.operations.design import trees
from leadqual.operations.design.context import Context
from leadqual.operations.design.problems import Path
from leadqual.operations.design.rows import Change
from leadqual.operations.design.schema import (
    REQUIRED,
    Key,
    day,
    mapping,
    named,
    one_of,
    read_object,
    spoken,
    text,
    whole,
)
from leadqual.scoring import validation
from leadqual.scoring.models import (
    USUAL_WINDOW,
    Axis,
    LimitPeriod,
    ModelState,
    RuleGroup,
    RuleKind,
    ScoringModel,
    ScoringRule,
)
from leadqual.scoring.publishing import draft_from
from segments.conditions import parse, to_json, trees_for
from segments.conditions.asking import all_segments_asked
from segments.models import Segment

KEYS = [
    Key("hot_at", whole, REQUIRED),
    Key("cool_at", whole, REQUIRED),
    Key("cool_down_days", whole, 0),
    Key("gate_strong_within", whole, None),
    Key("gate_active_days", whole, None),
    Key("gate_active_within", whole, None),
    Key("review_date", day, None),
    Key("groups", mapping, dict),
    Key("rules", mapping, dict),
]
OWN = [key.name for key in KEYS if key.name not in {"groups", "rules"}]

GROUP_KEYS = [
    Key("axis", one_of(Axis.values), REQUIRED),
    Key("cap", whole, None),
    Key("floor", whole, None),
]

KINDS = [kind.value for kind in RuleKind]

RULE_KEYS = [
    Key("group", text, REQUIRED),
    Key("kind", one_of(KINDS), REQUIRED),
    Key("points", whole, REQUIRED),
    Key("activity_type", text, ""),
    Key("where", mapping, None),
    Key("limit_count", whole, None),
    Key("limit_period", one_of(LimitPeriod.values), ""),
    Key("window_days", whole, USUAL_WINDOW),
    Key("half_life_days", whole, None),
    Key("condition", mapping, None),
    Key("inactive_days", whole, None),
]
PLAIN = [
    "kind",
    "points",
    "where",
    "limit_count",
    "limit_period",
    "window_days",
    "half_life_days",
    "inactive_days",
]


@dataclass(slots=True)
class Draft:
    """A model as the file has it: objects that no database has seen yet."""

    model: ScoringModel
    groups: list[RuleGroup]
    rules: list[ScoringRule]


def load(context: Context, name: str, spec: dict[str, Any], path: Path) -> Change:
    before = len(context.problems.found)
    draft = _draft(context, name, spec, path)
    if len(context.problems.found) > before:
        return Change.UNCHANGED
    known = _next_version(name)
    if known is None:
        draft.model.save()
        _write_content(draft.model, draft)
        return Change.CREATED
    published = known.state in (ModelState.LIVE, ModelState.BUILDING)
    stands = (published and not _asks_what_changed(context, draft)) or known.state == ModelState.DRAFT
    if stands and _described(known) == _describe(draft):
        return Change.UNCHANGED
    target = known if known.state == ModelState.DRAFT else draft_from(known)
    for key in OWN:
        setattr(target, key, getattr(draft.model, key))
    target.save()
    _write_content(target, draft)
    return Change.UPDATED


def dump() -> dict[str, dict[str, Any]]:
    """Of each name the version that is to come or, where none is, the one that is live."""
    names = ScoringModel.objects.exclude(state=ModelState.RETIRED).values_list("name", flat=True)
    segments = dict(Segment.objects.values_list("pk", "name"))
    dumped = {}
    for name in sorted(set(names)):
        model = _next_version(name)
        assert model is not None
        dumped[name] = _as_written(_described(model), segments)
    return dumped


def prune(named: set[str]) -> dict[str, Change]:
    """Drafts go; what was published is history, and what is live is replaced only by publishing another."""
    changes = {}
    for model in ScoringModel.objects.filter(state=ModelState.DRAFT).exclude(name__in=named):
        model.delete()
        changes[model.name] = Change.REMOVED
    return changes


def _next_version(name: str) -> ScoringModel | None:
    """The draft of that name; else the one being built or live; else the last retired one."""
    order = [ModelState.DRAFT, ModelState.BUILDING, ModelState.LIVE, ModelState.RETIRED]
    versions = list(ScoringModel.objects.filter(name=name).order_by("-version"))
    return min(versions, key=lambda model: order.index(ModelState(model.state)), default=None)


def _draft(context: Context, name: str, spec: dict[str, Any], path: Path) -> Draft:
    problems = context.problems
    model = ScoringModel(name=name, **{key: spec[key] for key in OWN})
    _note(context, validation.model_problems(model), path)
    groups = {}
    for position, (group_name, value) in enumerate(
        named(spec["groups"], (*path, "groups"), problems).items()
    ):
        group_path = (*path, "groups", group_name)
        read = read_object(value, GROUP_KEYS, group_path, problems)
        # A faulty group still is one: its rules are not to be blamed for it.
        groups[group_name] = RuleGroup(model=model, name=group_name, position=position, **(read or {}))
        if read:
            _note(context, validation.group_problems(groups[group_name]), group_path)
    rules = []
    for position, (rule_name, value) in enumerate(named(spec["rules"], (*path, "rules"), problems).items()):
        rule_path = (*path, "rules", rule_name)
        if (read := read_object(value, RULE_KEYS, rule_path, problems)) is not None:
            with problems.gather(rule_path):
                rule = _rule(context, read, groups, rule_path)
                rule.model, rule.name, rule.position = model, rule_name, position
                rules.append(rule)
                if rule.activity_type or not read["activity_type"]:
                    _note(context, validation.rule_problems(rule), rule_path)
    return Draft(model, list(groups.values()), rules)


def _rule(context: Context, spec: dict[str, Any], groups: dict[str, RuleGroup], path: Path) -> ScoringRule:
    rule = ScoringRule(**{key: spec[key] for key in PLAIN})
    rule.group = context.refer(
        "groups", spec["group"], groups, (*path, "group"), _("the model has no group “%s”")
    )
    if key := spec["activity_type"]:
        types = {kind.key: kind for kind in ActivityType.objects.filter(key=key)}
        rule.activity_type = context.refer(
            "activity_types", key, types, (*path, "activity_type"), _("there is no activity type “%s”")
        )
    if spec["condition"] is not None:
        rule.condition = trees.read_tree(spec["condition"], context, "condition")
    return rule


def _note(context: Context, found: Sequence[validation.Problem], path: Path) -> None:
    """Only what could never be published; what a publisher should think about is said when publishing."""
    for problem in found:
        if problem.blocking:
            context.problems.add_place(problem.code, path, problem.place, problem.message)


def _write_content(model: ScoringModel, draft: Draft) -> None:
    """A draft has no hits yet, so its rules can be made anew as a whole."""
    model.rules.all().delete()
    model.groups.all().delete()
    for group in draft.groups:
        group.model = model
    RuleGroup.objects.bulk_create(draft.groups)
    for rule in draft.rules:
        rule.model = model
        rule.group = rule.group  # takes the number that the group has by now
    ScoringRule.objects.bulk_create(draft.rules)


def _asks_what_changed(context: Context, draft: Draft) -> bool:
    """Whether the same words mean something else since this loading: a published model has frozen what they meant."""
    silences = any(rule.kind == RuleKind.INACTIVITY for rule in draft.rules)
    gate = draft.model.gate_strong_within is not None or draft.model.gate_active_days is not None
    if context.types_changed and (silences or gate):
        return True
    conditions = [parse(rule.condition) for rule in draft.rules if rule.condition is not None]
    trees = trees_for(*conditions)
    return any(all_segments_asked(condition, trees) & context.segments_changed for condition in conditions)


def _described(model: ScoringModel) -> dict[str, Any]:
    rules = model.rules.select_related("group", "activity_type")
    return _describe(
        Draft(model, list(model.groups.order_by("position", "pk")), list(rules.order_by("position", "pk")))
    )


def _describe(draft: Draft) -> dict[str, Any]:
    """The file's words for a model; equal for equal models, whether saved or not."""
    return {key: getattr(draft.model, key) for key in OWN} | {
        "groups": {
            group.name: {key.name: getattr(group, key.name) for key in GROUP_KEYS} for group in draft.groups
        },
        "rules": {rule.name: _describe_rule(rule) for rule in draft.rules},
    }


def _describe_rule(rule: ScoringRule) -> dict[str, Any]:
    return {
        "group": rule.group.name,
        "activity_type": rule.activity_type.key if rule.activity_type else "",
        "condition": to_json(parse(rule.condition)) if rule.condition is not None else None,
    } | {key: getattr(rule, key) or None if key == "where" else getattr(rule, key) for key in PLAIN}


def _as_written(described: dict[str, Any], segments: dict[int, str]) -> dict[str, Any]:
    for rule in described["rules"].values():
        rule["condition"] = trees.with_names(rule["condition"], segments)
    groups = {name: spoken(values, GROUP_KEYS) for name, values in described["groups"].items()}
    rules = {name: spoken(values, RULE_KEYS) for name, values in described["rules"].items()}
    return described | {"groups": groups, "rules": rules}
