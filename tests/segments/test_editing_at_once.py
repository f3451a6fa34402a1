"""Two people who have the same segment open: the second save is told of the first, and loses nothing."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from leadqual.common import clock
from leadqual.common.access import Role, give_role
from leadqual.common.errors import LeadqualError
from segments.changing import change_segment, retire_segment
from segments.models import Segment
from tests.segments.browsing import a_marketer, field_row, posted
from tests.segments.factories import field

pytestmark = pytest.mark.django_db
BOSS = field("title", "is", "boss")


@pytest.fixture
def mia() -> Client:
    return a_marketer()[1]


@pytest.fixture
def ken() -> User:
    user = User.objects.create_user("ken", "ken@example.com", first_name="Ken")
    give_role(user, Role.MARKETER)
    return user


def made() -> Segment:
    return change_segment(None, name="Bosses", tree=BOSS, description="", state="live", now=clock.now())


def changed(segment: Segment, by: Any = None, **values: Any) -> Segment:
    kept = {"name": "Bosses", "tree": BOSS, "description": "by Ken", "state": "live"} | values
    return change_segment(segment, now=clock.now(), by=by, **kept)


def opened(client: Client, segment: Segment) -> dict[str, Any]:
    """What the form posts that was opened now."""
    answer = client.get(f"/segments/{segment.pk}/edit/")
    assert 'type="hidden" name="expected"' in answer.content.decode()
    form = answer.context["form"]
    return posted(field_row("title", "is", "boss"), name="Bosses", expected=str(form["expected"].value()))


def test_a_second_save_is_refused_with_who_was_first_and_keeps_what_was_typed(mia: Client, ken: User) -> None:
    segment = made()
    typed = opened(mia, segment) | {"description": "by Mia"}
    changed(segment, ken)
    answer = mia.post(f"/segments/{segment.pk}/edit/", typed)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Ken changed this segment since you opened it" in page
    assert "by Mia" in page
    segment.refresh_from_db()
    assert (segment.description, segment.versions.count()) == ("by Ken", 2)
    again = typed | {"expected": str(answer.context["form"]["expected"].value())}
    assert mia.post(f"/segments/{segment.pk}/edit/", again).status_code == 302  # now she knows
    segment.refresh_from_db()
    assert segment.description == "by Mia"


def test_a_rename_of_a_colleague_is_not_undone_by_the_name_of_the_open_form(mia: Client, ken: User) -> None:
    segment = made()
    typed = opened(mia, segment)
    changed(segment, ken, name="Chiefs")
    assert "Ken changed this segment" in mia.post(f"/segments/{segment.pk}/edit/", typed).content.decode()
    assert Segment.objects.get().name == "Chiefs"


def test_a_segment_that_was_retired_meanwhile_does_not_come_back_by_a_save(mia: Client) -> None:
    segment = made()
    typed = opened(mia, segment)
    retire_segment(segment, now=clock.now())
    page = mia.post(f"/segments/{segment.pk}/edit/", typed).content.decode()
    assert "This segment was changed since you opened it" in page
    assert Segment.objects.get().state == "archived"


def test_who_saves_alone_is_not_asked(mia: Client) -> None:
    segment = made()
    for description in ("one", "two"):
        data = opened(mia, segment) | {"description": description}
        assert mia.post(f"/segments/{segment.pk}/edit/", data).status_code == 302
    assert segment.versions.count() == 3


def test_a_program_may_say_which_version_it_knows() -> None:
    segment = made()
    changed(segment, expected=1)
    with pytest.raises(LeadqualError) as caught:
        changed(segment, description="x", expected=1)
    assert caught.value.code == "changed_meanwhile"
