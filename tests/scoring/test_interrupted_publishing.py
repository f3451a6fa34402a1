"""Publishing that is killed, given up, or works while everything else goes on."""

from typing import Any

import pytest

from leadqual.common.errors import LeadqualError
from leadqual.scoring import building, publishing
from leadqual.scoring.checking import check_ledger
from leadqual.scoring.models import Qualification, ScoringModel
from leadqual.scoring.publishing import discard, publish, resume
from leadqual.scoring.rescoring import rescore_due
from tests.leads.factories import a_lead
from tests.scoring.drafts import DAY, a_type, behaviour, on
from tests.scoring.markets import (
    NO_ROWS,
    Killed,
    Market,
    killed_at,
    open_leads,
    replayed,
    rows_of,
    states,
    totals,
)

pytestmark = pytest.mark.django_db


# --- Interrupted ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "call", "left"),
    [
        ("build_range", 1, "building"),
        ("build_range", 2, "building"),
        ("swap", 1, "building"),
        ("judge", 1, "live"),
        ("judge", 2, "live"),
        ("purge_range", 1, "live"),
        ("purge_range", 2, "live"),
    ],
)
def test_an_interrupted_publication_is_finished_by_the_sweep_as_if_undisturbed(
    where: str, call: int, left: str, small_steps: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = Market(visits=(1, 2, 2, 4, 5))
    old = market.open()
    new = market.draft(20, hot_at=40, cool_at=40)
    with monkeypatch.context() as dying:
        calls = killed_at(dying, where, call)
        with pytest.raises(Killed):
            publish(new, day=DAY, now=on(DAY))
    assert len(calls) == call
    new.refresh_from_db()
    assert new.state == left
    assert resume(now=on(DAY)) != []
    assert states() == [(1, "retired", None), (2, "live", None)]
    assert totals(new) == [20, 40, 40, 80, 100]
    assert rows_of(old) == NO_ROWS
    assert open_leads() == {lead.pk: (new.pk, "publish", False) for lead in market.leads[1:3]} | {
        lead.pk: (old.pk, "score", True) for lead in market.leads[3:]
    }
    assert resume(now=on(DAY)) == []
    assert check_ledger().clean


def test_a_resumed_build_goes_on_where_it_stood(small_steps: None, monkeypatch: pytest.MonkeyPatch) -> None:
    market = Market()
    market.open()
    new = market.draft(20, hot_at=40, cool_at=20)
    with monkeypatch.context() as dying:
        killed_at(dying, "build_range", 3)
        with pytest.raises(Killed):
            publish(new, day=DAY, now=on(DAY))
    ids = [lead.pk for lead in market.leads]
    assert states()[1] == (2, "building", ids[3])
    calls = killed_at(monkeypatch, "build_range", 99)
    resume(now=on(DAY))
    assert [(after, high) for _model, after, high in calls] == [(ids[3], ids[4])]


def test_a_sweep_that_is_out_of_time_leaves_the_rest_to_the_next(
    small_steps: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = Market()
    old = market.open()
    new = market.draft(20, hot_at=40, cool_at=20)
    with monkeypatch.context() as dying:
        killed_at(dying, "build_range", 1)
        with pytest.raises(Killed):
            publish(new, day=DAY, now=on(DAY))
    seconds = iter(range(10_000))
    monkeypatch.setattr(building, "monotonic", lambda: next(seconds))
    monkeypatch.setattr(publishing, "monotonic", lambda: next(seconds))
    sweeps = 1
    while resume(now=on(DAY), seconds=8):
        sweeps += 1
        assert totals(ScoringModel.objects.get(state="live")) in ([10, 20, 30, 40, 50], [20, 40, 60, 80, 100])
        assert sweeps < 50
    assert sweeps > 3
    assert states() == [(1, "retired", None), (2, "live", None)]
    assert (totals(new), rows_of(old)) == ([20, 40, 60, 80, 100], NO_ROWS)


def test_a_discarded_publication_leaves_the_live_model_and_a_draft_that_can_be_edited(
    monkeypatch: pytest.MonkeyPatch, small_steps: None
) -> None:
    market = Market()
    old = market.open()
    new = market.draft(20, hot_at=40, cool_at=20)
    with monkeypatch.context() as dying:
        killed_at(dying, "build_range", 2)
        with pytest.raises(Killed):
            publish(new, day=DAY, now=on(DAY))
    given_up = discard(new, now=on(DAY))
    assert (given_up.state, given_up.frozen, given_up.published_day) == ("draft", None, None)
    assert rows_of(new) == NO_ROWS
    assert states() == [(1, "live", None), (2, "draft", None)]
    assert (totals(old), len(open_leads())) == ([10, 20, 30, 40, 50], 3)
    new.rules.filter(name="Visit").update(points=1)
    publish(new, day=DAY, now=on(DAY))
    assert totals(new) == [1, 2, 3, 4, 5]
    for state in ("live", "retired"):
        with pytest.raises(LeadqualError) as error:
            discard(ScoringModel.objects.get(state=state), now=on(DAY))
        assert error.value.code == "not_building"


# --- Things that happen meanwhile -------------------------------------------------------------------


def test_events_during_the_build_count_for_both_models(small_steps: None, between: dict[str, Any]) -> None:
    market = Market()
    old = market.open()
    new = market.draft(20, hot_at=90, cool_at=20)
    built, not_yet = market.leads[0], market.leads[4]

    def happening() -> None:
        market.record(built, market.inquiry)
        market.record(not_yet, market.inquiry)
        assert totals(old) == [50, 20, 30, 40, 90]

    between["build_range"] = [None, happening]
    published = publish(new, day=DAY, now=on(DAY))
    assert totals(new) == [60, 40, 60, 80, 140] == replayed(published.model, DAY)
    assert open_leads()[built.pk] == (old.pk, "score", True)
    assert check_ledger().clean


def test_an_event_with_a_page_never_seen_before_counts_under_the_model_being_built(
    small_steps: None, between: dict[str, Any]
) -> None:
    market = Market()
    market.open()
    new = market.draft(20, hot_at=90, cool_at=20)
    trial = a_type("trial")
    behaviour(new.groups.get(), trial, "Trial", 3)
    between["build_range"] = [None, lambda: market.record(market.leads[0], trial)]
    publish(new, day=DAY, now=on(DAY))
    assert totals(new) == [23, 40, 60, 80, 100]


def test_leads_that_come_after_the_last_range_have_a_score_when_the_model_is_live(
    small_steps: None, between: dict[str, Any]
) -> None:
    market = Market()
    market.open()
    new = market.draft(20, hot_at=90, cool_at=20)
    between["swap"] = [lambda: [a_lead(now=on(DAY)) for _n in range(5)], lambda: a_lead(now=on(DAY))]
    publish(new, day=DAY, now=on(DAY))
    assert totals(new) == [20, 40, 60, 80, 100, 0, 0, 0, 0, 0, 0]
    assert check_ledger().clean


def test_a_daily_run_during_the_build_takes_the_new_scores_to_its_day_too(between: dict[str, Any]) -> None:
    market = Market()
    market.open()
    new = market.draft(20, hot_at=90, cool_at=20)
    tomorrow = DAY + 365 - 1  # the first visits leave their window
    between["swap"] = [lambda: rescore_due(day=tomorrow, now=on(tomorrow))]
    published = publish(new, day=DAY, now=on(DAY))
    assert (published.model.published_day, published.model.as_of) == (tomorrow, tomorrow)
    assert totals(new) == replayed(published.model, tomorrow) == [0, 0, 0, 0, 0]
    assert check_ledger().clean


def test_an_event_between_the_swap_and_the_judgement_does_not_hand_a_newly_hot_lead_over(
    small_steps: None, between: dict[str, Any]
) -> None:
    market = Market()
    market.open()
    new = market.draft(20, hot_at=40, cool_at=40)
    second, first = market.leads[1], market.leads[0]
    between["settle"] = [lambda: (market.record(second, market.visit), market.record(first, market.inquiry))]
    publish(new, day=DAY, now=on(DAY))
    assert open_leads()[second.pk] == (new.pk, "publish", False)
    assert open_leads()[first.pk] == (new.pk, "publish", False)


def test_another_process_may_finish_what_this_one_began(small_steps: None, between: dict[str, Any]) -> None:
    market = Market()
    old = market.open()
    new = market.draft(20, hot_at=40, cool_at=20)
    between["swap"] = [lambda: resume(now=on(DAY))]
    publish(new, day=DAY, now=on(DAY))
    assert states() == [(1, "retired", None), (2, "live", None)]
    assert (totals(new), rows_of(old)) == ([20, 40, 60, 80, 100], NO_ROWS)
    assert Qualification.objects.filter(opened_reason="publish").count() == 1
