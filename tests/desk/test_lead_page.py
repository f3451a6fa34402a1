"""The lead page says why, and everything that happened, and costs the same however much that is."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from leadqual.common import clock
from leadqual.desk.timeline import PAGE, timeline
from leadqual.leads.bant import answer
from leadqual.leads.editing import edit_lead
from leadqual.leads.models import ActivityType, Lead
from leadqual.leads.recording import Event, record
from segments.definition import save_segment
from tests.permissions import world
from tests.permissions.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> World:
    return world.build()


def address(lead: Lead) -> str:
    return reverse("desk:lead", args=[lead.public_id])


def acts(lead: Lead, number: int, *, at: timedelta = timedelta(0)) -> None:
    ActivityType.objects.get_or_create(key="page_view", label="Page view")
    now = timezone.now() - at
    with transaction.atomic():
        record([Event("page_view", now, lead_id=lead.pk, path=f"/p{n % 5}") for n in range(number)], now=now)


def page(client: Client, lead: Lead, query: str = "") -> str:
    response = client.get(address(lead) + query)
    assert response.status_code == 200
    return response.content.decode()


def test_without_a_model_the_page_says_so_and_still_shows_the_person(people: World) -> None:
    shown = page(people.client("marketer"), people.lead)
    assert "Canary" in shown and "no scoring model is live" in shown


def test_a_day_to_come_and_a_word_are_refused_at_the_field(people: World) -> None:
    client = people.client("marketer")
    tomorrow = clock.date_of(clock.today() + 1).isoformat()
    assert "not known yet" in page(client, people.lead, f"?as_of={tomorrow}")
    assert "soon is not a date" in page(client, people.lead, "?as_of=soon")


def test_every_log_has_its_sentence_newest_first(people: World) -> None:
    lead, now = people.lead, timezone.now()
    acts(lead, 1)
    edit_lead(lead, {"title": "Director"}, now=now + timedelta(minutes=1), by=people.people["marketer"])
    answer(lead, "budget", "yes", now=now + timedelta(minutes=2), note="30 million")
    happened, older = timeline(lead)
    assert [each.kind for each in happened] == ["bant", "field", "act"]
    assert happened[0].words == "BANT: budget: yes" and happened[0].remark == "30 million"
    assert happened[1].words == "title changed" and happened[1].remark == "– → director"
    assert older == ""


def test_pages_of_the_past_show_everything_once_also_what_happened_at_one_moment(people: World) -> None:
    lead = people.lead
    acts(lead, PAGE * 2 + 7)
    seen, cursor, pages = 0, "", 0
    while True:
        happened, cursor = timeline(lead, before=cursor)
        seen += len(happened)
        pages += 1
        if not cursor:
            break
    assert (seen, pages) == (PAGE * 2 + 7, 3)


@pytest.mark.parametrize("cursor", ["", "x", "2026-01-01T00:00:00|act", "|||", "2026-13-01|act|1", "0|act|x"])
def test_a_cursor_of_nobodys_making_shows_the_first_page(people: World, cursor: str) -> None:
    acts(people.lead, 3)
    assert len(timeline(people.lead, before=cursor)[0]) == 3


def test_queries_do_not_grow_with_the_past_and_are_at_most_twelve(people: World) -> None:
    client, counted = people.client("owner"), []
    for more in (3, 60):
        acts(people.lead, more)
        for n in range(more // 3):
            edit_lead(people.lead, {"title": f"Title {more} {n}"}, now=timezone.now())
            save_segment(f"Segment {more} {n}", {"field": "source", "op": "is", "value": "web"})
        with CaptureQueriesContext(connection) as queries:
            page(client, people.lead)
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 12


def test_stored_text_is_text(people: World) -> None:
    nasty = '<script>alert(1)</script>{{ 7|add:"7" }}'
    edit_lead(
        people.lead, {"title": nasty, "department": '"><img src=x onerror=alert(1)>'}, now=timezone.now()
    )
    shown = page(people.client("marketer"), people.lead)
    assert "<script>alert" not in shown and "<img src=x" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7|add:&quot;7&quot; }}" in shown


def test_another_reps_lead_looks_like_none(people: World) -> None:
    client = people.client("other")
    assert client.get(address(people.lead)).status_code == 404
    for words in ("Canary", "canary@example.com", "Canary Works"):
        found = client.get(reverse("desk:search"), {"q": words})
        assert found.status_code == 200
        assert "No lead fits." in found.content.decode() and "No company fits." in found.content.decode()
    assert client.get(reverse("desk:company", args=[people.company.public_id])).status_code == 404
