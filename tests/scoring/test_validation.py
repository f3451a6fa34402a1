from typing import Any

import pytest

from leadqual.common.errors import LeadqualError
from leadqual.leads.models import Intent
from leadqual.scoring.models import Axis, RuleGroup, RuleKind, ScoringModel, ScoringRule
from leadqual.scoring.validation import (
    Problem,
    group_problems,
    model_problems,
    problems,
    refuse_if_blocked,
    rule_problems,
)
from segments.definition import save_segment
from segments.models import Segment
from tests.scoring.drafts import a_draft, a_group, a_type, attribute, behaviour

pytestmark = pytest.mark.django_db

BOSS = {"field": "seniority", "op": "is", "value": "executive"}


def found(given: list[Problem]) -> list[tuple[str, str, bool]]:
    return [(problem.code, problem.place, problem.blocking) for problem in given]


def a_rule(kind: str, **fields: Any) -> ScoringRule:
    """Unsaved: most faults are such that the database would not take them."""
    group = RuleGroup(name="Acts", axis=Axis.ENGAGEMENT)
    return ScoringRule(**{"kind": kind, "name": "Pricing", "points": 10, "group": group} | fields)


def a_sound_model() -> ScoringModel:
    model = a_draft(hot_at=50, cool_at=40)
    acts = a_group(model, "Acts", cap=100)
    behaviour(acts, a_type("visit"), "Visit", 5, limit_count=4, limit_period="ever")
    behaviour(acts, a_type("inquiry", Intent.STRONG), "Inquiry", 40)
    attribute(a_group(model, "Fit", Axis.FIT, cap=30), BOSS, "Boss", 20)
    return model


def test_a_sound_model_has_no_problems() -> None:
    assert problems(a_sound_model()) == []


FAULTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("behaviour", {"window_days": -3}, "bad_days", "window_days"),
    ("behaviour", {"window_days": 0}, "bad_days", "window_days"),
    ("behaviour", {"window_days": 1826}, "bad_days", "window_days"),
    ("behaviour", {"half_life_days": 0}, "bad_half_life", "half_life_days"),
    ("behaviour", {"half_life_days": -1}, "bad_half_life", "half_life_days"),
    ("behaviour", {"activity_type": None}, "no_type", "activity_type"),
    ("behaviour", {"limit_count": 3}, "half_limit", "limit_period"),
    ("behaviour", {"limit_period": "week"}, "half_limit", "limit_count"),
    ("behaviour", {"limit_count": 0, "limit_period": "week"}, "bad_limit", "limit_count"),
    ("behaviour", {"limit_count": 1, "limit_period": "year"}, "bad_limit", "limit_period"),
    ("behaviour", {"where": {"colour": "red"}}, "undeclared_attribute", "where.colour"),
    ("behaviour", {"where": {"url": "a" * 201}}, "too_long", "where.url"),
    ("behaviour", {"where": ["/pricing"]}, "bad_where", "where"),
    ("behaviour", {"points": 100_001}, "bad_points", "points"),
    ("attribute", {"condition": None}, "no_condition", "condition"),
    (
        "attribute",
        {"condition": {"field": "shoe_size", "op": "is", "value": 42}},
        "unknown_field",
        "condition.field",
    ),
    (
        "attribute",
        {"condition": {"all": [BOSS, {"segment": 99}]}},
        "unknown_segment",
        "condition.all[1].segment",
    ),
    (
        "attribute",
        {"condition": {"field": "status", "op": "is", "value": "new"}},
        "derived_field",
        "condition",
    ),
    ("attribute", {"condition": {"not": {"activity": "visit"}}}, "activity_in_attribute_rule", "condition"),
    ("inactivity", {"inactive_days": None}, "no_days", "inactive_days"),
    ("inactivity", {"inactive_days": 0}, "bad_days", "inactive_days"),
    ("inactivity", {"inactive_days": 1826}, "bad_days", "inactive_days"),
    ("gate_strong", {}, "unknown_kind", "kind"),
    ("magic", {}, "unknown_kind", "kind"),
]


