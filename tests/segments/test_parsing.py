"""Faulty conditions: one message that names the exact place, and nothing else happens."""

from datetime import date
from typing import Any

import pytest

from leadqual.common.errors import LeadqualError
from leadqual.leads.models import FieldType
from segments.conditions import parse, parse_frozen, to_json
from tests.segments.factories import a_field, a_segment, a_type, field

pytestmark = pytest.mark.django_db


def refused(tree: Any, place: str = "") -> LeadqualError:
    with pytest.raises(LeadqualError) as caught:
        parse(tree, place=place)
    return caught.value


def nested(depth: int) -> Any:
    tree: Any = field("title", "is", "x")
    for _level in range(depth):
        tree = {"not": tree}
    return tree


GOOD = field("title", "is", "x")
FAULTS = [
    (None, "bad_condition", ""),
    ("title", "bad_condition", ""),
    ({}, "bad_condition", ""),
    ({"all": [], "any": [GOOD]}, "bad_condition", ""),
    ({"all": GOOD}, "bad_condition", "all"),
    ({"any": []}, "bad_condition", "any"),
    ({"all": [GOOD, {"not": 5}]}, "bad_condition", "all[1].not"),
    ({"all": [GOOD], "op": "is"}, "unknown_key", "op"),
    ({"all": [GOOD, GOOD, field("title", "is")]}, "missing_value", "all[2].value"),
    (field("shoe_size", "is", 5), "unknown_field", "field"),
    (field("custom.nothing", "is", 5), "unknown_field", "field"),
    (field("a\0b", "is", 5), "unknown_field", "field"),
    ({"field": 5, "op": "is", "value": 5}, "bad_value", "field"),
    (field("title", "resembles", "x"), "unknown_operator", "op"),
    ({"field": "title", "op": ["is"], "value": "x"}, "unknown_operator", "op"),
    (field("title", "more_than", 5), "bad_operator", "op"),
    (field("title", "is", "x", colour="red"), "unknown_key", "colour"),
    (field("title", "is", 5), "bad_value", "value"),
    (field("title", "is", "  "), "bad_value", "value"),
    (field("title", "is", "a\0b"), "bad_value", "value"),
    (field("title", "is", "\ud800"), "bad_value", "value"),
    (field("title", "is", "x" * 501), "too_long", "value"),
    (field("title", "matches", "x" * 201), "too_long", "value"),
    (field("title", "is_one_of", "x"), "bad_value", "value"),
    (field("title", "is_one_of", []), "bad_value", "value"),
    (field("title", "is_one_of", ["x", 5]), "bad_value", "value[1]"),
    (field("title", "is_empty", "x"), "bad_value", "value"),
    (field("seniority", "is", "king"), "unknown_choice", "value"),
    (field("interests", "includes", "a|b"), "bad_value", "value"),
    (field("company.employees", "at_least", "100"), "bad_value", "value"),
    (field("company.employees", "at_least", True), "bad_value", "value"),
    (field("company.employees", "at_least", float("nan")), "bad_value", "value"),
    (field("company.employees", "at_least", 10**16), "bad_value", "value"),
    (field("company.employees", "between", [5, 1]), "bad_value", "value"),
    (field("company.employees", "between", [5]), "bad_value", "value"),
    (field("created", "before", "2024-02-30"), "bad_value", "value"),
    (field("created", "before", 20000), "bad_value", "value"),
    (field("created", "in_last_days", 0), "bad_number", "value"),
    (field("created", "in_last_days", 2.5), "bad_number", "value"),
    ({"activity": "dance"}, "unknown_activity", "activity"),
    ({"activity": 5}, "bad_value", "activity"),
    ({"activity": "download", "op": "often"}, "unknown_operator", "op"),
    ({"activity": "download", "op": "none", "count": 1}, "bad_value", "count"),
    ({"activity": "download", "count": 0}, "bad_number", "count"),
    ({"activity": "download", "within_days": -3}, "bad_number", "within_days"),
    ({"activity": "download", "since": 3}, "unknown_key", "since"),
    ({"activity": "download", "where": []}, "bad_where", "where"),
    ({"activity": "download", "where": {"url": 5}}, "bad_value", "where.url"),
    ({"activity": "download", "where": {"url": "x" * 201}}, "too_long", "where.url"),
    ({"activity": "download", "where": {"colour": "red"}}, "undeclared_attribute", "where.colour"),
    ({"activity": "download", "where": {"plan": ["a", None]}}, "bad_value", "where.plan[1]"),
    ({"segment": 99999}, "unknown_segment", "segment"),
    ({"segment": True}, "bad_value", "segment"),
    ({"any": [{"segment": "nobody"}]}, "unknown_segment", "any[0].segment"),
    (nested(200), "too_deep", ".".join(["not"] * 20)),
    ({"any": [GOOD] * 201}, "too_many_nodes", "any[199]"),
    ({"any": [field("title", "is_one_of", [f"{n} " + "長" * 150 for n in range(100)])]}, "too_large", ""),
]


