"""Maps are drawn in the admin: faults are told at the field, and what went live is only shown."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from journeys.drawing import draft_from, draw_part
from journeys.models import Act, Content, JourneyMap, MapChange, MapState, Stage, Touchpoint
from leadqual.common.access import Role, give_role
from tests.journeys.factories import MANAGERS, a_map, a_touchpoint
from tests.segments.factories import NOW, a_segment, a_type, field

pytestmark = pytest.mark.django_db
NO_STAGES = {"stages-TOTAL_FORMS": "0", "stages-INITIAL_FORMS": "0"}


@pytest.fixture
def browser() -> Client:
    user = User.objects.create_user("mori")
    give_role(user, Role.MARKETER)
    client = Client()
    client.force_login(user, "leadqual.common.signing_in.Backend")
    return client


def filled(page: Any) -> dict[str, Any]:
    """What the form of the page would send if nobody changed anything."""
    sent: dict[str, Any] = {}
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False:
                sent[bound.html_name] = value
    return sent


def errors(page: Any) -> str:
    assert page.status_code == 200
    told = page.context["errors"]
    return " ".join(str(error) for error in told)


def test_a_map_is_drawn_with_its_stages(browser: Client) -> None:
    segment = a_segment({"all": []})
    answer = browser.post("/admin/journeys/journeymap/add/", {
        "name": "Makers", "segment": segment.pk, "persona": "Buyer",
        "stages-TOTAL_FORMS": "2", "stages-INITIAL_FORMS": "0",
        "stages-0-order": "1", "stages-0-name": "Know", "stages-0-key": "Know", "stages-0-entry": "",
        "stages-1-order": "2", "stages-1-name": "Compare", "stages-1-key": "比較",
        "stages-1-entry": '{"field": "title", "op": "is", "value": "manager"}',
    })  # fmt: skip
    assert answer.status_code == 302
    drawn = JourneyMap.objects.get()
    assert (drawn.name, drawn.version, drawn.state, drawn.by) == (
        "Makers", 1, MapState.DRAFT, User.objects.get(),
    )  # fmt: skip
    stages = list(drawn.stages.values_list("order", "key", "entry"))
    assert stages == [(1, "know", None), (2, "比較", MANAGERS)]
    assert list(MapChange.objects.order_by("pk").values_list("act", "what")) == [
        (Act.CREATED, ""), (Act.CREATED, "Know"), (Act.CREATED, "Compare"),
    ]  # fmt: skip


def test_faults_are_told_at_the_field_and_nothing_is_saved(browser: Client) -> None:
    drawn = a_map()
    asking = a_segment(field("stage", "is", "know", map=drawn.name))
    answer = browser.post(
        "/admin/journeys/journeymap/add/", {"name": "Mine", "segment": asking.pk, **NO_STAGES}
    )
    assert "asks for a stage" in errors(answer)
    draft = draft_from(drawn, now=NOW)
    stage = draft.stages.get(key="compare")
    address = f"/admin/journeys/stage/{stage.pk}/change/"
    sent = filled(browser.get(address))
    for entry, told in (
        (
            json.dumps(field("stage", "is", "know", map=drawn.name)),
            "field: what decides the stage",
        ),
        ('{"field": "nothing", "op": "is", "value": 1}', "field: there is no field"),
        ("{", "JSON"),
    ):
        assert told in errors(browser.post(address, sent | {"entry": entry}))
    again = {"name": drawn.name, "segment": drawn.segment_id, **NO_STAGES}
    assert "draft of this name" in errors(browser.post("/admin/journeys/journeymap/add/", again))
    stage.refresh_from_db()
    assert stage.entry == MANAGERS


def test_touchpoints_are_drawn_bound_and_taken_away_in_their_stage(browser: Client) -> None:
    visit, paper = a_type("visit"), Content.objects.create(title="Paper")
    draft = a_map(live=False)
    stage = draft.stages.get(key="know")
    gone = a_touchpoint(stage, "Old")
    address = f"/admin/journeys/stage/{stage.pk}/change/"
    sent = filled(browser.get(address)) | {
        "touchpoints-TOTAL_FORMS": "2", "touchpoints-0-DELETE": "on",
        "touchpoints-1-position": "1", "touchpoints-1-action": "Sees us", "touchpoints-1-feeling_level": "-2",
        "touchpoints-1-types": [visit.pk], "touchpoints-1-given": [paper.pk],
    }  # fmt: skip
    assert browser.post(address, sent).status_code == 302
    drawn = Touchpoint.objects.get()
    assert drawn.pk != gone.pk and (drawn.action, drawn.feeling_level) == ("Sees us", -2)
    assert (list(drawn.activity_types.all()), list(drawn.contents.all())) == ([visit], [paper])
    page = browser.get(address)
    assert visit.pk in filled(page)["touchpoints-0-types"]


def test_stages_change_places_in_one_save(browser: Client) -> None:
    draft = a_map(live=False)
    address = f"/admin/journeys/journeymap/{draft.pk}/change/"
    sent = filled(browser.get(address))
    assert (sent["stages-0-key"], sent["stages-1-key"]) == ("know", "compare")
    answer = browser.post(address, sent | {"stages-0-order": "2", "stages-1-order": "1"})
    assert answer.status_code == 302
    assert list(Stage.objects.filter(map=draft).values_list("key", flat=True)) == ["compare", "know"]


def test_what_went_live_is_shown_and_not_changed(browser: Client) -> None:
    drawn = a_map()
    address = f"/admin/journeys/journeymap/{drawn.pk}/change/"
    assert browser.get(address).status_code == 200
    assert browser.post(address, {"name": "Other", **NO_STAGES}).status_code == 403
    assert browser.post(f"/admin/journeys/journeymap/{drawn.pk}/delete/", {"post": "yes"}).status_code == 403
    stage = drawn.stages.get(key="know")
    assert browser.post(f"/admin/journeys/stage/{stage.pk}/change/", {"name": "Other"}).status_code == 403


def test_maps_go_live_and_are_retired_from_the_list(browser: Client) -> None:
    draft = a_map(live=False)
    broken = a_map(entries={"know": None, "compare": None}, live=False)
    chosen = {"action": "bring_live", "_selected_action": [draft.pk, broken.pk]}
    page = browser.post("/admin/journeys/journeymap/", chosen, follow=True)
    told = [str(message) for message in page.context["messages"]]
    assert len(told) == 2 and any("is live" in each for each in told)
    states = dict(JourneyMap.objects.values_list("pk", "state"))
    assert states == {draft.pk: MapState.LIVE, broken.pk: MapState.DRAFT}
    chosen = {"action": "take_off", "_selected_action": [draft.pk]}
    browser.post("/admin/journeys/journeymap/", chosen, follow=True)
    draft.refresh_from_db()
    assert draft.state == MapState.RETIRED


def test_a_content_in_use_is_not_deleted(browser: Client) -> None:
    paper = Content.objects.create(title="Paper")
    a_touchpoint(a_map(live=False).stages.get(key="know"), contents=(paper,))
    browser.post(f"/admin/journeys/content/{paper.pk}/delete/", {"post": "yes"})
    assert Content.objects.filter(pk=paper.pk).exists()


@pytest.mark.parametrize(
    "path", ["journeymap/", "stage/", "content/", "journeymap/?q=x", "stage/?q=x", "content/?q=x"]
)
def test_lists_open_and_can_be_searched(browser: Client, path: str) -> None:
    a_map()
    Content.objects.create(title="Paper")
    assert browser.get(f"/admin/journeys/{path}").status_code == 200


def test_a_stage_with_many_touchpoints_opens_in_as_many_queries_as_one_with_few(browser: Client) -> None:
    draft = a_map(live=False)
    visit, paper = a_type("visit"), Content.objects.create(title="Paper")
    few, many = draft.stages.get(key="know"), draft.stages.get(key="compare")
    for stage, number in ((few, 2), (many, 12)):
        for _n in range(number):
            a_touchpoint(stage, types=(visit,), contents=(paper,))

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(f"/admin/journeys/{path}/").status_code == 200
        return len(captured)

    browser.get(f"/admin/journeys/stage/{few.pk}/change/")
    costs = {stage: queries(f"stage/{stage.pk}/change") for stage in (few, many)}
    assert costs[few] == costs[many] <= 30
    lists = ("journeymap", "stage", "content", f"journeymap/{draft.pk}/change")
    for path in lists:
        browser.get(f"/admin/journeys/{path}/")
    before = {path: queries(path) for path in lists}
    for _n in range(8):
        a_map(live=False)
        Content.objects.create(title=f"Paper {_n}")
        draw_part(Stage(map=draft, order=3 + _n, key=f"k{_n}", name="x", entry=MANAGERS), now=NOW)
    assert {path: queries(path) for path in lists} == before
    assert max(before.values()) <= 30
