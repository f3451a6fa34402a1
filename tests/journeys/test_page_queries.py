"""Pages of the maps ask as many questions for many rows as for few, and never more than 12."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from journeys.going_live import go_live
from journeys.models import Content, JourneyMap
from journeys.placement import place
from leadqual.common import clock
from leadqual.common.access import Role, give_role
from tests.journeys.factories import a_map, a_touchpoint, members_now
from tests.segments.factories import NOW, a_field, a_lead, a_segment, a_signature, a_type, an_act, field

pytestmark = pytest.mark.django_db
MOST = 12


@pytest.fixture
def browser() -> Client:
    user = User.objects.create_user("mori")
    give_role(user, Role.MARKETER)
    client = Client()
    client.force_login(user, "leadqual.common.signing_in.Backend")
    client.get("/journeys/")
    return client


def grow(size: int, number: int) -> JourneyMap:
    """A map with so many touchpoints, contents and leads, whose conditions ask everything that needs a look-up."""
    visit = a_type(f"visit{number}")
    inner = a_segment({"all": []})
    own = a_segment(field("custom.plan", "is", f"p{number}"))
    entry = {
        "any": [field("custom.plan", "is", "full"), {"segment": inner.pk}, {"activity": visit.key}],
    }
    draft = a_map(own, {"know": None, "compare": entry, "decide": entry}, live=False)
    for stage in draft.stages.all():
        for _n in range(size):
            content = Content.objects.create(title=f"{number} {stage.key} {_n}")
            a_touchpoint(stage, types=(visit,), contents=(content,), question="Why?")
    live = go_live(draft, now=NOW)
    page = a_signature(visit, "/")
    for _n in range(size):
        an_act(a_lead(custom_folded={"plan": f"p{number}"}), page, clock.today())
    return live


def queries(browser: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path).status_code == 200
    return len(captured)


def test_queries_do_not_grow_with_the_rows(browser: Client) -> None:
    a_field("plan", "text")
    few = grow(2, 1)
    members_now(clock.today())
    place(day=clock.today(), now=clock.now())
    pages = ("", "{pk}/", "{pk}/leads/?stage=know", "{pk}/leads/?stage=decide", "{pk}/history/")
    before = {page: queries(browser, f"/journeys/{page.format(pk=few.pk)}") for page in pages}
    spot = few.stages.all()[0].touchpoints.all()[0].pk
    before["touchpoint"] = queries(browser, f"/journeys/{few.pk}/leads/?touchpoint={spot}&days=30")
    many = grow(25, 2)
    for number in range(3, 9):
        grow(1, number)
    members_now(clock.today())
    place(day=clock.today(), now=clock.now())
    after = {page: queries(browser, f"/journeys/{page.format(pk=many.pk)}") for page in pages}
    spot = many.stages.all()[0].touchpoints.all()[0].pk
    after["touchpoint"] = queries(browser, f"/journeys/{many.pk}/leads/?touchpoint={spot}&days=30")
    assert after == before
    assert all(count <= MOST for count in before.values()), before
