"""Conditions as rows of a form and back; a fault is told at the row that made it."""

from typing import Any

import pytest
from django.http import QueryDict
from django.utils import translation

from leadqual.leads.models import FieldType
from segments.builder import from_tree
from segments.builder_rows import operator_label
from segments.conditions.kinds import Kind
from segments.conditions.operators import OPERATORS
from segments.drafting import Drafting
from tests.segments.factories import a_field, a_segment, a_type, field

pytestmark = pytest.mark.django_db

SHALLOW = [
    {"all": []},
    {"all": [field("title", "contains", "部長"), field("company.employees", "between", [100, 999])]},
    {
        "any": [
            field("seniority", "is_one_of", ["director", "executive"]),
            field("created", "in_last_days", 30),
        ]
    },
    {"all": [{"any": [field("title", "is", "a, b"), field("email", "is_empty")]}, field("hot", "is", True)]},
    {
        "all": [
            {"activity": "download", "op": "at_least", "count": 2, "within_days": 30, "where": {"url": "/p*"}}
        ]
    },
    {"all": [{"activity": "download", "where": {"url": ["/p*", "/q*"]}, "op": "none"}]},
    {"all": [field("custom.size", "at_least", 10.5), field("created", "before", "2026-01-31")]},
    {"all": [field("interests", "includes_any_of", ["cloud", "security"])]},
]
DEEP = [
    {"not": field("title", "is", "x")},
    {"all": [{"all": [{"any": [field("title", "is", "x")]}]}]},
    {"all": [{"activity": "download", "where": {"tier": "gold"}, "op": "at_least", "count": 1}]},
    {"all": [field("title", "is_one_of", ["a, b", "c"])]},
]


def as_posted(drafting: Drafting) -> QueryDict:
    """What a browser sends for the boxes that are shown."""
    assert drafting.builder is not None
    data = QueryDict(mutable=True)
    data["match"], data["parts"] = drafting.builder.match, str(len(drafting.builder.parts))
    for part in drafting.builder.parts:
        if part.is_group:
            data[f"{part.prefix}-kind"], data[f"{part.prefix}-match"] = "group", part.match  # type: ignore[union-attr]
            data[f"{part.prefix}-rows"] = str(len(part.rows))  # type: ignore[union-attr]
    for row in drafting.rows():
        data[f"{row.prefix}-kind"] = row.kind
        for name in ("field", "op", "value2", "activity", "times", "count", "days", "url", "segment"):
            data[f"{row.prefix}-{name}"] = getattr(row, name)
        data[f"{row.prefix}-negated"] = "1" if row.negated else ""
        data.setlist(f"{row.prefix}-value", row.values if row.widget == "choices" else [row.value])
    return data


@pytest.fixture(autouse=True)
def known() -> None:
    a_type("download", declared=("tier",))
    a_field("size", FieldType.NUMBER)


@pytest.mark.parametrize("tree", SHALLOW)
def test_what_rows_can_say_comes_back_from_the_form_as_it_was(tree: dict[str, Any]) -> None:
    drafting = Drafting.of(tree)
    assert drafting.builder is not None
    again = Drafting.typed(as_posted(drafting))
    assert again.check(), [row.errors for row in again.rows()]
    wanted = Drafting.of(tree, as_json=True)
    assert wanted.check()
    assert again.stored() == wanted.stored()


def test_being_in_a_segment_or_not_is_a_row() -> None:
    segment = a_segment(field("title", "is", "x"))
    tree = {"all": [{"segment": segment.pk}, {"not": {"segment": segment.pk}}]}
    again = Drafting.typed(as_posted(Drafting.of(tree)))
    assert again.check()
    assert again.stored() == tree


@pytest.mark.parametrize("tree", DEEP)
def test_what_goes_deeper_has_no_rows_and_stays_whole_as_json(tree: dict[str, Any]) -> None:
    assert from_tree(tree) is None
    drafting = Drafting.of(tree)
    again = Drafting.typed({"as": "json", "condition": drafting.text})
    assert again.check()
    assert again.tree == tree


@pytest.mark.parametrize(
    ("row", "box", "message"),
    [
        (field("company.employees", "at_least", "many"), "value", "must be a number"),
        (field("created", "before", "soon"), "value", "must be a date like 2024-06-30"),
        (field("created", "in_last_days", "0"), "value", "must be a whole number from 1 to 36500"),
        (field("title", "is", ""), "value", "must not be empty; to find empty fields use “is_empty”"),
        ({"kind": "activity", "activity": "download", "count": "x"}, "count", "must be a whole number from 1 to 10000"),
        ({"kind": "activity", "activity": "download", "count": "1", "days": "-3"}, "days",
         "must be a whole number from 1 to 36500"),
        ({"kind": "activity", "activity": ""}, "activity", "there is no activity type “”"),
        ({"kind": "segment", "segment": "99"}, "segment", "there is no segment “99”"),
        ({"field": "", "op": ""}, "field", "there is no field “”"),
    ],
)  # fmt: skip
def test_a_fault_is_told_at_its_row(row: dict[str, Any], box: str, message: str) -> None:
    data = {
        "match": "all",
        "parts": "2",
        "p0-kind": "group",
        "p0-match": "any",
        "p0-rows": "1",
        "p1-kind": "field",
    }
    data |= {"p1-field": "title", "p1-op": "is_known", "p0r0-kind": "field"}
    data |= {f"p0r0-{key}": value for key, value in row.items()}
    drafting = Drafting.typed(data)
    assert not drafting.check()
    faulty, fine = drafting.rows()
    assert faulty.errors == {box: message}
    assert not fine.errors


def test_rows_are_added_and_removed_by_the_forms_buttons() -> None:
    drafting = Drafting.typed({"match": "any", "parts": "0"}, "add:group")
    assert drafting.builder is not None
    for action in (
        "add:activity:0",
        "add:field",
        "add:segment",
        "remove:0:0",
        "remove:1",
        "remove:77",
        "nonsense",
    ):
        drafting.builder.do(action)
    assert [row.kind for row in drafting.rows()] == ["activity", "segment"]


def test_no_json_and_broken_json_are_told_with_their_place() -> None:
    drafting = Drafting.typed({"as": "json", "condition": '{"all": ['})
    assert not drafting.check()
    assert drafting.problem == "This is no JSON: line 1, character 10."
    drafting = Drafting.typed(
        {"as": "json", "condition": '{"all": [{"not": {"field": "zz", "op": "is", "value": 1}}]}'}
    )
    assert not drafting.check()
    assert drafting.problem == "all[0].not.field: there is no field “zz”"
    assert not Drafting.typed({"as": "json", "condition": "[" * 60_000}).check()


def test_what_was_posted_by_nobodys_form_is_no_crash() -> None:
    for data in (
        {"match": "zz", "parts": "x"},
        {"parts": "9999", "p0-kind": "zz"},
        {"parts": "1", "p0-field": "title\0", "p0-op": "is", "p0-value": "\ud800"},
        {"parts": "1", "p0-field": "company.employees", "p0-op": "at_least", "p0-value": "9" * 1900},
        {"parts": "1", "p0-field": "company.employees", "p0-op": "at_least", "p0-value": "nan"},
        {"parts": "1", "p0-kind": "segment", "p0-segment": "9" * 30},
    ):
        Drafting.typed(data).check()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_two_operators_of_a_field_read_alike(language: str) -> None:
    with translation.override(language):
        for kind in Kind:
            labels = [operator_label(key) for key, row in OPERATORS.items() if kind in row.kinds]
            assert len(set(labels)) == len(labels), labels
            assert all(labels)
