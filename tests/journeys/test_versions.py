"""Only drafts are drawn on; what went live stays as it was, and its leads go over to the next version."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from journeys import placement
from journeys.drawing import bind, draft_from, draw, draw_part, erase_part
from journeys.going_live import go_live, problems, retire
from journeys.models import (
    Act,
    Content,
    JourneyMap,
    MapChange,
    MapState,
    Stage,
    StageMove,
    StagePlacement,
    Touchpoint,
)
from leadqual.common.errors import LeadqualError
from leadqual.leads.models import Lead
from segments.conditions import holds, load_facts, parse, to_q
from segments.models import Segment
from tests.journeys.factories import MANAGERS, a_map, a_touchpoint, log, members_now, stands
from tests.segments.factories import DAY, NOW, a_lead, a_segment, a_type, field

pytestmark = pytest.mark.django_db
THREE = {"know": None, "compare": MANAGERS, "decide": field("department", "is", "it")}


def place(day: int = DAY) -> None:
    members_now(day)
    placement.place(day=day, now=NOW)


def refused(code: str, work: Any) -> LeadqualError:
    with pytest.raises(LeadqualError) as caught:
        work()
    assert caught.value.code == code
    return caught.value


def test_one_map_is_live_per_segment() -> None:
    segment = a_segment({"all": []})
    first = a_map(segment, name="First")
    second = a_map(segment, name="Second", live=False)
    error = refused("segment_has_map", lambda: go_live(second, now=NOW))
    assert "First" in error.message and error.place == "Second 1, segment"
    retire(first, now=NOW)
    assert go_live(second, now=NOW).state == MapState.LIVE
    with pytest.raises(DatabaseError), transaction.atomic():
        JourneyMap.objects.create(name="Third", segment=segment, state=MapState.LIVE)


def test_a_draft_copies_everything_and_replaces_the_live_version() -> None:
    drawn = a_map(live=False, persona="Plant manager, 45", may_regress=True)
    paper, visit = Content.objects.create(title="Paper"), a_type("visit")
    stage = drawn.stages.get(key="compare")
    a_touchpoint(
        stage, "Visits us", (visit,), (paper,), question="How dear?", feeling_level=-1, owner="Sales"
    )
    go_live(drawn, now=NOW)
    draft = draft_from(drawn, now=NOW)
    assert (draft.version, draft.state, draft.based_on, draft.persona) == (2, "draft", drawn, drawn.persona)
    assert draft.may_regress
    copied = Touchpoint.objects.get(stage__map=draft)
    assert (copied.action, copied.question, copied.feeling_level) == ("Visits us", "How dear?", -1)
    assert (list(copied.contents.all()), list(copied.activity_types.all())) == ([paper], [visit])
    assert copied.stage.entry == MANAGERS
    assert draft_from(drawn, now=NOW) == draft
    go_live(draft, now=NOW)
    assert list(JourneyMap.objects.order_by("version").values_list("state", flat=True)) == ["retired", "live"]


@pytest.mark.parametrize("table", ["map", "stage", "touchpoint", "binding"])
def test_the_database_refuses_changes_of_what_went_live(table: str) -> None:
    drawn = a_map(live=False)
    stage = drawn.stages.get(key="compare")
    touchpoint = a_touchpoint(stage, types=(a_type("visit"),))
    go_live(drawn, now=NOW)
    attempts = {
        "map": lambda: JourneyMap.objects.filter(pk=drawn.pk).update(persona="Somebody else"),
        "stage": lambda: Stage.objects.filter(pk=stage.pk).update(goal="x"),
        "touchpoint": lambda: Touchpoint.objects.create(stage=stage, action="x"),
        "binding": lambda: touchpoint.activity_types.add(a_type("other")),
    }
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        attempts[table]()
    if connection.vendor == "postgresql":
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            Touchpoint.objects.filter(pk=touchpoint.pk).delete()


def test_drawing_on_what_went_live_is_refused_in_words() -> None:
    drawn = a_map()
    stage = drawn.stages.get(key="compare")
    for work in (
        lambda: draw(drawn, now=NOW),
        lambda: draw_part(stage, now=NOW),
        lambda: draw_part(Touchpoint(stage=stage, action="x"), now=NOW),
        lambda: erase_part(stage, now=NOW),
    ):
        assert refused("not_a_draft", work).place == str(drawn)
    refused("not_a_draft", lambda: go_live(drawn, now=NOW))
    refused("not_live", lambda: retire(retire(drawn, now=NOW), now=NOW))


def test_every_save_leaves_one_line_of_who_changed_what() -> None:
    user = get_user_model().objects.create(username="mori")
    drawn = a_map(live=False)
    stage = drawn.stages.get(key="compare")
    MapChange.objects.all().delete()
    drawn.persona = "Buyer"
    draw(drawn, now=NOW, by=user)
    draw(drawn, now=NOW, by=user)
    stage.name, stage.goal = "Comparing", "Three offers"
    draw_part(stage, now=NOW, by=user)
    touchpoint = a_touchpoint(stage, "Asks")
    bind(touchpoint, [a_type("visit")], [], now=NOW + timedelta(minutes=1), by=user)
    erase_part(touchpoint, now=NOW, by=user)
    go_live(drawn, now=NOW, by=user)
    lines = MapChange.objects.order_by("pk").values_list("act", "what", "fields", "by__username")
    assert list(lines) == [
        (Act.CHANGED, "", ["persona"], "mori"),
        (Act.CHANGED, "Comparing", ["goal", "name"], "mori"),
        (Act.CREATED, "Asks", [], None),
        (Act.CHANGED, "Asks", ["activity_types"], "mori"),
        (Act.REMOVED, "Asks", [], "mori"),
        (Act.LIVE, "", [], "mori"),
    ]


def test_leads_keep_stage_and_day_in_the_next_version() -> None:
    lead = a_lead(title_folded="manager")
    drawn = a_map(entries=THREE)
    place()
    draft = draft_from(drawn, now=NOW)
    draft.stages.get(key="know").delete()
    for order, stage in enumerate(draft.stages.order_by("order"), start=2):
        stage.order = order
        draw_part(stage, now=NOW)
    draw_part(Stage(map=draft, order=1, key="hear", name="Hear of us"), now=NOW)
    live = go_live(draft, now=NOW)
    # Conditions still find the stage until the leads have gone over.
    assert stages_asked(lead, live.name) == "compare"
    place(DAY + 4)
    assert stands(live) == {lead.pk: "compare"}
    assert stages_asked(lead, live.name) == "compare"
    assert StagePlacement.objects.get().since_day == DAY
    assert len(log(lead)) == 1


def test_who_stood_in_a_stage_that_is_gone_is_placed_anew() -> None:
    lead, other = a_lead(title_folded="manager"), a_lead()
    drawn = a_map(entries=THREE)
    place()
    draft = draft_from(drawn, now=NOW)
    erase_part(draft.stages.get(key="compare"), now=NOW)
    live = go_live(draft, now=NOW)
    place(DAY + 4)
    assert stands(live) == {lead.pk: "know", other.pk: "know"}
    assert log(lead)[1:] == [
        ("compare", None, 4, DAY + 4, "version"),
        (None, "know", None, DAY + 4, "refresh"),
    ]
    assert len(log(other)) == 1


def test_touched_leads_go_over_first_and_do_not_fall_back() -> None:
    lead, other = a_lead(title_folded="manager"), a_lead()
    drawn = a_map()
    place()
    live = go_live(draft_from(drawn, now=NOW), now=NOW)
    Lead.objects.filter(pk=lead.pk).update(title_folded="")
    with transaction.atomic():
        placement.reread([lead.pk], day=DAY + 1, now=NOW)
    assert (stands(live), stands(drawn)) == ({lead.pk: "compare"}, {other.pk: "know"})
    place(DAY + 1)
    assert (stands(live), stands(drawn)) == ({lead.pk: "compare", other.pk: "know"}, {})
    assert StageMove.objects.count() == 2


def test_a_version_that_goes_live_during_a_pass_is_left_to_the_next_pass() -> None:
    a_lead(), a_lead()
    drawn = a_map()
    place()
    draft = draft_from(drawn, now=NOW)
    live = go_live(draft, now=NOW)
    assert placement.place([drawn], day=DAY + 1, now=NOW)[0].moves.entered == 0
    assert len(stands(drawn)) == 2
    place(DAY + 1)
    assert (len(stands(live)), stands(drawn)) == (2, {})


def test_a_retired_map_holds_nobody_and_conditions_find_no_stage() -> None:
    lead = a_lead(title_folded="manager")
    drawn = a_map()
    place()
    retire(drawn, now=NOW)
    assert stages_asked(lead, drawn.name) is None
    place(DAY + 2)
    assert stands(drawn) == {}
    assert log(lead)[-1] == ("compare", None, 2, DAY + 2, "version")


def stages_asked(lead: Lead, name: str) -> str | None:
    """By both readers of the condition `stage`."""
    answers = []
    for key in ("know", "compare", "decide", "hear"):
        condition = parse({"field": "stage", "map": name, "op": "is", "value": key})
        in_sql = Lead.objects.filter(to_q(condition, day=DAY), pk=lead.pk).exists()
        facts = load_facts([lead.pk], day=DAY, conditions=[condition])
        assert holds(condition, facts[lead.pk], day=DAY) is in_sql
        answers += [key] if in_sql else []
    empty = parse({"field": "stage", "map": name, "op": "is_empty"})
    assert Lead.objects.filter(to_q(empty, day=DAY), pk=lead.pk).exists() is not bool(answers)
    return answers[0] if answers else None


def test_a_segment_may_ask_for_a_stage() -> None:
    lead, _other = a_lead(title_folded="manager"), a_lead()
    drawn = a_map()
    comparing = a_segment(field("stage", "is_one_of", ["Compare"], map=drawn.name))
    place()
    members_now()
    assert set(comparing.memberships.values_list("lead_id", flat=True)) == {lead.pk}


# --- What cannot be ---------------------------------------------------------------------------------


def stage_of(name: str) -> dict[str, Any]:
    return field("stage", "is", "know", map=name)


def test_an_entry_condition_that_asks_for_a_stage_is_refused_at_its_place() -> None:
    other = a_map(name="Other")
    draft = a_map(live=False, name="Mine")
    stage = draft.stages.get(key="compare")
    stage.entry = {"all": [MANAGERS, {"not": stage_of(other.name)}]}
    assert refused("asks_stage", lambda: draw_part(stage, now=NOW)).place == "entry.all[1].not.field"
    stage.refresh_from_db()
    assert stage.entry == MANAGERS


def test_nor_may_it_through_segments() -> None:
    drawn = a_map()
    inner = a_segment(stage_of(drawn.name))
    outer = a_segment({"any": [MANAGERS, {"segment": inner.pk}]})
    draft = draft_from(drawn, now=NOW)
    stage = draft.stages.get(key="compare")
    stage.entry = {"any": [{"segment": outer.pk}, MANAGERS]}
    assert refused("asks_stage", lambda: draw_part(stage, now=NOW)).place == "entry.any[0].segment"


def test_nor_may_the_segment_of_a_map() -> None:
    drawn = a_map()
    asking = a_segment(stage_of(drawn.name))
    assert refused("asks_stage", lambda: a_map(asking)).place == "segment"


@pytest.mark.parametrize("how", ["own", "entry", "deep"])
def test_a_segment_on_which_stages_depend_cannot_begin_to_ask_for_one(how: str) -> None:
    segment = a_segment({"all": []}, "Used")
    deep = a_segment({"segment": segment.pk})
    entry = {"own": MANAGERS, "entry": {"segment": segment.pk}, "deep": {"segment": deep.pk}}[how]
    own = segment if how == "own" else None
    drawn = a_map(own, {"know": None, "compare": entry}, live=how == "own", name="Mine")
    error = refused("asked_by_map", lambda: a_segment({"not": stage_of(drawn.name)}, "Used"))
    assert ("Mine" in error.message, error.place) == (True, "condition.not.field")
    assert Segment.objects.get(name="Used").condition == {"all": []}
    retire(drawn, now=NOW) if how == "own" else drawn.delete()
    a_segment(stage_of("Mine"), "Used")


def test_a_map_that_says_too_little_does_not_go_live() -> None:
    segment = a_segment({"all": []}, "Sleeping", state="draft")
    draft = a_map(segment, {"know": MANAGERS, "compare": None}, live=False)
    found = {(problem.code, problem.place) for problem in problems(draft)}
    assert found == {
        ("segment_not_live", "segment"),
        ("first_stage", "stages.know.entry"),
        ("empty", "stages.compare.entry"),
    }
    assert re.search("stages.know.entry.*stages.compare.entry", refused(
        "map_incomplete", lambda: go_live(draft, now=NOW)).message)  # fmt: skip
    alone = a_map(entries={"know": None}, live=False)
    assert [problem.code for problem in problems(alone)] == ["number_of_stages"]


def test_a_faulty_condition_a_key_that_is_there_and_a_level_that_is_none_are_refused() -> None:
    draft = a_map(live=False)
    bad = Stage(map=draft, order=3, key="buy", name="Buy", entry=field("title", "at_least", 3))
    assert refused("bad_operator", lambda: draw_part(bad, now=NOW)).place == "entry.op"
    for twice in (
        Stage(map=draft, order=3, key="KNOW", name="Again", entry=MANAGERS),
        Touchpoint(stage=draft.stages.get(key="know"), action="x", feeling_level=3),
        Touchpoint(stage=draft.stages.get(key="know"), action=""),
    ):
        with pytest.raises(ValidationError):
            draw_part(twice, now=NOW)
