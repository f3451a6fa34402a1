"""Stages follow at once what leads do and what is said of them, and the night finds whatever that left out."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from journeys.models import JourneyMap, StageMove, StagePlacement
from leadqual.leads import inbox, lifecycle, recording
from leadqual.leads.companies import edit_company
from leadqual.leads.editing import edit_leads
from leadqual.leads.models import Lead, Status
from leadqual.leads.recording import Event
from leadqual.operations.placing import place_soon, refresh_and_place
from leadqual.operations.qualifying import qualify
from segments.models import Membership
from tests.journeys.factories import a_map, stands
from tests.leads.factories import a_company, a_lead
from tests.operations.factories import NOW, TODAY, a_design, an_event
from tests.segments.factories import a_segment, a_type, field

pytestmark = pytest.mark.django_db
PAPER = {"activity": "paper", "within_days": 30}


@pytest.fixture
def drawn() -> JourneyMap:
    for key in ("view", "paper", "ask"):
        a_type(key)
    retail = a_segment(field("company.industry", "is", "retail"))
    return a_map(
        a_segment({"not": field("source", "is", "competitor")}),
        {
            "know": None,
            "compare": {"any": [PAPER, {"segment": retail.pk}]},
            "talk": field("status", "is_one_of", ["accepted", "opportunity"]),
            "decide": field("title", "is", "boss"),
        },
    )


@pytest.fixture
def lead(drawn: JourneyMap) -> Lead:
    lead = a_lead(now=NOW)
    refresh_and_place(day=TODAY, now=NOW)
    assert stands(drawn) == {lead.pk: "know"}
    return lead


def test_an_act_counts_at_once(lead: Lead, drawn: JourneyMap) -> None:
    with transaction.atomic():
        recording.record([Event("paper", NOW, lead_id=lead.pk)], now=NOW)
    assert stands(drawn) == {lead.pk: "compare"}
    assert StageMove.objects.latest("pk").why == "drain"


def test_another_act_changes_nothing(lead: Lead, drawn: JourneyMap) -> None:
    with transaction.atomic():
        recording.record([Event("view", NOW, lead_id=lead.pk)], now=NOW)
    assert stands(drawn) == {lead.pk: "know"}


def test_what_is_said_of_the_lead_counts_at_once(lead: Lead, drawn: JourneyMap) -> None:
    with transaction.atomic():
        edit_leads({lead.pk: {"title": "boss"}}, now=NOW)
    assert stands(drawn) == {lead.pk: "decide"}


def test_a_status_counts_at_once(lead: Lead, drawn: JourneyMap) -> None:
    with transaction.atomic():
        lifecycle.set_status([lead.pk], Status.OPPORTUNITY, now=NOW, why="test")
    assert stands(drawn) == {lead.pk: "talk"}


def test_leaving_the_segment_counts_at_once(lead: Lead, drawn: JourneyMap) -> None:
    with transaction.atomic():
        edit_leads({lead.pk: {"source": "competitor"}}, now=NOW)
    assert stands(drawn) == {}


def test_what_the_employer_does_counts_at_once_through_a_segment(lead: Lead, drawn: JourneyMap) -> None:
    company = a_company(industry="it")
    with transaction.atomic():
        edit_leads({lead.pk: {"company": company}}, now=NOW)
        assert stands(drawn) == {lead.pk: "know"}
        edit_company(company, {"industry": "retail"}, now=NOW)
    assert stands(drawn) == {lead.pk: "compare"}


def test_the_day_after_the_night_finds_what_time_alone_has_changed() -> None:
    old = {"know": None, "long": field("created", "days_ago_at_least", 3)}
    drawn, lead = a_map(entries=old), a_lead(now=NOW)
    refresh_and_place(day=TODAY, now=NOW)
    assert stands(drawn) == {lead.pk: "know"}
    refresh_and_place(day=TODAY + 3, now=NOW + timedelta(days=3))
    assert stands(drawn) == {lead.pk: "long"}


def test_segments_that_ask_for_a_stage_follow_it_in_the_same_night(drawn: JourneyMap) -> None:
    lead = a_lead(now=NOW, title="boss")
    deciding = a_segment(field("stage", "is", "decide", map=drawn.name))
    around = a_segment({"all": [{"segment": deciding.pk}]})
    refresh_and_place(day=TODAY, now=NOW)
    members = Membership.objects.filter(segment__in=[deciding, around])
    assert set(members.values_list("segment_id", "lead_id")) == {(deciding.pk, lead.pk), (around.pk, lead.pk)}


def test_a_new_map_is_filled_soon_though_nobody_looked_for_its_segment(drawn: JourneyMap) -> None:
    lead = a_lead(now=NOW)
    assert [each.moves.entered for each in place_soon(now=NOW)] == [1]
    assert stands(drawn) == {lead.pk: "know"}
    assert not any(each.moves for each in place_soon(now=NOW - timedelta(days=9)))


@pytest.mark.django_db(transaction=True)
def test_a_pass_counts_the_steps_between_stages() -> None:
    a_design()
    drawn = a_map(entries={"know": None, "compare": PAPER})
    an_event("a", "view")
    an_event("b", "paper")
    assert qualify(day=TODAY, now=NOW).moved == 2
    assert sorted(stands(drawn).values()) == ["compare", "know"]
    an_event("a", "paper")
    inbox.drain_all(now=NOW)
    assert set(stands(drawn).values()) == {"compare"}
    assert qualify(day=TODAY, now=NOW).moved == 0


def test_the_command_places_leads_and_says_so(lead: Lead, drawn: JourneyMap, capsys: Any) -> None:
    Lead.objects.filter(pk=lead.pk).update(title_folded="boss")
    call_command("place_leads", "--as-of", "2026-11-24")
    assert stands(drawn) == {lead.pk: "decide"}
    said = f"{drawn.name}: 0 leads came onto the map, 1 went on, 0 went back, 0 left it"
    assert capsys.readouterr().out.strip() == said
    call_command("place_leads", drawn.name, "--json", "--as-of", "2026-11-24")
    assert '"forward": 0' in capsys.readouterr().out


def test_erasing_a_person_takes_stages_and_steps_along(lead: Lead, drawn: JourneyMap) -> None:
    from leadqual.leads import persons

    with transaction.atomic():
        assert persons.export_all(lead.pk)["journeys.StageMove"][0]["to_stage__name"] == "Know"
        persons.erase_all(lead.pk, now=NOW)
    assert (StagePlacement.objects.count(), StageMove.objects.count()) == (0, 0)