@pytest.mark.parametrize(("tree", "code", "place"), FAULTS, ids=[f"{f[1]}-{n}" for n, f in enumerate(FAULTS)])
def test_a_fault_is_told_with_its_place(tree: Any, code: str, place: str) -> None:
    a_type("download", declared=("plan",))
    error = refused(tree)
    assert (error.code, error.place) == (code, place)
    assert error.message


def test_the_place_continues_the_one_given() -> None:
    tree = {"all": [GOOD, GOOD, field("created", "before", "soon")]}
    error = refused(tree, place="rules[3].condition")
    assert str(error) == "rules[3].condition.all[2].value: must be a date like 2024-06-30"


def test_a_wrong_choice_of_a_custom_field_is_told_with_the_choices() -> None:
    a_field("plan", FieldType.CHOICE, choices=("Basic", "プロ"))
    assert refused(field("custom.plan", "is", "gold")).message == "must be one of: Basic, プロ"
    assert parse(field("custom.plan", "is", "BASIC")).value == "basic"


def test_text_is_compared_folded_and_shown_as_written() -> None:
    condition = parse(field("title", "is", "ＩＴ部長"))
    assert condition.value == "it部長"
    assert to_json(condition) == field("title", "is", "ＩＴ部長")


def test_dates_as_yaml_gives_them_are_dates() -> None:
    condition = parse(field("created", "before", date(2024, 6, 30)))
    assert to_json(condition) == field("created", "before", "2024-06-30")


def test_a_segment_may_be_named() -> None:
    segment = a_segment({"all": []}, "製造業　大手")
    assert to_json(parse({"not": {"segment": "製造業　大手"}})) == {"not": {"segment": segment.pk}}


def test_a_frozen_tree_outlives_the_custom_field_it_asks(django_assert_num_queries: Any) -> None:
    row = a_field("size", FieldType.NUMBER)
    condition = parse(field("custom.size", "at_least", 5))
    frozen = to_json(condition, pinned=True)
    row.delete()
    with django_assert_num_queries(0):
        assert parse_frozen(frozen) == condition


def test_a_frozen_tree_outlives_the_choice_it_asks() -> None:
    row = a_field("plan", FieldType.CHOICE, choices=("a", "b"))
    condition = parse(field("custom.plan", "is", "a"))
    row.choices = ["b"]
    row.save()
    assert parse_frozen(to_json(condition, pinned=True)) == condition


def test_names_are_looked_up_in_three_queries_however_many_there_are(django_assert_num_queries: Any) -> None:
    a_type("download")
    a_field("one", FieldType.NUMBER)
    a_field("two", FieldType.NUMBER)
    segment = a_segment({"all": []})
    tree = {
        "all": [
            *[field(f"custom.{key}", "at_least", 5) for key in ("one", "two")],
            {"activity": "download"},
            {"activity": "download", "op": "none"},
            {"segment": segment.pk},
        ]
    }
    with django_assert_num_queries(3):
        parse(tree)
