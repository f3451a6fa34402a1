from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handoff.models import HandoffPolicy
from leadqual.common import clock, undecided
from leadqual.common.models import OpenQuestion
from segments.definition import save_segment
from tests.handoff import factories as sales
from tests.permissions import world
from tests.permissions.world import World

pytestmark = pytest.mark.django_db
DAY = clock.day_number(date(2026, 11, 24))


@pytest.fixture
def people() -> World:
    return world.build()


def words() -> list[str]:
    return [each.words for each in undecided.undecided()]


def test_what_nobody_decided_is_found_kept_with_its_day_and_forgotten_when_decided() -> None:
    team = sales.team("Team West")
    policy = HandoffPolicy.objects.create(name="Exhibition", state="draft", team=team)
    undecided.check(day=DAY)
    assert "Exhibition: means is not decided" in words()
    policy.means = ["in_app"]
    policy.save()
    undecided.check(day=DAY + 3)
    assert "Exhibition: means is not decided" not in words()
    kept = OpenQuestion.objects.filter(kind="handoff.unfinished")
    assert kept.exists() and set(kept.values_list("since_day", flat=True)) == {DAY}


def test_checking_again_finds_nothing_new() -> None:
    save_segment("Manufacturers", {"field": "source", "op": "is", "value": "web"}, state="live")
    assert undecided.check(day=DAY)
    assert undecided.check(day=DAY) == []
    assert "Segment Manufacturers has no journey map" in words()


def test_a_rep_who_left_with_open_leads_is_pointed_out() -> None:
    rep = sales.rep(sales.team(), "gone")
    sales.offered(rep)
    undecided.check(day=DAY)
    assert not [each for each in words() if "has left" in each]
    rep.user.is_active = False
    rep.user.save()
    undecided.check(day=DAY)
    assert [each for each in words() if "has left and still holds open leads" in each]


def test_home_costs_the_same_however_much_there_is(people: World) -> None:
    counted = []
    for more in (2, 20):
        sales.hot(more)
        for n in range(more):
            save_segment(f"S {more} {n}", {"field": "source", "op": "is", "value": "web"}, state="live")
        undecided.check(day=DAY)
        client = people.client("marketer")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/").status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 12


def test_everybody_starts_at_their_work(people: World) -> None:
    assert people.client("owner").get("/")["Location"] == "/inbox/"
    assert people.client("admin").get("/")["Location"] == "/health/"
    assert "From a market to a call" in people.client("marketer").get("/").content.decode()


def test_the_register_is_checked_by_a_post_and_never_by_a_get(people: World) -> None:
    client = people.client("marketer")
    client.get("/undecided/")
    assert not OpenQuestion.objects.exists()
    client.post("/undecided/")
    assert OpenQuestion.objects.exists()
