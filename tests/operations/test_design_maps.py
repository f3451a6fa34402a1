"""Journey maps in the design file: what is in force is what the file says, version by version."""

from typing import Any

import pytest

from journeys.drawing import draft_from
from journeys.models import Content, JourneyMap, MapState, Stage, Touchpoint
from journeys.placement import place
from leadqual.operations.design.dumping import dump
from leadqual.operations.design.reading import read
from segments.membership import refresh
from tests.journeys.factories import log, stands
from tests.leads.factories import a_lead
from tests.operations.factories import NOW, TODAY
from tests.operations.test_design_file import example, load_text, load_values, problems

pytestmark = pytest.mark.django_db
NAME = "Manufacturers"


def the_map() -> JourneyMap:
    found: JourneyMap = JourneyMap.objects.get(name=NAME, state=MapState.LIVE)
    return found


def changed(values: dict[str, Any]) -> str:
    loaded = load_values(values)
    return loaded.sections["journey_maps"][NAME].value


def test_the_example_is_drawn_and_goes_live() -> None:
    load_values(example())
    drawn = the_map()
    assert (drawn.version, drawn.segment.name) == (1, "Manufacturers")
    assert list(drawn.stages.values_list("key", "name")) == [
        ("know", "Knows us"), ("compare", "Compares"), ("decide", "Decides"),
    ]  # fmt: skip
    fair = Touchpoint.objects.get(action="Sees us at a fair")
    assert (fair.feeling_level, fair.channel, [kind.key for kind in fair.activity_types.all()]) == (
        -1, "Fair", ["seminar"],
    )  # fmt: skip
    guide = Touchpoint.objects.get(action="Reads the cost guide")
    assert [content.title for content in guide.contents.all()] == ["Cost guide"]
    assert str(Content.objects.get().expires_on) == "2027-09-30"


def test_the_same_file_twice_makes_no_second_version() -> None:
    load_values(example())
    assert changed(example()) == "unchanged"
    assert JourneyMap.objects.count() == 1
    assert not load_text(dump()).changed


def test_a_difference_goes_live_as_the_next_version_and_leads_keep_their_stage() -> None:
    values = example()
    load_values(values)
    # Everybody is in the segment of this test.
    values["segments"]["Manufacturers"]["condition"] = {"all": []}
    values["journey_maps"][NAME]["stages"]["compare"]["entry"] = {
        "field": "title",
        "op": "is",
        "value": "boss",
    }
    assert changed(values) == "updated"
    lead = a_lead(now=NOW, title="boss")
    refresh(day=TODAY, now=NOW)
    place(day=TODAY, now=NOW)
    values["journey_maps"][NAME]["stages"]["know"]["goal"] = "Another goal"
    assert changed(values) == "updated"
    place(day=TODAY, now=NOW)
    assert (the_map().version, stands(the_map())) == (3, {lead.pk: "compare"})
    assert len(log(lead)) == 1
    assert [each.state for each in JourneyMap.objects.order_by("version")] == ["retired", "retired", "live"]


def test_a_stage_is_added_moved_and_taken_away() -> None:
    values = example()
    load_values(values)
    stages = values["journey_maps"][NAME]["stages"]
    values["journey_maps"][NAME]["stages"] = {
        "know": stages["know"],
        "decide": stages["decide"],
        "use": {"entry": {"field": "status", "op": "is", "value": "customer"}},
    }
    load_values(values)
    assert list(the_map().stages.values_list("key", "name")) == [
        ("know", "Knows us"), ("decide", "Decides"), ("use", "use"),
    ]  # fmt: skip


