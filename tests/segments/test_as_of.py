"""As-of undoes what was changed later, from the logs of the changes themselves."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from leadqual.common import clock
from leadqual.leads import bant, lifecycle
from leadqual.leads.companies import edit_company
from leadqual.leads.editing import edit_lead
from leadqual.leads.models import FieldType, Lead, StatusChange
from segments import membership
from segments.conditions import holds, load_facts, parse
from segments.models import MembershipChange
from tests.leads.factories import a_company, a_custom_field, a_lead
from tests.segments.factories import NOW, a_segment, a_signature, a_type, an_act, field

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=10)
DAY = clock.day_number(NOW.date())


def holds_on(tree: Any, lead: Lead, as_of: int) -> bool:
    condition = parse(tree)
    facts = load_facts([lead.pk], day=as_of, conditions=[condition], as_of=as_of)
    return holds(condition, facts[lead.pk], day=as_of)


def now_and_then(tree: Any, lead: Lead) -> tuple[bool, bool]:
    """Before the change of ten days later, and on its day."""
    return holds_on(tree, lead, DAY + 9), holds_on(tree, lead, DAY + 10)


@pytest.mark.parametrize(
    ("before", "after", "tree"),
    [
        ({"title": "課長"}, {"title": "部長"}, field("title", "is", "部長")),
        ({"title": ""}, {"title": "部長"}, {"not": field("title", "is_empty")}),
        ({"family_name": "山田"}, {"family_name": "鈴木"}, field("name", "starts_with", "鈴木")),
        ({"interests": ["AI"]}, {"interests": ["Cloud", "AI"]}, field("interests", "includes", "cloud")),
        ({"interests": []}, {"interests": ["Cloud"]}, field("interests", "is_known")),
        ({}, {"custom.size": 5}, field("custom.size", "at_least", 5)),
        ({"seniority": "staff"}, {"seniority": "director"}, field("seniority", "is", "director")),
    ],
)
def test_an_edited_attribute_of_a_lead(before: Any, after: Any, tree: Any) -> None:
    a_custom_field("size", FieldType.NUMBER)
    lead = a_lead(now=NOW, **before)
    with transaction.atomic():
        assert edit_lead(lead, after, now=LATER)
    assert now_and_then(tree, lead) == (False, True)


def test_the_earliest_of_several_later_changes_counts() -> None:
    lead = a_lead(now=NOW, title="課長")
    for days, title in enumerate(["部長", "取締役"]):
        with transaction.atomic():
            edit_lead(lead, {"title": title}, now=LATER + timedelta(days=days))
    assert now_and_then(field("title", "is", "課長"), lead) == (True, False)
    assert holds_on(field("title", "is", "取締役"), lead, DAY + 11)


def test_another_company_and_an_edited_company() -> None:
    small, large = a_company(employees=10), a_company(employees=1000)
    lead = a_lead(now=NOW, company=small)
    with transaction.atomic():
        edit_lead(lead, {"company": large}, now=LATER)
        edit_company(large, {"employees": 5000}, now=LATER + timedelta(days=1))
    tree = field("company.employees", "is", 1000)
    assert now_and_then(tree, lead) == (False, True)
    assert not holds_on(tree, lead, DAY + 11)
    assert holds_on(field("company.employees", "is", 10), lead, DAY + 9)


def test_status_and_outcome() -> None:
    lead = a_lead(now=NOW)
    with transaction.atomic():
        lifecycle.record_outcome(lead, "won", DAY + 10, now=LATER)
    assert now_and_then(field("outcome", "is", "won"), lead) == (False, True)
    if StatusChange.objects.exists():
        assert now_and_then(field("status", "is", "customer"), lead) == (False, True)


def test_an_answer_counts_while_it_holds_and_the_older_one_afterwards() -> None:
    lead = a_lead(now=NOW)
    with transaction.atomic():
        bant.answer(lead, "budget", "no", now=NOW)
        bant.answer(lead, "budget", "yes", now=NOW + timedelta(days=3), until_day=DAY + 5)
    said = {day: holds_on(field("bant.budget", "is", "yes"), lead, day) for day in range(DAY, DAY + 8)}
    assert [day - DAY for day, yes in said.items() if yes] == [3, 4, 5]
    assert holds_on(field("bant.budget", "is", "no"), lead, DAY + 6)
    assert not holds_on(field("bant.budget", "is_known"), lead, DAY - 1)


def test_acts_after_the_day_are_not_known_yet() -> None:
    lead = a_lead(now=NOW)
    an_act(lead, a_signature(a_type("download")), DAY + 10)
    assert now_and_then({"activity": "download"}, lead) == (False, True)


def test_members_as_they_were() -> None:
    lead = a_lead(now=NOW)
    segment = a_segment(field("title", "is", "nobody"))
    membership.refresh(day=DAY, now=NOW)
    membership.include(segment, lead, now=LATER)
    MembershipChange.objects.update(day=DAY + 10)
    assert now_and_then({"segment": segment.pk}, lead) == (False, True)


def test_many_leads_cost_as_many_queries_as_one(django_assert_max_num_queries: Any) -> None:
    a_type("download")
    segment = a_segment({"all": []})
    tree = {
        "all": [
            field("title", "is", "x"),
            field("status", "is", "new"),
            field("company.industry", "is", "x"),
            field("bant.need", "is", "yes"),
            {"activity": "download"},
            {"segment": segment.pk},
        ]
    }
    leads = [a_lead(now=NOW, company=a_company()).pk for _n in range(20)]
    condition = parse(tree)
    with django_assert_max_num_queries(10):
        facts = load_facts(leads, day=DAY, conditions=[condition], as_of=DAY)
    assert set(facts) == set(leads)
