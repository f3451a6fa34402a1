"""A PDCA cycle: measured by the reports, never by hand, one line of history per save."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from leadqual.common import clock, undecided
from leadqual.common.errors import LeadqualError
from leadqual.improvement import cycles
from leadqual.improvement.metrics import Metric, measure
from leadqual.improvement.models import CycleSave, PdcaCycle
from leadqual.improvement.scope import Scope
from leadqual.improvement.statistics import Finding, Rate
from leadqual.scoring.models import ScoringModel, ScoringRule
from tests.handoff import factories
from tests.improvement import markets
from tests.improvement.stories import DAY, a_lead, hot, offered

pytestmark = pytest.mark.django_db
NOW = clock.start_of  # a moment of a day
PLAN: dict[str, Any] = {
    "title": "Fewer students",
    "hypothesis": "Students download much and never buy.",
    "change": "Students lose 20 points.",
    "metric": "won",
    "due": date(2026, 12, 1),
}


@pytest.fixture
def version() -> tuple[ScoringModel, list[ScoringRule]]:
    return markets.a_version([10])


def sold(model: ScoringModel, day: int, won: int, of: int) -> None:
    for number in range(of):
        lead = a_lead(outcome="won" if number < won else "lost", outcome_day=day + 1)
        offered(hot(lead, model, day=day), timing="right" if number < won else "too_early")


def a_cycle(**fields: Any) -> PdcaCycle:
    return cycles.open_cycle({**PLAN, **fields}, now=NOW(DAY), by=None)


def test_a_cycle_from_plan_to_decision(version: tuple[ScoringModel, list[ScoringRule]]) -> None:
    by = factories.user("marketer")
    sold(version[0], DAY - 10, won=10, of=100)
    sold(version[0], DAY - cycles.BASELINE_DAYS - 1, won=5, of=5)  # too long ago
    cycle = cycles.open_cycle(PLAN, now=NOW(DAY), by=by)
    assert cycles.before(cycle) == cycles.Measurement(Rate(10, 100), DAY - cycles.BASELINE_DAYS, DAY - 1)
    cycle = cycles.start(cycle, now=NOW(DAY), by=by)
    assert (cycle.state, cycle.started_day) == ("do", DAY)
    sold(version[0], DAY + 20, won=30, of=100)
    cycle = cycles.measure_after(cycle, now=NOW(DAY + 60), by=by)
    assert cycles.after(cycle) == cycles.Measurement(Rate(30, 100), DAY, DAY + 60)
    found = cycles.comparison(cycle)
    assert found and found.ratio
    assert (found.finding, found.better) == (Finding.HIGHER, True)
    assert found.ratio.low == pytest.approx(1.58, abs=0.01)
    cycle = cycles.decide(cycle, "keep", learnt=" They never buy. ", now=NOW(DAY + 61), by=by)
    assert (cycle.state, cycle.decision, cycle.learnt) == ("act", "keep", "They never buy.")
    lines = list(CycleSave.objects.order_by("pk").values_list("state", "by", "changed"))
    assert [(state, who) for state, who, _changed in lines] == [
        (state, by.pk) for state in ("plan", "do", "check", "act")
    ]
    assert lines[2][2] == {
        "state": ["do", "check"],
        "after": ["", f"30/100, {clock.date_of(DAY)} – {clock.date_of(DAY + 60)}"],
    }


def test_less_of_what_should_be_less_is_better(version: tuple[ScoringModel, list[ScoringRule]]) -> None:
    sold(version[0], DAY - 10, won=50, of=100)
    cycle = cycles.start(a_cycle(metric="too_early"), now=NOW(DAY))
    sold(version[0], DAY, won=90, of=100)
    found = cycles.comparison(cycles.measure_after(cycle, now=NOW(DAY + 30)))
    assert found and (found.finding, found.better) == (Finding.LOWER, True)


def test_little_data_decides_nothing(version: tuple[ScoringModel, list[ScoringRule]]) -> None:
    sold(version[0], DAY - 10, won=1, of=10)
    cycle = cycles.measure_after(cycles.start(a_cycle(), now=NOW(DAY)), now=NOW(DAY + 1))
    assert cycles.after(cycle) == cycles.Measurement(Rate(0, 0), DAY, DAY + 1)
    found = cycles.comparison(cycle)
    assert found and (found.finding, found.better, found.ratio) == (Finding.NOT_ENOUGH, None, None)


def test_a_change_begins_when_its_version_went_live(version: tuple[ScoringModel, list[ScoringRule]]) -> None:
    sold(version[0], DAY - 10, won=1, of=10)
    ScoringModel.objects.filter(pk=version[0].pk).update(state="retired")
    later, _rules = markets.a_version([5], 2, day=DAY - 5)
    sold(later, DAY - 3, won=3, of=10)
    cycle = a_cycle(model=later)
    assert cycles.before(cycle) == cycles.Measurement(Rate(4, 20), DAY - 180, DAY - 1)
    cycle = cycles.start(cycle, now=NOW(DAY))
    assert (cycle.started_day, cycles.before(cycle)) == (
        DAY - 5,
        cycles.Measurement(Rate(1, 10), DAY - 5 - 180, DAY - 6),
    )
    cycle = cycles.measure_after(cycle, now=NOW(DAY))
    assert cycles.after(cycle) == cycles.Measurement(Rate(3, 10), DAY - 5, DAY)


def test_a_plan_may_be_changed_and_what_is_measured_only_before_the_change() -> None:
    cycle = a_cycle()
    segment = factories.segment([])
    cycle = cycles.change_cycle(cycle, {"title": "No students", "segment": segment}, now=NOW(DAY + 1))
    assert (cycle.title, cycle.segment) == ("No students", segment)
    assert CycleSave.objects.count() == 2
    cycles.change_cycle(cycle, {"title": "No students"}, now=NOW(DAY + 1))
    assert CycleSave.objects.count() == 2  # nothing changed, nothing written
    cycle = cycles.start(cycle, now=NOW(DAY + 2))
    with pytest.raises(LeadqualError) as caught:
        cycles.change_cycle(cycle, {"metric": "accepted"}, now=NOW(DAY + 3))
    assert (caught.value.code, caught.value.place) == ("measured_already", "metric")
    assert PdcaCycle.objects.get().metric == "won"


def test_steps_go_in_their_order() -> None:
    cycle = a_cycle(change="")
    for step in (
        lambda: cycles.measure_after(cycle, now=NOW(DAY)),
        lambda: cycles.decide(cycle, "keep", now=NOW(DAY)),
        lambda: cycles.start(cycle, now=NOW(DAY)),  # nothing was changed
    ):
        with pytest.raises(LeadqualError):
            step()
    assert PdcaCycle.objects.get().state == "plan"
    cycles.start(cycles.change_cycle(cycle, {"change": "x"}, now=NOW(DAY)), now=NOW(DAY))
    with pytest.raises(LeadqualError):
        cycles.measure_before(cycle, now=NOW(DAY))
    cycles.measure_after(cycle, now=NOW(DAY))
    with pytest.raises(LeadqualError) as caught:
        cycles.decide(cycle, "", now=NOW(DAY))
    assert caught.value.place == "decision"


@pytest.mark.parametrize(
    "broken",
    [
        {"before_of": None},
        {"before_hits": 5, "before_of": 4},
        {"state": "do"},
        {"state": "check", "started_day": DAY},
        {"decision": "keep"},
        {
            "state": "act",
            "started_day": DAY,
            "after_hits": 0,
            "after_of": 0,
            "after_first": 1,
            "after_last": 1,
        },
    ],
)
def test_the_database_refuses_what_cannot_be(broken: dict[str, Any]) -> None:
    cycle = a_cycle()
    with pytest.raises(IntegrityError), transaction.atomic():
        PdcaCycle.objects.filter(pk=cycle.pk).update(**broken)


@pytest.mark.parametrize("metric", Metric.values)
def test_every_measure_is_a_rate_of_a_report(
    metric: str, version: tuple[ScoringModel, list[ScoringRule]]
) -> None:
    sold(version[0], DAY, won=3, of=4)
    rate = measure(metric, Scope(DAY - 10, DAY + 60))
    expected = {"won": 3, "right_time": 3, "too_early": 1, "accepted": 4, "hot": 4, "answered": 4}
    assert rate == Rate(expected[metric], 4)


def test_cycles_nobody_looks_at_are_open_questions_of_step_six() -> None:
    owner = factories.user()
    late, left = a_cycle(title="Late", owner=owner), a_cycle(title="Left", due=date(2040, 1, 1), owner=owner)
    a_cycle(title="Fine", due=date(2040, 1, 1), owner=factories.user())
    decided = cycles.measure_after(cycles.start(a_cycle(title="Over"), now=NOW(DAY)), now=NOW(DAY))
    cycles.decide(decided, "undo", now=NOW(DAY))
    undecided.check(day=clock.day_number(PLAN["due"]))
    assert not [each for each in undecided.undecided() if each.step == 6]
    owner.is_active = False
    owner.save()
    undecided.check(day=clock.day_number(PLAN["due"]) + 1)
    assert {(each.words, each.url) for each in undecided.undecided() if each.step == 6} == {
        ("PDCA cycle “Late” is past its due date", f"/improvement/cycles/{late.pk}/"),
        ("PDCA cycle “Late” has no owner", f"/improvement/cycles/{late.pk}/"),
        ("PDCA cycle “Left” has no owner", f"/improvement/cycles/{left.pk}/"),
    }
