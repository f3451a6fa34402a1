"""What a map lacks is said where it lacks it, and nothing is said where nothing is missing."""

from datetime import date, timedelta
from typing import Any

import pytest

from journeys.counts import stage_counts
from journeys.gaps import gaps, segments_without_map
from journeys.going_live import retire
from journeys.models import Content, JourneyMap
from journeys.picture import pictures
from journeys.placement import place
from segments.models import Segment, SegmentState
from tests.journeys.factories import a_map, a_touchpoint, members_now
from tests.segments.factories import DAY, NOW, a_lead, a_segment

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def found(each: JourneyMap, on: date = TODAY, counted: bool = False) -> set[tuple[str, Any, Any]]:
    """Kind, key of the stage, action of the touchpoint."""
    (drawn,) = pictures([each])
    stages = {stage.pk: stage.key for stage in drawn.stages}
    actions = {spot.touchpoint.pk: spot.touchpoint.action for spot in drawn.all_spots()}
    told = gaps(drawn, stage_counts(each) if counted else None, on=on)
    return {(gap.kind.value, stages.get(gap.stage or 0), actions.get(gap.touchpoint or 0)) for gap in told}


def test_every_gap_is_named_at_its_place() -> None:
    draft = a_map(live=False)
    know, _compare = draft.stages.all()
    a_touchpoint(know, "Asks", question="How dear is it?")
    assert found(draft) == {
        ("no_content", "know", None), ("no_answer", "know", "Asks"), ("no_touchpoint", "compare", None),
    }  # fmt: skip


def test_a_question_is_answered_by_a_strength_or_by_a_content() -> None:
    paper = Content.objects.create(title="Paper")
    draft = a_map(live=False)
    know, compare = draft.stages.all()
    a_touchpoint(know, question="Why?", strength="Because.")
    a_touchpoint(know, contents=(paper,))
    a_touchpoint(compare, question="How?", contents=(paper,))
    assert found(draft) == set()


def test_a_content_is_good_on_its_last_day_and_expired_on_the_next() -> None:
    paper = Content.objects.create(title="Paper", expires_on=TODAY)
    draft = a_map(live=False)
    know, compare = draft.stages.all()
    for stage in (know, compare):
        a_touchpoint(stage, f"At {stage.key}", contents=(paper,))
    assert found(draft) == set()
    assert found(draft, TODAY + timedelta(days=1)) == {
        ("expired", "know", "At know"), ("expired", "compare", "At compare"),
    }  # fmt: skip


def test_a_stage_nobody_enters_is_told_once_leads_were_placed() -> None:
    a_lead()
    live = a_map()
    nobody = ("nobody", "compare", None)
    assert nobody not in found(live, counted=True)
    members_now()
    place(day=DAY, now=NOW)
    live.refresh_from_db()
    assert nobody in found(live, counted=True)
    assert ("nobody", "know", None) not in found(live, counted=True)


def test_segments_without_a_live_map_are_listed_and_a_map_of_a_sleeping_segment_says_so() -> None:
    mapped, drafted = a_segment({"all": []}, "Mapped"), a_segment({"all": []}, "Drafted")
    a_segment({"all": []}, "Archived", state="archived")
    live = a_map(mapped)
    a_map(drafted, live=False)
    assert [segment.name for segment in segments_without_map()] == ["Drafted"]
    retire(live, now=NOW)
    assert [segment.name for segment in segments_without_map()] == ["Drafted", "Mapped"]
    Segment.objects.filter(pk=mapped.pk).update(state=SegmentState.ARCHIVED)
    assert ("segment", None, None) in found(JourneyMap.objects.get(pk=live.pk))


def test_a_picture_holds_everything_once_in_two_queries(django_assert_num_queries: Any) -> None:
    from tests.segments.factories import a_type

    draft = a_map(live=False)
    papers = tuple(Content.objects.create(title=title) for title in "BA")
    know = draft.stages.get(key="know")
    a_touchpoint(know, "Second", position=2)
    a_touchpoint(know, "First", (a_type("visit"), a_type("talk")), papers, position=1, feeling_level=-2)
    with django_assert_num_queries(2):
        (drawn,) = pictures([draft])
    first, second = drawn.all_spots()
    assert (first.touchpoint.action, second.touchpoint.action) == ("First", "Second")
    assert [content.title for content in first.contents] == ["A", "B"]
    assert [kind.key for kind in first.types] == ["talk", "visit"]
    assert (first.touchpoint.feeling_level, second.contents, second.types) == (-2, [], [])
