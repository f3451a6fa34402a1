"""A manager's page, and step 5: what they say and whom they let in."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from handoff import answering
from handoff.assignment import assign
from handoff.feedback import give_feedback
from handoff.models import OPEN, Handoff, HandoffPolicy, PolicyState, Reassignment, SalesRep
from tests.handoff import factories
from tests.handoff.browsing import a_manager, a_marketer, a_rep, at, client
from tests.handoff.factories import DAY, WEDNESDAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep() -> SalesRep:
    """With three open leads, in a team with a manager."""
    made = a_rep(factories.team(manager=a_manager()), capacity=3)
    factories.policy(made.team)
    factories.hot(3)
    assign(now=WEDNESDAY, day=DAY)
    return made


def text_of(user: Any, name: str, *arguments: object) -> str:
    with at():
        response = client(user).get(reverse(name, args=arguments))
    assert response.status_code == 200
    return response.content.decode()


def test_the_manager_sees_load_absence_answers_and_times(rep: SalesRep) -> None:
    rows = list(Handoff.objects.all())
    month_ago = WEDNESDAY - timedelta(days=30)
    Handoff.objects.update(made_at=month_ago, offered_at=month_ago)
    for row in rows:
        answering.accept(row, now=month_ago + timedelta(hours=2))
    give_feedback(rows[0], bought="open", now=WEDNESDAY)
    SalesRep.objects.update(absent_from=date(2025, 6, 11), absent_until=date(2025, 6, 13))
    text = text_of(rep.team.manager, "handoff:team")
    for expected in (
        str(rep),
        "3 of 3",
        "away",
        "not enough data",
        "1 of 3",
        "2.0 business hours",
        "My team",
    ):
        assert expected in text, expected


def test_who_manages_no_team_is_not_let_in(rep: SalesRep) -> None:
    other = a_rep()
    stranger = factories.team(manager=a_manager()).manager
    with at():
        for user in (rep.user, other.user):
            assert client(user).get(reverse("handoff:team")).status_code == 404
        for user in (rep.user, other.user, stranger):
            assert client(user).get(reverse("handoff:rep", args=[rep.pk])).status_code == 404
            for action in ("reassign", "absence", "back"):
                response = client(user).post(reverse(f"handoff:{action}", args=[rep.pk]), {"kind": "leaves"})
                assert response.status_code == 404
        assert client(rep.user).get(reverse("handoff:list")).status_code == 403
    assert str(rep) not in text_of(stranger, "handoff:team")
    rep.refresh_from_db()
    assert rep.active
    assert not Reassignment.objects.exists()


def test_the_way_to_ones_team_stands_in_the_navigation_of_managers_only(rep: SalesRep) -> None:
    address = f'href="{reverse("handoff:team")}"'
    with at():
        assert address in client(rep.team.manager).get(reverse("desk:home"), follow=True).content.decode()
        assert address not in client(rep.user).get(reverse("desk:home"), follow=True).content.decode()


def test_all_leads_are_given_away_in_one_step_shown_before_and_taken_back(rep: SalesRep) -> None:
    helper = factories.rep(rep.team, capacity=2)
    manager = client(rep.team.manager)
    assert f"3 open leads: 2 to {helper}, 1 finds no place." in text_of(
        rep.team.manager, "handoff:rep", rep.pk
    )
    assert Handoff.objects.filter(rep=rep, state__in=OPEN).count() == 3
    said = {"kind": "away", "begins": "2025-06-11", "ends": "2025-06-13"}
    with at():
        address = reverse("handoff:reassign", args=[rep.pk])
        assert manager.get(address).status_code == 405
        text = manager.post(address, said, follow=True).content.decode()
        assert f"3 open leads: 2 to {helper}, 1 finds no place." in text
        assert "Undo" in text
        assert Handoff.objects.filter(rep=helper, state__in=OPEN).count() == 2
        made = Reassignment.objects.get()
        undone = manager.post(reverse("handoff:undo", args=[made.pk]), follow=True).content.decode()
        assert "has 2 leads back" in undone
        assert 'button class="linklike" type="submit">Undo' not in undone
    assert Handoff.objects.filter(rep=rep, state__in=OPEN).count() == 3


def test_an_absence_alone_moves_nothing_and_ends(rep: SalesRep) -> None:
    manager = client(rep.team.manager)
    with at():
        wrong = manager.post(
            reverse("handoff:absence", args=[rep.pk]),
            {"kind": "away", "begins": "2025-06-13", "ends": "2025-06-11"},
        )
        assert "ends before it begins" in wrong.content.decode()
        manager.post(reverse("handoff:absence", args=[rep.pk]), {"kind": "away", "begins": "2025-06-11"})
        rep.refresh_from_db()
        assert (rep.absent_from, rep.absent_until) == (date(2025, 6, 11), None)
        assert Handoff.objects.filter(rep=rep, state__in=OPEN).count() == 3
        manager.post(reverse("handoff:back", args=[rep.pk]))
    rep.refresh_from_db()
    assert rep.absent_from is None


def test_step_5_says_each_policy_in_words_with_todays_numbers_and_why_leads_wait(rep: SalesRep) -> None:
    policy = HandoffPolicy.objects.get()
    factories.hot(2)
    late = Handoff.objects.filter(rep=rep).first()
    assert late is not None
    Handoff.objects.filter(pk=late.pk).update(accept_by=WEDNESDAY - timedelta(hours=1))
    HandoffPolicy.objects.create(name="Half a policy", position=9)
    text = text_of(a_marketer(), "handoff:list")
    for expected in (
        f"All leads that no policy above takes go to {rep.team}, shared out by weight and free capacity.",
        "The rep answers within 8 business hours.",
        "Feedback is asked for after 10 business days.",
        "Today: 3 offered, 0 accepted",
        "2 leads wait",
        "nobody in the team or the fallback team has a free place",
        "Half a policy",
        "review date",
        "3 of 3",
        str(late.lead),
    ):
        assert expected in text, expected
    assert policy.name in text


def test_going_live_and_retiring_say_before_what_they_will_do(rep: SalesRep) -> None:
    marketer, policy = a_marketer(), HandoffPolicy.objects.get()
    factories.hot(2)
    shown = text_of(marketer, "handoff:policy", policy.pk)
    assert "3 open leads stay with their reps." in shown
    assert "2 waiting leads would have no policy." in shown
    browser = client(marketer)
    with at():
        assert browser.get(reverse("handoff:retire", args=[policy.pk])).status_code == 405
        browser.post(reverse("handoff:retire", args=[policy.pk]))
        policy.refresh_from_db()
        assert policy.state == PolicyState.RETIRED
        assert "2 waiting leads would fall to it." in text_of(marketer, "handoff:policy", policy.pk)
        browser.post(reverse("handoff:go_live", args=[policy.pk]))
    policy.refresh_from_db()
    assert policy.state == PolicyState.LIVE
    assert policy.history.latest("history_id").history_user == marketer  # type: ignore[attr-defined]


def test_half_a_policy_does_not_go_live() -> None:
    marketer, policy = a_marketer(), HandoffPolicy.objects.create(name="Half")
    text = text_of(marketer, "handoff:policy", policy.pk)
    assert "It cannot be put in force before this is said:" in text
    assert "follow-up content" in text
    assert reverse("handoff:go_live", args=[policy.pk]) not in text
    with at():
        answer = client(marketer).post(reverse("handoff:go_live", args=[policy.pk]), follow=True)
    assert "is not decided yet" in answer.content.decode()
    policy.refresh_from_db()
    assert policy.state == PolicyState.DRAFT
