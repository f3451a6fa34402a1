"""What was judged when two records turn out to be one person, and when they turn out not to be."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from leadqual.leads import persons
from leadqual.leads.models import Activity, ActivityType, Intent, Lead, Status
from leadqual.leads.recording import Event, record
from leadqual.scoring.models import Qualification
from leadqual.scoring.publishing import publish
from leadqual.scoring.qualification import end_by_sales
from leadqual.scoring.rescoring import rescore_due
from tests.leads.factories import a_lead
from tests.scoring.drafts import DAY, a_draft, a_group, a_type, behaviour, on
from tests.scoring.judging import history, hot, status

pytestmark = pytest.mark.django_db


@pytest.fixture
def call() -> ActivityType:
    """One call makes hot; the cool-down is 30 days."""
    call = a_type("call", Intent.STRONG)
    model = a_draft(hot_at=50, cool_at=30, cool_down_days=30)
    behaviour(a_group(model, "Acts"), call, "Call", 60, window_days=300)
    a_lead(now=on(DAY - 200))
    publish(model, day=DAY - 100, now=on(DAY - 100))
    return call


def morning(day: int) -> None:
    rescore_due(day=day, now=on(day) - timedelta(hours=12))


def calls(lead: Lead, day: int) -> None:
    morning(day)
    with transaction.atomic():
        record([Event(type="call", occurred_at=on(day), lead_id=lead.pk)], now=on(day))


def merge(source: Lead, target: Lead, day: int) -> dict[str, Any]:
    morning(day)
    with transaction.atomic():
        return persons.move_all(source.pk, target.pk, now=on(day))


def unmerge(moved: dict[str, Any], source: Lead, target: Lead, day: int) -> None:
    morning(day)
    with transaction.atomic():
        persons.move_all_back(moved, source.pk, target.pk, now=on(day))


def test_the_no_of_sales_follows_the_person(call: ActivityType) -> None:
    source, target = a_lead(now=on(DAY - 90)), a_lead(now=on(DAY - 90))
    calls(source, DAY - 20)
    end_by_sales({source.pk}, day=DAY - 10, now=on(DAY - 10))
    moved = merge(source, target, DAY - 9)
    assert (history(source), [row[3] for row in history(target)]) == ([], ["sales"])
    calls(target, DAY - 5)
    assert not hot(target), "a strong act alone must not undo what sales said ten days ago"
    unmerge(moved, source, target, DAY)
    assert ([row[3] for row in history(source)], hot(target)) == (["sales"], True)


def test_who_is_hot_stays_hot_as_the_other_record_and_comes_back(call: ActivityType) -> None:
    source, target = a_lead(now=on(DAY - 90)), a_lead(now=on(DAY - 90))
    calls(source, DAY - 20)
    opened = Qualification.objects.get()
    moved = merge(source, target, DAY - 10)
    assert Qualification.objects.get(ended_day=None) == opened
    assert (hot(target), status(target), status(source)) == (True, Status.HOT, Status.NURTURING)
    unmerge(moved, source, target, DAY)
    assert list(Qualification.objects.values_list("pk", "lead", "ended_day")) == [
        (opened.pk, source.pk, None)
    ]
    assert (status(source), status(target)) == (Status.HOT, Status.NURTURING)


def test_of_two_hot_records_the_targets_goes_on_and_both_are_hot_again_afterwards(call: ActivityType) -> None:
    source, target = a_lead(now=on(DAY - 90)), a_lead(now=on(DAY - 90))
    calls(source, DAY - 20)
    calls(target, DAY - 15)
    before = set(Qualification.objects.values_list("pk", "lead", "ended_day"))
    moved = merge(source, target, DAY - 10)
    assert Activity.objects.filter(lead=source).count() == 0
    assert (hot(source), hot(target), status(source)) == (False, True, Status.NURTURING)
    unmerge(moved, source, target, DAY)
    assert set(Qualification.objects.values_list("pk", "lead", "ended_day")) == before
    assert status(source) == status(target) == Status.HOT


def test_an_end_that_sales_spoke_in_between_is_not_taken_back(call: ActivityType) -> None:
    source, target = a_lead(now=on(DAY - 90)), a_lead(now=on(DAY - 90))
    calls(source, DAY - 20)
    moved = merge(source, target, DAY - 10)
    end_by_sales({target.pk}, day=DAY - 5, now=on(DAY - 5))
    unmerge(moved, source, target, DAY)
    assert [row[3] for row in history(source)] == ["sales"]
    assert not hot(source)


def test_an_erased_person_was_never_judged(call: ActivityType) -> None:
    lead, other = a_lead(now=on(DAY - 90)), a_lead(now=on(DAY - 90))
    calls(lead, DAY - 20)
    calls(other, DAY - 20)
    assert persons.export_all(lead.pk)["scoring.Qualification"][0]["score"] == 60
    with transaction.atomic():
        persons.erase_all(lead.pk, now=on(DAY))
    assert list(Qualification.objects.values_list("lead", flat=True)) == [other.pk]