@pytest.mark.parametrize(("kind", "fields", "code", "place"), FAULTS)
def test_a_faulty_rule_is_told_with_its_field(
    kind: str, fields: dict[str, Any], code: str, place: str
) -> None:
    visit = a_type("visit", declared_attributes=["plan"])
    usual = {"behaviour": {"activity_type": visit}, "inactivity": {"inactive_days": 30}}.get(kind, {})
    rule = a_rule(kind, **usual | fields)
    assert found(rule_problems(rule)) == [(code, place, True)]


@pytest.mark.parametrize("window", [1, 1825])
def test_the_longest_and_the_shortest_window_are_possible(window: int) -> None:
    rule = a_rule(RuleKind.BEHAVIOUR, activity_type=a_type(declared_attributes=["plan"]), window_days=window)
    rule.where = {"url": "/pricing*", "plan": ["pro", "team"]}
    rule.half_life_days = 1
    assert rule_problems(rule) == []


def test_a_condition_of_200_levels_is_one_error_with_its_place() -> None:
    tree: dict[str, Any] = BOSS
    for _level in range(200):
        tree = {"not": tree}
    [problem] = rule_problems(a_rule(RuleKind.ATTRIBUTE, condition=tree))
    assert (problem.code, problem.blocking) == ("too_deep", True)
    assert problem.place.startswith("condition.not.not")


def test_bant_may_be_asked() -> None:
    condition = {"field": "bant.budget", "op": "is", "value": "yes"}
    assert rule_problems(a_rule(RuleKind.ATTRIBUTE, condition=condition)) == []


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ({"field": "owner", "op": "is_empty"}, "derived_field"),
        ({"activity": "visit"}, "activity_in_attribute_rule"),
    ],
)
def test_what_a_rule_may_not_ask_it_may_not_ask_through_segments_of_segments(inner: Any, code: str) -> None:
    a_type("visit")
    deep = Segment.objects.create(name="deep", condition=inner)
    outer = Segment.objects.create(name="outer", condition={"any": [{"segment": deep.pk}, BOSS]})
    rule = a_rule(RuleKind.ATTRIBUTE, condition={"not": {"segment": outer.pk}})
    assert found(rule_problems(rule)) == [(code, "condition", True)]


def test_segments_that_add_up_to_too_large_a_tree_block() -> None:
    many = {"any": [BOSS] * 150}
    first, second = (Segment.objects.create(name=name, condition=many) for name in ("one", "two"))
    rule = a_rule(RuleKind.ATTRIBUTE, condition={"all": [{"segment": first.pk}, {"segment": second.pk}]})
    assert [problem.code for problem in rule_problems(rule)] == ["too_many_nodes"]


@pytest.mark.parametrize(
    ("numbers", "code", "place"),
    [
        ({"cool_at": 101}, "cools_above_hot", "cool_at"),
        ({"cool_down_days": 2000}, "bad_days", "cool_down_days"),
        ({"gate_strong_within": 0}, "bad_days", "gate_strong_within"),
        ({"gate_active_days": 3}, "gate_half", "gate_active_within"),
        ({"gate_active_within": 3}, "gate_half", "gate_active_days"),
        ({"gate_active_days": 4, "gate_active_within": 3}, "gate_impossible", "gate_active_days"),
        ({"gate_active_days": 4, "gate_active_within": 4000}, "bad_days", "gate_active_within"),
    ],
)
def test_faulty_thresholds_and_gates_are_told(numbers: dict[str, int], code: str, place: str) -> None:
    model = ScoringModel(name="m", hot_at=100, cool_at=70, review_date="2026-12-01")
    for name, number in numbers.items():
        setattr(model, name, number)
    assert found(model_problems(model)) == [(code, place, True)]


def test_a_floor_above_the_cap_is_told() -> None:
    assert found(group_problems(RuleGroup(name="Acts", cap=5, floor=6))) == [
        ("floor_above_cap", "floor", True)
    ]


def test_a_model_without_rules_cannot_be_published() -> None:
    assert found(problems(a_draft())) == [("no_rules", "rules", True)]


def test_the_group_of_another_model_is_told_with_the_rule() -> None:
    model = a_sound_model()
    stranger = a_group(a_draft("other"), "Theirs")
    model.rules.filter(name="Boss").update(group=stranger)
    assert found(problems(model)) == [("foreign_group", "rule “Boss”, group", True)]


