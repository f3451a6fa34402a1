"""Offers that nobody accepts in time."""

from datetime import timedelta

import pytest

from handoff import answering
from handoff.escalation import move_on
from handoff.models import Handoff, State
from leadqual.leads.models import Lead
from leadqual.messaging.models import Notice
from tests.handoff import factories
from tests.handoff.factories import DAY, WEDNESDAY

pytestmark = pytest.mark.django_db


def late(handoff: Handoff) -> None:
    moved = move_on(now=handoff.accept_by, day=DAY)
    assert moved.offered + moved.alarmed == 1


def test_an_offer_goes_to_the_next_candidate_when_its_time_is_up() -> None:
    team = factories.team()
    first = factories.rep(team, weight=9)
    handoff = factories.offered(first)
    second = factories.rep(team)
    assert move_on(now=handoff.accept_by - timedelta(seconds=1)).offered == 0
    late(handoff)
    handoff.refresh_from_db()
    following = handoff.moved_to
    assert (handoff.state, handoff.closed_at) == (State.EXPIRED, handoff.accept_by)
    assert (following.state, following.rep, following.origin) == (State.OFFERED, second, "hot")
    assert following.qualification == handoff.qualification
    assert following.reasons["tried"] == [first.pk]
    assert following.accept_by > handoff.accept_by
    lead = Lead.objects.get()
    assert (lead.owner, lead.with_sales) == (second.user, True)
    assert set(Notice.objects.values_list("user", "kind")) == {
        (first.user_id, "handoff.offered"),
        (first.user_id, "handoff.moved_on"),
        (second.user_id, "handoff.offered"),
    }


def test_after_the_team_comes_the_fallback_team_and_then_an_alarm() -> None:
    manager, other_manager = factories.user(), factories.user()
    team, fallback = factories.team(manager=manager), factories.team(manager=other_manager)
    first, second, third = factories.rep(team, weight=9), factories.rep(team), factories.rep(fallback)
    factories.policy(team, fallback_team=fallback)
    handoff = factories.offered(first)
    late(handoff)
    assert handoff.moved_to.rep == second
    late(handoff.moved_to)
    last = handoff.moved_to.moved_to
    assert (last.rep, last.team) == (third, fallback)
    late(last)
    last.refresh_from_db()
    assert (last.state, last.alarmed_at) == (State.OFFERED, last.accept_by)
    assert list(Handoff.objects.alarmed()) == [last]
    alarms = Notice.objects.filter(kind="handoff.alarm")
    assert set(alarms.values_list("user", flat=True)) == {other_manager.pk, manager.pk}
    assert Handoff.objects.open().count() == 1


def test_an_alarm_is_raised_once_and_a_late_acceptance_ends_it() -> None:
    factories.user("root", is_superuser=True)
    handoff = factories.offered()
    late(handoff)
    again = move_on(now=handoff.accept_by + timedelta(days=9))
    assert (again.offered, again.alarmed) == (0, 0)
    assert Notice.objects.filter(kind="handoff.alarm", user__username="root").count() == 1
    answering.accept(handoff, now=handoff.accept_by + timedelta(days=9))
    assert not Handoff.objects.alarmed().exists()


def test_accepted_offers_stay() -> None:
    team = factories.team()
    handoff = factories.offered(factories.rep(team))
    factories.rep(team)
    answering.accept(handoff, now=WEDNESDAY)
    moved = move_on(now=handoff.accept_by + timedelta(days=9))
    assert (moved.offered, moved.alarmed) == (0, 0)
    assert Handoff.objects.count() == 1


def test_a_full_or_absent_candidate_is_passed_over() -> None:
    team = factories.team()
    first = factories.rep(team, weight=9)
    handoff = factories.offered(first)
    factories.rep(team, capacity=0)
    factories.rep(team, active=False)
    free = factories.rep(team)
    late(handoff)
    assert handoff.moved_to.rep == free
    assert handoff.moved_to.reasons | {"full": 1, "away": 1} == handoff.moved_to.reasons


def test_leads_of_one_rep_share_the_free_places_of_the_next() -> None:
    team = factories.team()
    first = factories.rep(team)
    handoffs = [factories.offered(first) for _ in range(3)]
    second = factories.rep(team, capacity=2)
    moved = move_on(now=handoffs[0].accept_by, day=DAY)
    assert (moved.offered, moved.alarmed) == (2, 1)
    assert second.handoffs.open().count() == 2
    assert first.handoffs.open().count() == 1


def test_the_statements_do_not_grow_with_the_offers(django_assert_max_num_queries: object) -> None:
    team = factories.team()
    first = factories.rep(team, capacity=100)
    factories.policy(team)
    handoff = [factories.offered(first) for _ in range(40)][-1]
    factories.reps(team, 5)
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        assert move_on(now=handoff.accept_by, day=DAY).offered == 40
