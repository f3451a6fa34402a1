"""No page of handoff takes more statements when there are more rows."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handoff import answering
from handoff.assignment import assign
from handoff.chasing import ask_for_feedback
from handoff.models import FeedbackReminder, Handoff, HandoffPolicy, SalesRep
from tests.handoff import factories
from tests.handoff.browsing import a_manager, a_marketer, a_rep, at, client, statements
from tests.handoff.factories import DAY, WEDNESDAY
from tests.handoff.test_chasing import TENTH, sent_token

pytestmark = pytest.mark.django_db
MOST = 12


def grow(rep: SalesRep, number: int) -> None:
    """So many handoffs in each of the states, and so many colleagues."""
    factories.reps(rep.team, number, active=True, capacity=0)
    people = factories.hot(4 * number)
    assign(now=WEDNESDAY, day=DAY)
    offered = list(Handoff.objects.filter(rep=rep, lead__in=people))
    assert len(offered) == 4 * number
    for row in offered[:number]:
        answering.accept(row, now=WEDNESDAY)
    for row in offered[number : 2 * number]:
        answering.reject(row, "no need", now=WEDNESDAY)
    for row in offered[2 * number : 3 * number]:
        answering.close(row, "lost", now=WEDNESDAY)


def an_accepted(rep: SalesRep) -> str:
    row = Handoff.objects.filter(rep=rep, state="accepted").first()
    assert row is not None
    return str(row.public_id)


PAGES: dict[str, tuple[str, Callable[[SalesRep], str]]] = {
    "to answer": ("rep", lambda rep: reverse("inbox:list")),
    "accepted": ("rep", lambda rep: reverse("inbox:list") + "?show=accepted"),
    "feedback due": ("rep", lambda rep: reverse("inbox:list") + "?show=feedback"),
    "done": ("rep", lambda rep: reverse("inbox:list") + "?show=done"),
    "changes": ("rep", lambda rep: reverse("inbox:changes")),
    "handoff": ("rep", lambda rep: reverse("inbox:handoff", args=[an_accepted(rep)])),
    "feedback": ("rep", lambda rep: reverse("inbox:feedback", args=[an_accepted(rep)])),
    "step 5": ("marketer", lambda rep: reverse("handoff:list")),
    "policy": ("marketer", lambda rep: reverse("handoff:policy", args=[HandoffPolicy.objects.get().pk])),
    "team": ("manager", lambda rep: reverse("handoff:team")),
    "rep": ("manager", lambda rep: reverse("handoff:rep", args=[rep.pk])),
}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_takes_as_many_statements_with_thirty_rows_as_with_three(name: str) -> None:
    rep = a_rep(factories.team(manager=a_manager()), capacity=1000)
    factories.policy(rep.team)
    who, address = PAGES[name]
    people: dict[str, Any] = {"rep": rep.user, "manager": rep.team.manager, "marketer": a_marketer()}
    browser = client(people[who])
    counts = []
    for number in (3, 27):
        grow(rep, number)
        with at(TENTH):
            counts.append(statements(browser, address(rep)))
    assert counts[0] == counts[1] <= MOST, counts


def test_the_link_in_a_mail_takes_few_statements() -> None:
    answering.accept(factories.offered(), now=WEDNESDAY)
    ask_for_feedback(now=TENTH)
    with at(TENTH):
        address = reverse("inbox:answer", args=[sent_token(FeedbackReminder.objects.get())])
        assert statements(Client(), address) <= 3
