"""What stands on the pages of the maps, and where their numbers lead."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from journeys.drawing import draft_from
from journeys.feeling import HEIGHT, curves
from journeys.going_live import go_live
from journeys.models import Content, JourneyMap, MapChange, MapState, Stage, Touchpoint
from journeys.placement import place
from leadqual.common import clock
from leadqual.common.access import Role, give_role
from leadqual.leads.models import Lead
from tests.journeys.factories import MANAGERS, a_map, a_touchpoint, members_now
from tests.segments.factories import NOW, a_lead, a_segment, a_signature, a_type, an_act

pytestmark = pytest.mark.django_db
BACKEND = "leadqual.common.signing_in.Backend"


@pytest.fixture
def marketer() -> User:
    user = User.objects.create_user("mori")
    give_role(user, Role.MARKETER)
    return user


@pytest.fixture
def browser(marketer: User) -> Client:
    client = Client()
    client.force_login(marketer, BACKEND)
    return client


def text(response: Any) -> str:
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def drawn() -> JourneyMap:
    visit = a_type("visit", label="Visited the fair")
    page = a_signature(visit, "/")
    today = clock.today()
    draft = a_map(a_segment({"all": []}, "Makers"), live=False, name="Makers", persona="Plant manager, 45")
    know, compare = draft.stages.all()
    old = Content.objects.create(title="Old paper", expires_on=clock.date_of(today) - timedelta(days=3))
    a_touchpoint(know, "Sees us at a fair", (visit,), (old,), question="Who are they?", strength="Known here",
                 feeling="Curious", feeling_level=1, channel="Fair", owner="Marketing")  # fmt: skip
    a_touchpoint(compare, "Asks for prices", question="How dear is it?", feeling_level=-2)
    live = go_live(draft, now=NOW)
    for number in range(3):
        lead = a_lead(family_name=f"Person{number}", title_folded="manager" if number == 2 else "")
        an_act(lead, page, today - 29 * number)
    members_now(today)
    place(day=today, now=clock.now())
    live.refresh_from_db()
    return live


def test_the_map_shows_what_was_drawn_with_its_numbers_and_its_gaps(
    browser: Client, drawn: JourneyMap
) -> None:
    page = text(browser.get(f"/journeys/{drawn.pk}/"))
    for words in (
        "Plant manager, 45", "1 Know", "2 leads", "33% go on (1 of 3)", "Sees us at a fair", "Visited the fair",
        "2 leads in 30 days · 3 in 90 days", "Curious", "Known here", "Fair", "Marketing", "Old paper",
        "Reached when: title is “manager”", "Everybody of the segment begins here",
        "nobody answers this question yet", "no content for this stage yet", "“Old paper” was good until",
    ):  # fmt: skip
        assert words in page, words
    assert "no lead has reached" not in page


def test_every_number_leads_to_the_leads_behind_it(browser: Client, drawn: JourneyMap) -> None:
    page = browser.get(f"/journeys/{drawn.pk}/").content.decode()
    behind = {}
    for address in re.findall(rf'href="(/journeys/{drawn.pk}/leads/\?[^"]+)"', page):
        found = text(browser.get(address.replace("&amp;", "&")))
        behind[address.partition("?")[2].replace("&amp;", "&")] = sorted(set(re.findall(r"Person\d", found)))
    spot = Touchpoint.objects.get(action="Sees us at a fair").pk
    assert behind == {
        "stage=know": ["Person0", "Person1"],
        "stage=compare": ["Person2"],
        f"touchpoint={spot}&days=30": ["Person0", "Person1"],
        f"touchpoint={spot}&days=90": ["Person0", "Person1", "Person2"],
    }


def test_leads_come_in_pages_newest_first(browser: Client, drawn: JourneyMap) -> None:
    for number in range(60):
        a_lead(family_name=f"More{number:02}")
    members_now(clock.today())
    place(day=clock.today(), now=clock.now())
    address, seen = f"/journeys/{drawn.pk}/leads/?stage=know", []
    for _page in range(3):
        found = browser.get(address).content.decode()
        seen.append(list(dict.fromkeys(re.findall(r"(?:More|Person)\d+", found))))
        after = re.search(r'href="(\?[^"]+before=\d+)"', found)
        if after is None:
            break
        address = f"/journeys/{drawn.pk}/leads/{after[1].replace('&amp;', '&')}"
    assert [len(names) for names in seen] == [50, 12]
    assert seen[0][0] == "More59" and seen[1][-1] == "Person0"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 404),
        ("stage=none", 404),
        ("touchpoint=999999", 404),
        ("touchpoint=x", 400),
        ("stage=know&before=%00", 400),
    ],
)
def test_a_number_that_is_none_is_refused(
    browser: Client, drawn: JourneyMap, query: str, status: int
) -> None:
    assert browser.get(f"/journeys/{drawn.pk}/leads/?{query}").status_code == status


def test_the_list_names_maps_and_segments_without_one(browser: Client, drawn: JourneyMap) -> None:
    a_segment({"all": []}, "Shops")
    page = text(browser.get("/journeys/"))
    assert re.search(r"Makers Makers live 2 › 1 3 3", page), page
    assert re.search(r"Segments without a live map Shops .*Draw a map", page)


def test_an_empty_list_says_what_maps_are_for(browser: Client) -> None:
    page = text(browser.get("/journeys/"))
    assert "No map yet" in page and "Draw a map" in page


def test_editing_a_live_map_opens_its_next_version_in_the_admin(browser: Client, drawn: JourneyMap) -> None:
    first = browser.post(f"/journeys/{drawn.pk}/edit/")
    draft = JourneyMap.objects.get(state=MapState.DRAFT)
    assert (draft.version, first["Location"]) == (2, f"/admin/journeys/journeymap/{draft.pk}/change/")
    assert browser.post(f"/journeys/{drawn.pk}/edit/")["Location"] == first["Location"]
    assert browser.get(f"/journeys/{drawn.pk}/edit/").status_code == 405


def test_a_draft_shows_the_numbers_of_the_stages_it_shares(browser: Client, drawn: JourneyMap) -> None:
    draft = draft_from(drawn, now=NOW)
    page = text(browser.get(f"/journeys/{draft.pk}/"))
    assert "draft" in page and "2 leads" in page and "Bring live" in page


def test_going_live_from_the_page_says_what_keeps_it_back(browser: Client, marketer: User) -> None:
    draft = a_map(entries={"know": None, "compare": None}, live=False)
    page = text(browser.post(f"/journeys/{draft.pk}/live/", follow=True))
    assert "stages.compare.entry: it is not said who has reached this stage" in page
    stage = draft.stages.get(key="compare")
    Stage.objects.filter(pk=stage.pk).update(entry=MANAGERS)
    page = text(browser.post(f"/journeys/{draft.pk}/live/", follow=True))
    assert "is live. Its leads are being placed." in page
    draft.refresh_from_db()
    assert draft.state == MapState.LIVE
    assert MapChange.objects.latest("pk").by == marketer


def test_the_history_says_who_changed_what(browser: Client, drawn: JourneyMap) -> None:
    page = text(browser.get(f"/journeys/{drawn.pk}/history/"))
    assert "Asks for prices: created" in page and "the map: went live" in page


def test_what_people_write_does_nothing_on_the_pages(browser: Client) -> None:
    evil = '"><script>alert(1)</script>'
    content = Content.objects.create(title=evil, link="https://demo.example/", reference=evil)
    draft = a_map(live=False, name=evil, persona=evil)
    know = draft.stages.get(key="know")
    Stage.objects.filter(pk=know.pk).update(name=evil, goal=evil)
    kind = a_type("visit", label=evil)
    a_touchpoint(
        know, evil, (kind,), (content,), question=evil, feeling=evil, strength=evil, channel=evil, owner=evil
    )
    a_lead(family_name=evil)
    for path in ("", f"{draft.pk}/", f"{draft.pk}/history/", f"{draft.pk}/leads/?stage=know"):
        page = browser.get(f"/journeys/{path}").content.decode()
        assert "<script>alert" not in page, path
        assert "&lt;script&gt;alert" in page, path
    assert Lead.objects.count() == 1


# --- The line of feeling ----------------------------------------------------------------------------


def test_the_line_of_feeling_meets_every_level_and_stays_between_them() -> None:
    first, second, third = curves([[-2, None, 2], [], [0]])
    assert first.path == second.path == third.path
    assert [curve.left for curve in (first, second, third)] == [0, 100, 200]
    assert [y for _x, y in first.points] == [64, 8] and second.points == ()
    assert third.points == ((250.0, 36.0),)
    heights = [float(y) for _x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)(?= |$)", first.path.split(" H ")[0])]
    assert all(0 <= y <= HEIGHT for y in heights)


def test_a_map_without_feelings_draws_no_line() -> None:
    assert [curve.path for curve in curves([[None], []])] == ["", ""]
    assert curves([]) == []
