"""What each page costs, with three rows and with thirty."""

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from leadqual.common import clock
from leadqual.common.access import Role, give_role
from leadqual.improvement import cycles
from tests.handoff import factories
from tests.improvement import markets
from tests.improvement.stories import a_lead, hot, offered

pytestmark = pytest.mark.django_db
PAGES = {
    "improvement:home": 11,
    "improvement:scores": 8,
    "improvement:rules": 9,
    "improvement:timings": 8,
    "improvement:answers": 8,
    "improvement:cycles": 4,
    "improvement:cycle_new": 6,
}
FILES = {"funnel": 10, "scores": 8, "rules": 9, "timings": 8, "answers": 8}


@pytest.fixture
def marketer() -> Client:
    user = User.objects.create_user("marketer")
    give_role(user, Role.MARKETER)
    client = Client()
    client.force_login(user)
    return client


def cost(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_pages_cost_the_same_with_many_rows(marketer: Client) -> None:
    day = clock.today() - 100
    model, rules = markets.a_version([10, 20], day=day)
    team = factories.team()
    addresses = {name: reverse(name) for name in PAGES}
    addresses |= {name: reverse("improvement:export", args=[name]) for name in FILES}

    def fill(number: int) -> None:
        for place in range(number):
            lead = a_lead(day=day, outcome="won" if place % 2 else "lost", outcome_day=day + 9)
            offered(
                hot(lead, model, rules, day=day, score=30 + place), rep=factories.rep(team), timing="right"
            )
            factories.segment([lead])
            plan = {"title": "x", "hypothesis": "x", "change": "x", "metric": "won", "due": date(2027, 1, 1)}
            cycles.open_cycle({**plan, "owner": team.manager, "model": model}, now=clock.now())

    fill(3)
    few = {name: cost(marketer, address) for name, address in addresses.items()}
    fill(27)
    assert {name: cost(marketer, address) for name, address in addresses.items()} == few
    assert few == PAGES | FILES
    assert max(few.values()) <= 12


def test_a_cycle_costs_the_same_with_a_long_history(marketer: Client) -> None:
    plan = {"title": "x", "hypothesis": "x", "change": "x", "metric": "won", "due": date(2027, 1, 1)}
    cycle = cycles.open_cycle(plan, now=clock.now())
    address = reverse("improvement:cycle", args=[cycle.pk])
    short = cost(marketer, address)
    for number in range(30):
        cycles.change_cycle(cycle, {"title": f"x {number}"}, now=clock.now())
    assert cost(marketer, address) == short <= 12
