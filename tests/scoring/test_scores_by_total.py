"""The list of leads by score is read in the order of an index, also far down: nothing is sorted."""

import pytest
from django.db import connection
from django.db.models import Q, QuerySet

from leadqual.scoring.models import LeadScore
from tests.handoff import factories

pytestmark = pytest.mark.django_db

MODEL, PEOPLE = 7, 60


@pytest.fixture
def scored() -> list[tuple[int, int]]:
    """(total, lead), as the list must have them; many leads have the same total."""
    leads = [lead.pk for lead in factories.leads(PEOPLE)]
    rows = [(number % 7 * 10, lead) for number, lead in enumerate(leads)]
    for model in (MODEL - 1, MODEL):
        LeadScore.objects.bulk_create(
            LeadScore(model_id=model, lead_id=lead, total=total, fit=0, engagement=total, as_of=1, last_act=1)
            for total, lead in rows
        )
    return sorted(rows, key=lambda row: (-row[0], row[1]))


def page(after: tuple[int, int] | None = None) -> QuerySet[LeadScore]:
    rows = LeadScore.objects.filter(model_id=MODEL).order_by("-total", "lead_id")
    if after:
        total, lead = after
        rows = rows.filter(Q(total__lt=total) | Q(lead_id__gt=lead), total__lte=total)
    return rows[:9]


def test_pages_that_follow_one_another_show_everybody_once(scored: list[tuple[int, int]]) -> None:
    shown: list[tuple[int, int]] = []
    while rows := list(page(shown[-1] if shown else None).values_list("total", "lead_id")):
        shown += rows
    assert shown == scored


@pytest.mark.parametrize("after", [None, (30, 20)])
def test_a_page_is_read_from_the_index_by_total_and_not_sorted(
    after: tuple[int, int] | None, scored: list[tuple[int, int]]
) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Of sixty rows PostgreSQL reads all, whatever the indexes; of a million it would not.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        plan = page(after).explain()
    assert "lead_score_by_total" in plan, plan
    assert "Sort" not in plan and "B-TREE" not in plan, plan
