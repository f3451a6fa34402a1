"""A policy says everything before it hands over anything."""

from datetime import date, time

import pytest
from django.db import IntegrityError, transaction

from handoff.models import HandoffPolicy, SalesRep
from handoff.policies import go_live, problems, retire, territory_problems
from leadqual.common.errors import LeadqualError
from tests.handoff import factories
from tests.handoff.factories import WEDNESDAY

pytestmark = pytest.mark.django_db

EMPTY = {
    "team": None,
    "fallback_team": None,
    "means": [],
    "cadence": "",
    "follow_up": " ",
    "strategy": "",
    "accept_within_hours": None,
    "review_date": None,
}


def test_an_empty_policy_lists_everything_that_is_missing() -> None:
    found = problems(HandoffPolicy(name="empty", follow_up=" "))
    assert [(problem.code, problem.place) for problem in found] == [("empty", place) for place in EMPTY]


@pytest.mark.parametrize("place", EMPTY)
def test_nothing_but_the_segment_may_be_empty_when_it_goes_live(place: str) -> None:
    policy = factories.policy(factories.team(), **{"state": "draft", place: EMPTY[place]})
    with pytest.raises(LeadqualError) as caught:
        go_live(policy, now=WEDNESDAY)
    assert caught.value.code == "empty"
    assert caught.value.place == f"{policy.name}, {place}"
    assert HandoffPolicy.objects.get().state == "draft"


@pytest.mark.parametrize("place", [place for place in EMPTY if place not in ("means", "follow_up")])
def test_the_database_refuses_a_live_policy_with_a_hole(place: str) -> None:
    policy = factories.policy(factories.team())
    with pytest.raises(IntegrityError), transaction.atomic():
        HandoffPolicy.objects.filter(pk=policy.pk).update(**{place: EMPTY[place]})


def test_several_problems_come_in_one_error() -> None:
    policy = factories.policy(factories.team(), state="draft", means=["in_app", "fax"], strategy="loudest")
    with pytest.raises(LeadqualError) as caught:
        go_live(policy, now=WEDNESDAY)
    assert caught.value.code == "policy_incomplete"
    assert "means[1]" in str(caught.value)
    assert "strategy" in str(caught.value)


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"cadence": "daily"}, "cadence_time"),
        ({"cadence": "weekly", "cadence_time": time(9)}, "cadence_weekday"),
        ({"cadence": "weekly", "cadence_time": time(9), "cadence_weekday": 6}, "cadence_weekday"),
        ({"means": "in_app"}, "means"),
    ],
)
def test_a_cadence_needs_its_time_and_its_weekday(said: dict[str, object], place: str) -> None:
    policy = factories.policy(factories.team(), **{"state": "draft", **said})
    assert [problem.place for problem in problems(policy)] == [place]


def test_going_live_and_retiring_stand_in_the_history_with_who_did_it() -> None:
    admin = factories.user()
    policy = factories.policy(factories.team(), state="draft")
    go_live(policy, now=WEDNESDAY, by=admin)
    retire(policy, by=admin)
    assert list(policy.history.order_by("history_id").values_list("state", "history_user")) == [
        ("draft", None),
        ("live", admin.pk),
        ("retired", admin.pk),
    ]


def test_going_live_and_retiring_take_the_policy_as_it_stands_and_change_nothing_else() -> None:
    policy = factories.policy(factories.team(), state="draft")
    HandoffPolicy.objects.update(follow_up="")
    with pytest.raises(LeadqualError):
        go_live(policy, now=WEDNESDAY)
    HandoffPolicy.objects.update(follow_up="Call within a day", name="As a colleague named it")
    assert go_live(policy, now=WEDNESDAY).state == "live"
    HandoffPolicy.objects.update(follow_up="Call at once")
    assert retire(policy).state == "retired"
    assert HandoffPolicy.objects.values_list("state", "follow_up", "name").get() == (
        "retired",
        "Call at once",
        "As a colleague named it",
    )


def test_a_territory_is_checked_with_the_path_to_its_fault() -> None:
    assert territory_problems(None) == []
    assert territory_problems({"field": "title", "op": "is", "value": "部長"}) == []
    [problem] = territory_problems({"all": [{"field": "colour", "op": "is", "value": "red"}]})
    assert problem.place.startswith("territory.all[0]")


def test_an_absence_ends_after_it_begins() -> None:
    rep = factories.rep(factories.team(), absent_from=date(2025, 6, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        SalesRep.objects.filter(pk=rep.pk).update(absent_until=date(2025, 5, 1))
