"""Why a rep has a handoff, in sentences."""

from typing import Any

import pytest
from django.utils.translation import override

from handoff.assignment import assign
from handoff.choosing import Because
from handoff.direct import hand_over_manually
from handoff.escalation import move_on
from handoff.models import Handoff, Origin, Strategy
from handoff.wording import Names, candidates_in_words, reasons_in_words
from leadqual.leads.models import ActivityType
from tests.handoff import factories
from tests.handoff.factories import DAY, WEDNESDAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Any:
    with override("en"):
        yield


def said(reasons: dict[str, Any], **fields: Any) -> list[str]:
    return reasons_in_words(Handoff(reasons=reasons, rep_id=1, **fields), Names())


def test_the_chosen_rep_and_those_passed_over_are_told() -> None:
    team = factories.team()
    factories.rep(team, "sato", weight=2)
    factories.rep(team, "suzuki", capacity=10)
    factories.rep(team, "full", capacity=0)
    handoff = factories.offered(factories.rep(team, "gone", active=False))
    assert reasons_in_words(handoff) == [
        "First by weight and free capacity of 2 reps in question",
        "Passed over: 1 absent, 1 without a free place",
    ]
    assert candidates_in_words(handoff) == ["sato, 20 free places", "suzuki, 10 free places"]


@pytest.mark.parametrize("because", list(Because))
def test_every_reason_has_its_own_words_in_both_languages(because: Because) -> None:
    others = [each for each in Because if each != because]
    for language in ("en", "ja"):
        with override(language):
            words = said({"because": because.value, "considered": 3})
            assert all(words != said({"because": other.value, "considered": 3}) for other in others)
            assert len(words) == 1


def test_the_fallback_team_says_why_the_own_team_has_it_not() -> None:
    team, fallback = factories.team(), factories.team()
    factories.rep(team, capacity=0)
    factories.rep(fallback)
    factories.policy(team, fallback_team=fallback, strategy=Strategy.ROUND_ROBIN)
    factories.hot()
    assign(now=WEDNESDAY, day=DAY)
    assert reasons_in_words(Handoff.objects.get()) == [
        "The only rep in question",
        "Nobody in the policy's own team could take it (1 without a free place), so the fallback team has it",
    ]


def test_an_offer_that_moved_on_says_that_others_had_it() -> None:
    team = factories.team()
    factories.reps(team, 2)
    first = factories.offered(factories.rep(team, weight=9))
    move_on(now=first.accept_by, day=DAY + 1)  # type: ignore[arg-type]
    second = Handoff.objects.get(moved_from=first)
    assert reasons_in_words(second)[-1] == "1 rep had it before and did not accept it in time"


def test_by_hand_and_by_an_act_it_says_what_brought_the_lead() -> None:
    assert reasons_in_words(hand_over_manually(factories.lead(), now=WEDNESDAY)) == [
        "Handed over by hand",
        "No rep has been found yet",
    ]
    ActivityType.objects.create(key="call", label="Asked for a call", direct_to_sales=True)
    direct = Handoff(lead=factories.lead(), origin=Origin.DIRECT, reasons={"act": "call"})
    assert reasons_in_words(direct)[0] == "Goes to sales at once because of an act: Asked for a call"


def test_what_is_stored_in_a_form_nobody_knows_is_left_out() -> None:
    assert said({"because": "the moon"}) == []
    assert said({}) == []


def test_a_list_of_handoffs_shares_its_names(django_assert_num_queries: Any) -> None:
    rows = []
    for _ in range(3):
        rows.append(factories.offered(factories.rep(factories.team())))
        rows[-1].reasons["act"] = "call"
    with django_assert_num_queries(2):
        names = Names.of(rows)
        for row in rows:
            reasons_in_words(row, names)
            candidates_in_words(row, names)
