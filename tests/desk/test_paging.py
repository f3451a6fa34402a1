"""Going through the list page by page shows everybody once, also when many tie and while rows come and go."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadqual.common.access import Role
from leadqual.desk.listing import LeadList
from leadqual.desk.paging import COUNTED, Count, Order, counted, page_of
from leadqual.leads.models import Lead
from leadqual.scoring.models import LeadScore
from tests.desk.people import a_live_model, a_person, scored
from tests.leads.factories import a_lead

pytestmark = pytest.mark.django_db
SEED = 20261124


def walk(leads: LeadList, size: int = 3) -> list[int]:
    seen, after = [], ""
    while True:
        page = leads.page([], after=after, size=size)
        seen += [lead.pk for lead in page.rows]
        if not page.after:
            return seen
        after = page.after


def back(leads: LeadList, last: str, size: int = 3) -> list[int]:
    seen: list[int] = []
    while last:
        page = leads.page([], before=last, size=size)
        seen = [lead.pk for lead in page.rows] + seen
        last = page.before
    return seen


@pytest.mark.parametrize("sort", ["score", "name", "newest", "last_act"])
def test_every_lead_is_on_exactly_one_page_in_order_forwards_and_back(sort: str) -> None:
    marketer, model = a_person("marketer", Role.MARKETER), a_live_model()
    chance = random.Random(SEED)
    leads = [
        scored(model, a_lead(family_name=chance.choice("abc")), chance.choice([5, 5, 7])) for _ in range(20)
    ]
    asked = LeadList(marketer, {}, sort)
    seen = walk(asked)
    assert sorted(seen) == sorted(lead.pk for lead in leads)
    if sort == "score":
        totals = dict(LeadScore.objects.values_list("lead_id", "total"))
        assert seen == sorted(seen, key=lambda pk: (-totals[pk], pk))
    if sort == "name":
        names = dict(Lead.objects.values_list("pk", "name_folded"))
        assert seen == sorted(seen, key=lambda pk: (names[pk], pk))
    pages = [asked.page([], size=3)]
    while pages[-1].after:
        pages.append(asked.page([], after=pages[-1].after, size=3))
    assert back(asked, pages[-1].before) == seen[: -len(pages[-1].rows)]


def test_a_lead_that_comes_in_before_the_mark_moves_nobody_to_the_next_page_again() -> None:
    marketer, model = a_person("marketer", Role.MARKETER), a_live_model()
    for _number in range(6):
        scored(model, a_lead(), 10)
    asked = LeadList(marketer, {})
    first = asked.page([], size=3)
    new = scored(model, a_lead(), 99)
    Lead.objects.filter(pk=first.rows[0].pk).delete()
    second = asked.page([], after=first.after, size=3)
    both = [lead.pk for lead in (*first.rows, *second.rows)]
    assert len(set(both)) == 6
    assert new.pk not in both


def test_the_mark_of_another_order_begins_anew() -> None:
    marketer, model = a_person("marketer", Role.MARKETER), a_live_model()
    for _number in range(4):
        scored(model, a_lead(), 10)
    mark = LeadList(marketer, {}).page([], size=2).after
    assert len(LeadList(marketer, {}, "name").page([], after=mark, size=3).rows) == 3
    assert len(LeadList(marketer, {}).page([], after=mark + "x", size=3).rows) == 3


def test_no_page_is_found_by_skipping_rows() -> None:
    marketer, model = a_person("marketer", Role.MARKETER), a_live_model()
    for _number in range(9):
        scored(model, a_lead(), 10)
    asked = LeadList(marketer, {})
    mark = asked.page([], size=3).after
    with CaptureQueriesContext(connection) as queries:
        asked.page([], after=asked.page([], after=mark, size=3).after, size=3)
    assert not any("OFFSET" in query["sql"] for query in queries)


def test_leads_without_a_score_stand_at_the_end() -> None:
    marketer, model = a_person("marketer", Role.MARKETER), a_live_model()
    without = a_lead()
    LeadScore.objects.filter(lead=without).delete()
    low = scored(model, a_lead(), -5)
    assert [lead.pk for lead in LeadList(marketer, {}).page([]).rows] == [low.pk, without.pk]


def test_without_a_live_model_the_newest_come_first() -> None:
    marketer = a_person("marketer", Role.MARKETER)
    leads = [a_lead().pk for _number in range(3)]
    asked = LeadList(marketer, {})
    assert asked.order == "newest"
    assert sorted(walk(asked, 2)) == leads


def test_counting_stops_at_ten_thousand_and_says_so() -> None:
    for _number in range(3):
        a_lead()
    assert counted(Lead.objects.all()) == Count(3, False)
    assert counted(Lead.objects.all(), 2) == Count(2, True)
    with CaptureQueriesContext(connection) as queries:
        counted(Lead.objects.all())
    assert f"LIMIT {COUNTED + 1}" in queries[0]["sql"]


def test_an_empty_list_has_no_pages() -> None:
    page = page_of(Lead.objects.all(), Order("name_folded"), size=3)
    assert (page.rows, page.after, page.before) == ([], "", "")
