"""A member of the segment stands in the furthest stage whose condition holds; every move is logged and told once."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from journeys import placement
from journeys.models import JourneyMap, Stage, StageMove, StagePlacement
from journeys.signals import stage_changed
from leadqual.common.errors import LeadqualError
from leadqual.leads.models import Lead
from segments import membership, ranges
from tests.journeys.factories import MANAGERS, a_map, log, members_now, stands
from tests.segments.factories import DAY, NOW, a_lead, a_segment, a_signature, a_type, an_act, field

pytestmark = pytest.mark.django_db
HOT = {"all": [MANAGERS, field("department", "is", "it")]}
THREE = {"know": None, "compare": MANAGERS, "decide": field("department", "is", "it")}


@pytest.fixture
def told() -> Iterator[list[tuple[int, dict[Any, set[int]]]]]:
    said: list[tuple[int, dict[Any, set[int]]]] = []

    def listen(map: int, moved: dict[Any, set[int]], **_: Any) -> None:
        said.append((map, moved))

    stage_changed.connect(listen)
    yield said
    stage_changed.disconnect(listen)


def place(*maps: JourneyMap, day: int = DAY) -> dict[str, tuple[int, int, int, int]]:
    """Map -> entered, went on, went back, left."""
    members_now(day)
    placed = placement.place(maps or None, day=day, now=NOW)
    return {e.name: (e.moves.entered, e.moves.forward, e.moves.back, e.moves.left) for e in placed}


def become(lead: Lead, **columns: Any) -> None:
    Lead.objects.filter(pk=lead.pk).update(**columns)


def test_each_member_stands_in_the_furthest_stage_whose_condition_holds() -> None:
    nobody, manager, skipping = a_lead(), a_lead(title_folded="manager"), a_lead(department_folded="it")
    drawn = a_map(entries=THREE)
    assert place() == {drawn.name: (3, 0, 0, 0)}
    # The third stage is reached without the second: it is the furthest that counts.
    assert stands(drawn) == {nobody.pk: "know", manager.pk: "compare", skipping.pk: "decide"}
    drawn.refresh_from_db()
    assert (drawn.placed_day, drawn.placed_at) == (DAY, NOW)


def test_only_members_of_the_segment_are_on_the_map() -> None:
    member, _other = a_lead(department_folded="it"), a_lead(title_folded="manager")
    drawn = a_map(a_segment(field("department", "is", "it")))
    place()
    assert stands(drawn) == {member.pk: "know"}


def test_a_step_forward_is_logged_and_told_once_with_the_days_it_took(told: list[Any]) -> None:
    lead, other = a_lead(), a_lead()
    drawn = a_map()
    place()
    know, compare = drawn.stages.values_list("pk", flat=True)
    become(lead, title_folded="manager")
    assert place(day=DAY + 9) == {drawn.name: (0, 1, 0, 0)}
    assert log(lead) == [(None, "know", None, DAY, "refresh"), ("know", "compare", 9, DAY + 9, "refresh")]
    assert log(other) == [(None, "know", None, DAY, "refresh")]
    assert told == [
        (drawn.pk, {(None, know): {lead.pk, other.pk}}),
        (drawn.pk, {(know, compare): {lead.pk}}),
    ]
    assert StagePlacement.objects.get(lead=lead).since_day == DAY + 9
    assert StagePlacement.objects.get(lead=other).since_day == DAY


def test_a_second_pass_writes_logs_and_tells_nothing(told: list[Any]) -> None:
    lead = a_lead(title_folded="manager")
    drawn = a_map()
    place()
    before, told[:] = log(lead), []
    assert place(day=DAY + 1) == {drawn.name: (0, 0, 0, 0)}
    assert (log(lead), told) == (before, [])


def test_nobody_goes_back_on_a_map_that_does_not_let_them(told: list[Any]) -> None:
    lead = a_lead(title_folded="manager")
    drawn = a_map()
    place()
    become(lead, title_folded="")
    assert place(day=DAY + 1) == {drawn.name: (0, 0, 0, 0)}
    assert stands(drawn) == {lead.pk: "compare"}
    assert len(log(lead)) == 1


def test_a_lead_goes_back_on_a_map_that_lets_it() -> None:
    lead = a_lead(title_folded="manager", department_folded="it")
    drawn = a_map(entries=THREE, may_regress=True)
    place()
    become(lead, department_folded="")
    assert place(day=DAY + 2) == {drawn.name: (0, 0, 1, 0)}
    assert stands(drawn) == {lead.pk: "compare"}
    assert log(lead)[-1] == ("decide", "compare", 2, DAY + 2, "refresh")


def test_who_leaves_the_segment_leaves_the_map_and_begins_anew_when_it_returns() -> None:
    lead = a_lead(title_folded="manager", department_folded="it")
    drawn = a_map(a_segment(field("department", "is", "it")))
    place()
    become(lead, department_folded="", title_folded="")
    assert place(day=DAY + 1) == {drawn.name: (0, 0, 0, 1)}
    assert stands(drawn) == {}
    become(lead, department_folded="it")
    assert place(day=DAY + 5) == {drawn.name: (1, 0, 0, 0)}
    assert stands(drawn) == {lead.pk: "know"}
    assert log(lead) == [
        (None, "compare", None, DAY, "refresh"),
        ("compare", None, 1, DAY + 1, "refresh"),
        (None, "know", None, DAY + 5, "refresh"),
    ]


def test_acts_and_segments_decide_as_they_do_in_conditions() -> None:
    kind = a_type("download")
    page, other = a_signature(kind, "/pricing"), a_signature(kind, "/news")
    once, twice, old, machine, elsewhere = (a_lead() for _n in range(5))
    for lead, signature, day, robot in [
        (once, page, DAY, False),
        (twice, page, DAY, False),
        (twice, page, DAY - 1, False),
        (old, page, DAY - 30, False),
        (machine, page, DAY, True),
        (elsewhere, other, DAY, False),
    ]:
        an_act(lead, signature, day, machine=robot)
    active = a_segment({"activity": "download", "within_days": 30})
    asks = {"activity": "download", "where": {"url": "/pricing"}, "within_days": 30}
    drawn = a_map(
        entries={"know": None, "look": {"segment": active.pk}, "want": asks, "decide": asks | {"count": 2}}
    )
    place()
    assert stands(drawn) == {
        once.pk: "want", twice.pk: "decide", old.pk: "know", machine.pk: "know", elsewhere.pk: "look",
    }  # fmt: skip


def test_decisions_by_hand_count_and_move_the_lead_at_once() -> None:
    inside, outside = a_lead(department_folded="it"), a_lead()
    segment = a_segment(field("department", "is", "it"))
    drawn = a_map(segment)
    place()
    membership.include(segment, outside, now=NOW)
    membership.exclude(segment, inside, now=NOW)
    assert stands(drawn) == {outside.pk: "know"}
    assert log(outside) == [(None, "know", None, DAY, "manual")]
    assert place(day=DAY + 1) == {drawn.name: (0, 0, 0, 0)}


def test_a_lead_of_two_segments_stands_on_both_maps() -> None:
    lead = a_lead(title_folded="manager", department_folded="it")
    first, second = a_map(a_segment({"all": []})), a_map(a_segment(MANAGERS), entries=THREE)
    assert place() == {first.name: (1, 0, 0, 0), second.name: (1, 0, 0, 0)}
    assert (stands(first), stands(second)) == ({lead.pk: "compare"}, {lead.pk: "decide"})


def test_more_maps_than_one_statement_holds_are_placed_alike() -> None:
    leads = [a_lead(), a_lead(title_folded="manager"), a_lead(department_folded="it")]
    maps = [a_map(a_segment({"all": []}), entries=THREE) for _n in range(14)]
    place()
    assert all(list(stands(each).values()) == ["know", "compare", "decide"] for each in maps)
    become(leads[0], department_folded="it")
    assert set(place(day=DAY + 1).values()) == {(0, 1, 0, 0)}


def test_drafts_place_nobody() -> None:
    a_lead()
    draft = a_map(live=False)
    assert place() == {}
    assert stands(draft) == {}


def test_a_day_before_the_last_one_is_refused() -> None:
    a_lead()
    a_map()
    place()
    with pytest.raises(LeadqualError) as error:
        placement.place(day=DAY - 1, now=NOW)
    assert error.value.code == "day_goes_back"


def test_an_interrupted_pass_started_again_ends_as_if_undisturbed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST_RANGE", "LEAST_RANGE", "GREATEST_RANGE"):
        monkeypatch.setattr(ranges, name, 2)
    leads = [a_lead(title_folded="manager" if n % 2 else "") for n in range(7)]
    drawn = a_map()
    members_now()

    def stop(done: int, total: int) -> None:
        if done >= 4:
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        placement.place(day=DAY, now=NOW, progress=stop)
    assert len(stands(drawn)) == 4
    drawn.refresh_from_db()
    assert drawn.placed_day is None
    assert place() == {drawn.name: (3, 0, 0, 0)}
    assert stands(drawn) == {lead.pk: "compare" if n % 2 else "know" for n, lead in enumerate(leads)}
    assert StageMove.objects.count() == 7


def test_a_reread_moves_only_the_leads_that_were_touched(told: list[Any]) -> None:
    touched, untouched, stranger = a_lead(), a_lead(), a_lead(department_folded="it")
    drawn = a_map(a_segment({"not": field("department", "is", "it")}))
    place()
    for lead in (touched, untouched, stranger):
        become(lead, title_folded="manager")
    told.clear()
    with transaction.atomic():
        moved = placement.reread([touched.pk, stranger.pk, 999_999], day=DAY + 3, now=NOW)
    assert {pk: moves.forward for pk, moves in moved.items()} == {drawn.pk: 1}
    assert stands(drawn) == {touched.pk: "compare", untouched.pk: "know"}
    assert log(touched)[-1] == ("know", "compare", 3, DAY + 3, "drain")
    assert [set().union(*moved.values()) for _map, moved in told] == [{touched.pk}]


def test_a_reread_costs_as_many_queries_for_many_leads_as_for_few() -> None:
    leads = [a_lead().pk for _n in range(60)]
    a_map(entries=THREE)
    a_map(a_segment(field("title", "is_empty")), entries=THREE)
    place()

    def queries(some: list[int], **columns: Any) -> int:
        Lead.objects.filter(pk__in=some).update(**columns)
        with (
            transaction.atomic(),
            CaptureQueriesContext(
                connection,
            ) as captured,
        ):
            placement.reread(some, day=DAY, now=NOW)
        return len(captured)

    assert queries(leads[:2], department_folded="it") == queries(leads[2:], department_folded="it")


def test_the_stage_of_a_reread_is_of_the_maps_day_when_that_is_later() -> None:
    lead = a_lead(created_day=DAY - 5)
    drawn = a_map(entries={"know": None, "old": field("created", "days_ago_at_least", 10)})
    place(day=DAY + 5)
    assert stands(drawn) == {lead.pk: "old"}
    fresh = a_lead(created_day=DAY - 5)
    members_now(DAY + 5)
    with transaction.atomic():
        placement.reread([fresh.pk], day=DAY, now=NOW)
    assert stands(drawn)[fresh.pk] == "old"
    assert log(fresh) == [(None, "old", None, DAY + 5, "drain")]


def test_a_stage_is_one_of_its_map() -> None:
    drawn = a_map()
    assert list(Stage.objects.filter(map=drawn).values_list("order", "key")) == [(1, "know"), (2, "compare")]
