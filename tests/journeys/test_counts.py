"""The numbers of a map against a slow count, lead by lead, that shares nothing with them."""

import random
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from journeys import counts, placement
from journeys.drawing import draft_from
from journeys.going_live import go_live
from journeys.models import JourneyMap, StageMove, StagePlacement
from leadqual.leads.models import Activity, Lead
from segments.models import Membership
from tests.journeys.factories import MANAGERS, a_map, a_touchpoint, members_now
from tests.segments.factories import DAY, NOW, a_lead, a_segment, a_signature, a_type, an_act, field

pytestmark = pytest.mark.django_db
THREE = {"know": None, "compare": MANAGERS, "decide": field("department", "is", "it")}


def place(day: int) -> None:
    members_now(day)
    placement.place(day=day, now=NOW)


def slowly(each: JourneyMap) -> dict[str, counts.StageCount]:
    keys = list(each.stages.order_by("order").values_list("key", flat=True))
    way: dict[int, list[tuple[str | None, str | None, int]]] = {}
    for move in (
        StageMove.objects.filter(map__name=each.name).select_related("from_stage", "to_stage").order_by("pk")
    ):
        before = move.from_stage.key if move.from_stage else None
        after = move.to_stage.key if move.to_stage else None
        way.setdefault(move.lead_id, []).append((before, after, move.day))
    furthest, stays = {}, {key: [] for key in keys}  # type: ignore[var-annotated]
    for lead, moves in way.items():
        came = [keys.index(after) for _before, after, _day in moves if after in keys]
        if came:
            furthest[lead] = max(came)
        since = None
        for before, after, day in moves:
            if before in keys and after in keys and keys.index(after) > keys.index(before):
                assert since is not None
                stays[before].append(day - since)
            since = day
    now = list(StagePlacement.objects.filter(map=each).values_list("stage__key", flat=True))
    return {
        key: counts.StageCount(
            now.count(key),
            sum(far >= n for far in furthest.values()),
            sum(far > n for far in furthest.values()),
            median(stays[key]) if stays[key] else None,
            len(stays[key]),
        )
        for n, key in enumerate(keys)
    }


def quickly(each: JourneyMap) -> dict[str, counts.StageCount]:
    keys = dict(each.stages.values_list("pk", "key"))
    return {keys[pk]: count for pk, count in counts.stage_counts(each).items()}