def test_more_attribute_rules_than_bits_are_told() -> None:
    model = a_sound_model()
    fit = model.groups.get(name="Fit")
    rules = [
        *model.rules.all(),
        *(a_rule("attribute", name=f"r{n}", group=fit, condition=BOSS) for n in range(62)),
    ]
    assert found(problems(model, rules=rules)) == [("too_many_attribute_rules", "rules", True)]


def test_all_faults_become_one_error_that_names_the_model() -> None:
    model = a_sound_model()
    model.cool_at = 51
    faulty = a_rule("behaviour", name="Late", group=model.groups.get(name="Acts"), window_days=-3)
    given = problems(model, rules=[faulty])
    with pytest.raises(LeadqualError) as error:
        refuse_if_blocked(given, model)
    assert str(error.value) == (
        "market 1: cool_at: 51 is above hot_at (50): a lead would cool down before it is hot; "
        "rule “Late”, activity_type: a behaviour rule names the activity type it counts; "
        "rule “Late”, window_days: -3 is not between 1 and 1825 days"
    )


def test_a_single_fault_keeps_its_code_and_names_model_rule_and_field() -> None:
    with pytest.raises(LeadqualError) as error:
        refuse_if_blocked([Problem("bad_days", "too long", "rule “Late”, window_days")], a_draft())
    assert (error.value.code, error.value.place) == ("bad_days", "market 1, rule “Late”, window_days")


def test_no_review_date_does_not_block() -> None:
    model = a_sound_model()
    model.review_date = None
    given = problems(model)
    assert found(given) == [("no_review_date", "review_date", False)]
    refuse_if_blocked(given, model)


def test_a_threshold_that_nobody_reaches_is_told_not_refused() -> None:
    model = a_sound_model()
    model.hot_at = 131  # Acts are capped at 100, Fit gives 20
    assert found(problems(model)) == [("unreachable", "hot_at", False)]
    model.hot_at = 120
    assert found(problems(model)) == []


def test_weak_acts_that_add_up_are_told() -> None:
    model = a_sound_model()
    model.rules.filter(name="Visit").update(limit_count=None, limit_period="")
    assert found(problems(model)) == [
        ("weak_makes_hot", "rule “Visit”", False),
        ("weak_like_strong", "rule “Visit”", False),
    ]
    model.gate_strong_within = 30
    assert found(problems(model)) == [("weak_like_strong", "rule “Visit”", False)]
    model.groups.filter(name="Acts").update(cap=39)
    assert "weak_like_strong" not in [problem.code for problem in problems(model)]


@pytest.mark.parametrize(
    ("period", "window", "most"),
    [
        ("ever", 365, 1),
        ("day", 10, 10),
        ("week", 1, 1),
        ("week", 2, 2),
        ("week", 8, 2),
        ("week", 9, 3),
        ("month", 1, 1),
        ("month", 30, 3),
    ],
)
def test_a_limited_rule_counts_in_every_period_that_its_window_can_touch(
    period: str, window: int, most: int
) -> None:
    from leadqual.scoring.balance import most_points

    rule = a_rule("behaviour", points=7, limit_count=1, limit_period=period, window_days=window)
    assert most_points(rule) == 7 * most


def test_who_somebody_is_weighing_more_than_what_they_do_is_told_with_the_group() -> None:
    model = a_sound_model()
    model.rules.filter(name="Boss").update(points=46)
    model.groups.filter(name="Fit").update(cap=None)
    assert found(problems(model)) == [("attributes_outweigh", "group “Fit”", False)]


def test_a_segment_that_a_rule_asks_cannot_come_to_ask_what_follows_from_scores() -> None:
    a_type("visit")
    inner = save_segment("inner", BOSS)
    outer = save_segment("outer", {"all": [{"segment": inner.pk}]})
    attribute(a_group(a_draft()), {"segment": outer.pk}, "In outer")
    for tree in ({"field": "status", "op": "is", "value": "new"}, {"activity": "visit"}):
        with pytest.raises(LeadqualError) as error:
            save_segment("inner", tree)
        assert (error.value.code, error.value.place) == ("asked_by_scoring", "condition")
        assert "In outer" in str(error.value)
    inner.refresh_from_db()
    assert inner.condition == BOSS
    save_segment("nobody asks it", {"field": "status", "op": "is", "value": "new"})
