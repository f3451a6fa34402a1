"""Every operator by example, in both readers: for whom it holds, for whom not."""

from typing import Any

import pytest

from leadqual.leads.models import FieldType, Lead
from segments.conditions import holds, load_facts, parse, to_q
from segments.conditions.acts import ACTS_OPERATORS
from segments.conditions.operators import OPERATORS
from tests.segments.factories import (
    DAY,
    a_company,
    a_field,
    a_lead,
    a_signature,
    a_type,
    an_act,
    an_answer,
    field,
)

pytestmark = pytest.mark.django_db

TITLES = ["", "it部長", "部長", "課長"]
SIZES: list[Any] = [None, 0, 5, 5.5, "5", True]
DATES: list[Any] = [None, DAY - 30, DAY - 29, DAY, DAY + 29, DAY + 30]
INTERESTS = ["", "|cloud|", "|cloud|ai|", "|cloudy|"]
# Columns of the examples: field, operator, value, positions of the leads for whom it holds.
EXAMPLES: list[tuple[str, str, Any, set[int]]] = [
    ("title", "is", "ＩＴ部長", {1}),
    ("title", "is_not", "部長", {1, 3}),
    ("title", "is_one_of", ["部長", "課長"], {2, 3}),
    ("title", "is_none_of", ["部長", "課長"], {1}),
    ("title", "contains", "部", {1, 2}),
    ("title", "does_not_contain", "部", {3}),
    ("title", "starts_with", "IT", {1}),
    ("title", "ends_with", "部長", {1, 2}),
    ("title", "matches", "?長", {2, 3}),
    ("title", "matches", "*", {1, 2, 3}),
    ("title", "is_known", None, {1, 2, 3}),
    ("title", "is_empty", None, {0}),
    ("custom.size", "is", 5, {2}),
    ("custom.size", "is_not", 5, {1, 3}),
    ("custom.size", "more_than", 5, {3}),
    ("custom.size", "at_least", 5, {2, 3}),
    ("custom.size", "less_than", 5, {1}),
    ("custom.size", "at_most", 5, {1, 2}),
    ("custom.size", "between", [0, 5], {1, 2}),
    ("custom.size", "is_empty", None, {0, 4, 5}),
    ("custom.flag", "is", True, {5}),
    ("custom.flag", "is", False, {4}),
    ("custom.day", "before", "2024-10-04", {1, 2}),
    ("custom.day", "after", "2024-10-04", {4, 5}),
    ("custom.day", "in_last_days", 30, {2, 3}),
    ("custom.day", "days_ago_at_least", 30, {1}),
    ("custom.day", "in_next_days", 30, {3, 4}),
    ("custom.day", "days_ahead_at_least", 30, {5}),
    ("interests", "includes", "Cloud", {1, 2}),
    ("interests", "includes_any_of", ["ai", "cloudy"], {2, 3}),
    ("interests", "includes_all_of", ["ai", "cloud"], {2}),
    ("interests", "includes_none_of", ["ai"], {1, 3}),
]


def people() -> list[Lead]:
    a_field("size", FieldType.NUMBER)
    a_field("day", FieldType.DATE)
    a_field("flag", FieldType.BOOLEAN)
    return [
        a_lead(
            title_folded=TITLES[min(n, 3)] if n < 4 else "",
            interests_folded=INTERESTS[n] if n < 4 else "",
            custom_folded={"size": SIZES[n], "day": DATES[n], "flag": [None, 0, 1, "true", False, True][n]},
        )
        for n in range(6)
    ]


def both_readers(tree: Any, leads: list[Lead]) -> set[int]:
    """Positions of the leads for whom it holds, once the readers have agreed."""
    condition = parse(tree)
    facts = load_facts([lead.pk for lead in leads], day=DAY, conditions=[condition])
    in_python = {n for n, lead in enumerate(leads) if holds(condition, facts[lead.pk], day=DAY)}
    found = set(Lead.objects.filter(to_q(condition, day=DAY)).values_list("pk", flat=True))
    assert {n for n, lead in enumerate(leads) if lead.pk in found} == in_python
    return in_python


@pytest.mark.parametrize(
    ("key", "op", "value", "expected"), EXAMPLES, ids=[f"{e[0]}-{e[1]}" for e in EXAMPLES]
)
def test_for_whom_an_operator_holds(key: str, op: str, value: Any, expected: set[int]) -> None:
    assert both_readers(field(key, op, value), people()) == (
        expected | {4, 5} if (key, op) == ("title", "is_empty") else expected
    )


