"""A published model, ready to be computed with: nothing here is read from the rows that people edit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from leadqual.leads.models import Intent
from leadqual.scoring.curves import WORTHLESS, Curve, decaying
from leadqual.scoring.freezing import freeze
from leadqual.scoring.models import Axis, LimitPeriod, ModelState, RuleKind, ScoringModel
from segments.conditions import Condition, Where, fields_asked, parse_frozen, parse_where

# Attribute rules are bits of one integer that both databases have.
MOST_ATTRIBUTES = 62
# Days of the longest month and week: how much further back than its window a limited rule must look.
LONGEST = {LimitPeriod.WEEK: 6, LimitPeriod.MONTH: 30}
ALWAYS = 1_000_000


@dataclass(frozen=True, slots=True)
class Group:
    id: int
    name: str
    axis: Axis
    cap: int | None
    floor: int | None

    def cut(self, points: int) -> int:
        """max(floor, min(cap, points))."""
        points = points if self.cap is None else min(self.cap, points)
        return points if self.floor is None else max(self.floor, points)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that earns points. Of `behaviour` rules only those are kept that are worth something at some age."""

    id: int
    name: str
    kind: RuleKind
    group: Group
    points: int

    # behaviour
    type_id: int = 0
    where: Where | None = None
    most: int | None = None
    period: LimitPeriod = LimitPeriod.NONE
    curve: Curve = WORTHLESS
    # attribute
    condition: Condition | None = None
    bit: int = 0
    # inactivity
    silent_days: int = 0

    @property
    def look_back(self) -> int:
        """How many days of acts its hits depend on: a limit per month depends on the whole first month."""
        if self.period == LimitPeriod.EVER:
            return ALWAYS
        return self.curve.horizon + LONGEST.get(self.period, 0)


@dataclass(frozen=True, slots=True)
class Gate:
    strong_within: int | None = None
    active_days: int | None = None
    active_within: int | None = None

    @property
    def asks(self) -> bool:
        return self.strong_within is not None or self.active_days is not None


@dataclass(frozen=True)
class CompiledModel:
    """`own_types` are the types of acts of the person: what ends silence, and what the gate counts."""

    id: int
    name: str
    version: int
    hot_at: int
    cool_at: int
    gate: Gate
    groups: tuple[Group, ...]
    rules: tuple[Rule, ...]
    all_rule_ids: frozenset[int]
    own_types: frozenset[int]
    strong_types: frozenset[int]

    @cached_property
    def behaviours(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.kind == RuleKind.BEHAVIOUR)

    @cached_property
    def attributes(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.kind == RuleKind.ATTRIBUTE)

    @cached_property
    def silences(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.kind == RuleKind.INACTIVITY)

    @cached_property
    def by_id(self) -> Mapping[int, Rule]:
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        return tuple(rule.condition for rule in self.attributes if rule.condition is not None)

    @cached_property
    def fields(self) -> frozenset[str]:
        """What the attribute rules ask, as conditions name it."""
        return frozenset().union(*(fields_asked(condition) for condition in self.conditions))


# The same number may be another model's: in another database, or published, discarded, edited and published again.
Key = tuple[int, datetime, datetime | None]
_compiled: dict[Key, tuple[Mapping[str, Any], CompiledModel]] = {}


def compiled(model: ScoringModel) -> CompiledModel:
    """From what was frozen, kept for the process; of a draft from what it says now.

    A model that was read without its `frozen` costs no query as long as it is known.
    """
    if model.state == ModelState.DRAFT and not model.frozen:
        return compile_frozen(model.pk, freeze(model))
    key = (model.pk, model.created_at, model.published_at)
    known = _compiled.get(key)
    if known is None or ("frozen" not in model.get_deferred_fields() and model.frozen != known[0]):
        if len(_compiled) > 50:
            _compiled.clear()
        frozen = model.frozen or {}
        known = _compiled[key] = (frozen, compile_frozen(model.pk, frozen))
    return known[1]


def compile_frozen(model_id: int, frozen: Mapping[str, Any]) -> CompiledModel:
    groups = {row["id"]: _group(row) for row in frozen["groups"]}
    types = frozen["types"]
    own = {row["id"] for row in types.values() if row["by_person"]}
    # Models frozen in the beginning also name two rules without a group, for the gate, which earn nothing.
    rules = [_rule(row, groups[row["group"]], types) for row in frozen["rules"] if row["group"] is not None]
    kept = [rule for rule in rules if rule.points]
    return CompiledModel(
        id=model_id,
        name=frozen["name"],
        version=frozen["version"],
        hot_at=frozen["hot_at"],
        cool_at=frozen["cool_at"],
        gate=Gate(**frozen["gate"]),
        groups=tuple(groups.values()),
        rules=tuple(_with_bits(kept)),
        all_rule_ids=frozenset(row["id"] for row in frozen["rules"]),
        own_types=frozenset(own),
        strong_types=frozenset(row["id"] for row in types.values() if row["intent"] == Intent.STRONG) & own,
    )


def _group(row: Mapping[str, Any]) -> Group:
    return Group(row["id"], row["name"], Axis(row["axis"]), row["cap"], row["floor"])


def _rule(row: Mapping[str, Any], group: Group, types: Mapping[str, Any]) -> Rule:
    kind, points = RuleKind(row["kind"]), row["points"]
    usual = (row["id"], row["name"], kind, group, points)
    if kind == RuleKind.ATTRIBUTE:
        return Rule(*usual, condition=parse_frozen(row["condition"]))
    if kind == RuleKind.INACTIVITY:
        return Rule(*usual, silent_days=row["inactive_days"])
    return Rule(
        *usual,
        type_id=types[row["type"]]["id"],
        where=parse_where(row["where"]),
        most=row["limit_count"],
        period=LimitPeriod(row["limit_period"]),
        curve=decaying(points, row["window_days"], row["half_life_days"]),
    )


def _with_bits(rules: Iterable[Rule]) -> Iterable[Rule]:
    bit = 1
    for rule in rules:
        if rule.kind == RuleKind.ATTRIBUTE:
            yield Rule(
                rule.id, rule.name, rule.kind, rule.group, rule.points, condition=rule.condition, bit=bit
            )
            bit <<= 1
        else:
            yield rule