def test_a_draft_of_the_file_changes_nothing_in_force() -> None:
    values = example()
    values["journey_maps"][NAME] |= {"state": "draft", "persona": "Somebody"}
    load_values(values)
    assert [each.state for each in JourneyMap.objects.all()] == ["draft"]
    assert not load_text(dump()).changed
    values["journey_maps"][NAME]["state"] = "live"
    load_values(values)
    values["journey_maps"][NAME] |= {"state": "draft", "persona": "Somebody else"}
    assert changed(values) == "updated"
    assert (the_map().persona, JourneyMap.objects.drafts().get().persona) == ("Somebody", "Somebody else")
    assert changed(values) == "unchanged"


def test_a_draft_that_somebody_draws_is_left_alone_while_the_file_says_what_is_in_force() -> None:
    load_values(example())
    draft = draft_from(the_map(), now=NOW)
    Stage.objects.filter(map=draft, key="know").update(goal="Half written")
    assert changed(example()) == "unchanged"
    assert JourneyMap.objects.drafts().get() == draft
    assert "Half written" not in dump()


def test_retiring_and_pruning() -> None:
    values = example()
    load_values(values)
    values["journey_maps"][NAME]["state"] = "retired"
    assert changed(values) == "updated"
    assert not JourneyMap.objects.live().exists()
    assert changed(values) == "unchanged"
    load_values(example())
    values = example()
    values["journey_maps"], values["contents"] = {}, {}
    loaded = load_values(values, prune=True)
    assert loaded.sections["journey_maps"][NAME].value == "removed"
    assert not JourneyMap.objects.current().exists()
    # Versions of the past still hand it out.
    assert Content.objects.exists()


def test_every_fault_of_a_map_is_told_at_its_place() -> None:
    values = example()
    drawn = values["journey_maps"][NAME]
    drawn["segment"] = "Nobody"
    know, compare = drawn["stages"]["know"], drawn["stages"]["compare"]
    know["touchpoints"]["Sees us at a fair"] |= {"feeling_level": 3, "activity_types": ["none"]}
    compare["touchpoints"]["Reads the cost guide"]["contents"] = ["Cost guide", "Lost"]
    compare["entry"] = {"all": [{"field": "stage", "map": NAME, "op": "is", "value": "know"}]}
    drawn["stages"]["decide"]["colour"] = "red"
    found = [each for each in problems(values) if each.startswith("journey_maps")]
    place = f"journey_maps.{NAME}."
    assert sorted(found) == sorted([
        f"{place}segment: there is no segment “Nobody”",
        f"{place}stages.know.touchpoints.Sees us at a fair.feeling_level: this must be a whole number from -2 to 2",
        f"{place}stages.know.touchpoints.Sees us at a fair.activity_types[0]: there is no activity type “none”",
        f"{place}stages.compare.touchpoints.Reads the cost guide.contents[1]: there is no content “Lost”",
        f"{place}stages.compare.entry.all[0].field: what decides the stage cannot ask for a stage",
        f"{place}stages.decide.colour: there is no such key; known are: name, goal, entry, touchpoints",
    ])  # fmt: skip
    assert not JourneyMap.objects.exists()


def test_what_keeps_a_map_from_going_live_is_told_and_nothing_is_changed() -> None:
    values = example()
    stages = values["journey_maps"][NAME]["stages"]
    stages["know"]["entry"], stages["compare"]["entry"] = {"all": []}, None
    assert [each for each in problems(values) if each.startswith("journey_maps")] == [
        f"journey_maps.{NAME}.stages.know.entry: the first stage takes everybody of the segment",
        f"journey_maps.{NAME}.stages.compare.entry: it is not said who has reached this stage",
    ]
    assert not JourneyMap.objects.exists() and not Content.objects.exists()


def test_a_segment_may_ask_for_a_stage_of_a_map_that_comes_later_in_the_file() -> None:
    values = example()
    values["segments"]["Comparing makers"] = {
        "condition": {"field": "stage", "map": NAME, "op": "is", "value": "compare"}
    }
    load_values(values)
    text = dump()
    assert read(text.encode()).value["segments"]["Comparing makers"] == values["segments"]["Comparing makers"]
    assert not load_text(text).changed