def test_every_operator_has_an_example() -> None:
    assert {op for _key, op, _value, _expected in EXAMPLES} == set(OPERATORS)


ACTS = [("at_least", 2, {2, 3}), ("at_most", 1, {0, 1}), ("exactly", 2, {2}), ("none", None, {0})]


@pytest.mark.parametrize(("op", "count", "expected"), ACTS)
def test_acts_are_counted_at_the_ages_of_the_window(op: str, count: int | None, expected: set[int]) -> None:
    kind = a_type("download")
    page, other = a_signature(kind, "/a"), a_signature(a_type("visit"), "/a")
    leads = [a_lead() for _n in range(4)]
    for number, lead in enumerate(leads):
        for _n in range(number):
            an_act(lead, page, DAY - 29)
        an_act(lead, page, DAY - 30)  # too old
        an_act(lead, page, DAY + 1)  # not yet
        an_act(lead, page, DAY, machine=True)
        an_act(lead, other, DAY)
    tree = {"activity": "download", "op": op, "within_days": 30} | ({} if count is None else {"count": count})
    assert both_readers(tree, leads) == expected


def test_every_operator_of_acts_has_an_example() -> None:
    assert {op for op, _count, _expected in ACTS} == set(ACTS_OPERATORS)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"url": "/Pricing*"}, {0, 1}),
        ({"url": ["/pricing", "/docs/?.pdf"]}, {0, 2}),
        ({"plan": "pro*"}, {1}),
        ({"plan": 1}, {2}),
        ({"plan": True}, {3}),
        ({"url": "/pricing*", "plan": "PRO"}, {1}),
        ({"url": "/docs/*.pdf", "plan": "pro"}, set()),
    ],
)
def test_where_picks_the_acts_by_page_and_declared_attributes(where: Any, expected: set[int]) -> None:
    kind = a_type("download", declared=("plan",))
    pages = [
        a_signature(kind, "/pricing"),
        a_signature(kind, "/PRICING/ａ", plan="Pro"),
        a_signature(kind, "/docs/a.pdf", plan=1),
        a_signature(kind, "/other", plan=True),
    ]
    leads = [a_lead() for _page in pages]
    for lead, page in zip(leads, pages, strict=True):
        an_act(lead, page)
    assert both_readers({"activity": "download", "where": where}, leads) == expected


def test_not_is_the_complement_also_where_nothing_is_known() -> None:
    leads = [a_lead(), a_lead(company=a_company()), a_lead(company=a_company(employees=500))]
    tree = field("company.employees", "at_least", 100)
    assert both_readers(tree, leads) == {2}
    assert both_readers({"not": tree}, leads) == {0, 1}
    assert both_readers({"not": {"not": tree}}, leads) == {2}


def test_an_activity_condition_finds_a_lead_once_and_two_of_them_the_same_lead() -> None:
    kind = a_type("download")
    lead, page, other = a_lead(), a_signature(kind, "/a"), a_signature(kind, "/b")
    for signature in (page, page, other):
        an_act(lead, signature)
    both = {"all": [{"activity": "download", "where": {"url": url}} for url in ("/a", "/b")]}
    assert list(Lead.objects.filter(to_q(parse(both), day=DAY))) == [lead]


def test_the_newest_answer_that_holds_on_the_day_counts() -> None:
    leads = [a_lead() for _n in range(6)]
    until_today, ended, later, older, twice, _nothing = leads
    an_answer(until_today, "budget", "yes", DAY - 5, until=DAY)
    an_answer(ended, "budget", "yes", DAY - 5, until=DAY - 1)
    an_answer(later, "budget", "yes", DAY + 1)
    an_answer(older, "budget", "yes", DAY - 9)
    an_answer(older, "budget", "no", DAY - 5, until=DAY - 1)
    an_answer(twice, "budget", "yes", DAY)
    an_answer(twice, "budget", "no", DAY)
    an_answer(twice, "need", "yes", DAY)
    assert both_readers(field("bant.budget", "is", "yes"), leads) == {0, 3}
    assert both_readers(field("bant.budget", "is_not", "yes"), leads) == {4}
    assert both_readers(field("bant.budget", "is_empty"), leads) == {1, 2, 5}