@pytest.mark.parametrize("may_regress", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_stages_are_counted_as_lead_by_lead(seed: int, may_regress: bool) -> None:
    chance = random.Random(seed)
    leads = [a_lead(source_folded="web").pk for _n in range(25)]
    drawn = a_map(a_segment(field("source", "is", "web")), entries=THREE, may_regress=may_regress)
    a_map(a_segment({"all": []}), entries=THREE)
    for day in range(DAY, DAY + 30, 5):
        for lead in chance.sample(leads, 8):
            Lead.objects.filter(pk=lead).update(
                title_folded=chance.choice(["", "manager"]),
                department_folded=chance.choice(["", "", "it"]),
                source_folded=chance.choice(["web", "web", "web", ""]),
            )
        place(day)
        if day == DAY + 15:
            drawn = go_live(draft_from(drawn, now=NOW), now=NOW)
    drawn.refresh_from_db()
    assert quickly(drawn) == slowly(drawn)
    assert any(count.stays for count in quickly(drawn).values())


def test_a_map_without_leads_has_no_rates() -> None:
    drawn = a_map(entries=THREE)
    place(DAY)
    assert set(quickly(drawn).values()) == {counts.StageCount()}
    assert counts.StageCount().conversion is None
    assert counts.StageCount(reached=8, went_on=2).conversion == 25.0


def test_a_lead_that_skipped_a_stage_has_passed_it() -> None:
    a_lead(department_folded="it")
    drawn = a_map(entries=THREE)
    place(DAY)
    assert {key: (c.leads, c.reached, c.went_on) for key, c in quickly(drawn).items()} == {
        "know": (0, 1, 1), "compare": (0, 1, 1), "decide": (1, 1, 0),
    }  # fmt: skip


def test_who_left_the_map_still_counts_as_having_come_so_far() -> None:
    lead = a_lead(title_folded="manager", department_folded="x")
    drawn = a_map(a_segment(field("department", "is", "x")))
    place(DAY)
    Lead.objects.filter(pk=lead.pk).update(department_folded="")
    place(DAY + 3)
    assert {key: (c.leads, c.reached, c.went_on, c.stays) for key, c in quickly(drawn).items()} == {
        "know": (0, 1, 1, 0), "compare": (0, 1, 0, 0),
    }  # fmt: skip


@pytest.mark.parametrize("values", [[], [3], [1, 2], [5, 1, 1], [4, 4, 1, 9], [0, 0, 0, 7, 7, 7, 7]])
def test_the_median_of_a_histogram_is_that_of_its_values(values: list[int]) -> None:
    expected = (median(values) if values else None, len(values))
    assert counts.median_of({value: values.count(value) for value in values}) == expected


@pytest.mark.parametrize("seed", range(3))
def test_leads_that_passed_a_touchpoint_are_counted_as_one_by_one(seed: int) -> None:
    chance = random.Random(seed)
    kinds = [a_type(key) for key in ("visit", "download", "talk", "inquiry")]
    signatures = [a_signature(kind, path) for kind in kinds for path in ("/a", "/b")]
    leads = [a_lead(source_folded=chance.choice(["web", "web", ""])) for _n in range(15)]
    drawn = a_map(a_segment(field("source", "is", "web")), live=False)
    stage = drawn.stages.first()
    assert stage is not None
    bound = {
        a_touchpoint(stage, types=types).pk: {kind.pk for kind in types}
        for types in [(kinds[0],), (kinds[1], kinds[2]), (kinds[3],), ()]
    }
    for lead in leads:
        for _n in range(chance.randrange(5)):
            day = DAY - chance.choice([-1, 0, 1, 29, 30, 31, 89, 90, 91, 200])
            an_act(lead, chance.choice(signatures[:6]), day, machine=chance.random() < 0.2)
    members_now()
    expected = {pk: one_by_one(drawn, types) for pk, types in bound.items() if types}
    assert counts.passed(drawn, bound, day=DAY) == expected
    assert any(each.short for each in expected.values()) and any(not each.long for each in expected.values())


def one_by_one(each: JourneyMap, types: set[int]) -> counts.Passed:
    def did(lead: int, days: int) -> bool:
        own = Activity.objects.filter(lead=lead).select_related("signature")
        return any(
            not act.machine and act.signature.type_id in types and DAY - days < act.day <= DAY for act in own
        )

    members = Membership.objects.filter(segment=each.segment).values_list("lead_id", flat=True)
    return counts.Passed(*(sum(did(lead, days) for lead in members) for days in (30, 90)))


def test_counting_takes_as_many_queries_for_many_leads_as_for_few() -> None:
    visit = a_type("visit")
    drawn = a_map(entries=THREE, live=False)
    for stage in drawn.stages.all():
        a_touchpoint(stage, types=(visit,))
    go_live(drawn, now=NOW)
    page = a_signature(visit, "/")

    def queries(work: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as captured:
            work()
        return len(captured)

    def all_counts() -> list[int]:
        return [
            queries(lambda: counts.stage_counts(drawn)),
            queries(lambda: counts.passed(drawn, {1: [visit.pk]}, day=DAY)),
            queries(lambda: counts.map_counts([drawn])),
        ]

    place(DAY)
    an_act(a_lead(), page)
    few = all_counts()
    for number in range(40):
        an_act(a_lead(title_folded="manager" if number % 2 else ""), page)
    place(DAY)
    assert all_counts() == few == [2, 1, 1]
