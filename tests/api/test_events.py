from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient

from leadqual.leads import inbox
from leadqual.leads.models import Activity, ActivityType, Inbox
from tests.api.conftest import errors
from tests.permissions.world import World

pytestmark = pytest.mark.django_db
ACTS = "/api/v1/activities/"


@pytest.fixture
def page_view(db: None) -> ActivityType:
    return ActivityType.objects.create(key="page_view", label="Page view")


def event(**more: Any) -> dict[str, Any]:
    return {"type": "page_view", "lead": {"email": "canary@example.com"}, "path": "/pricing"} | more


def test_an_event_is_stored_before_it_is_answered_and_counts_once(
    people: World, program: Callable[[str], APIClient], page_view: ActivityType
) -> None:
    client = program("marketer")
    for _time in range(2):
        answer = client.post(ACTS, event(event_id="a1"), format="json")
        assert (answer.status_code, answer.json()) == (202, {"accepted": 1})
    assert Inbox.objects.count() == 2
    done = inbox.drain(now=timezone.now())
    assert (done.recorded, done.duplicates) == (1, 1)
    assert Activity.objects.get().lead == people.lead
    listed = client.get(ACTS, {"lead": str(people.lead.public_id)}).json()["results"]
    assert [(each["type"], each["path"], each["event_id"]) for each in listed] == [
        ("page_view", "/pricing", "a1")
    ]


def test_a_list_is_taken_whole_or_not_at_all(program: Callable[[str], APIClient]) -> None:
    client = program("marketer")
    answer = client.post(ACTS, [event(), event(occurred_at="yesterday")], format="json")
    assert answer.status_code == 400
    assert errors(answer) == [("[1].occurred_at", "bad_time")]
    assert not Inbox.objects.exists()
    assert client.post(ACTS, [event(), event()], format="json").json() == {"accepted": 2}


@pytest.mark.parametrize(
    ("body", "place", "code"),
    [
        ([], "", "out_of_range"),
        ([1], "", "not_an_object"),
        ({"type": "page_view"}, "lead", "no_actor"),
        ({"type": "page_view", "lead": {"email": "a@example.com"}, "score": 9}, "score", "unknown_key"),
    ],
)
def test_bad_events_are_refused_with_their_place(
    program: Callable[[str], APIClient], body: Any, place: str, code: str
) -> None:
    answer = program("marketer").post(ACTS, body, format="json")
    assert answer.status_code == 400
    assert errors(answer) == [(place, code)]
    assert not Inbox.objects.exists()


def test_a_body_too_large_is_not_read(program: Callable[[str], APIClient]) -> None:
    client = program("marketer")
    huge = event(attributes={"x": "y" * settings.API_MOST_BYTES})
    assert client.post(ACTS, huge, format="json").status_code == 413
    assert client.post(ACTS, "{not json", content_type="application/json").status_code == 400
    assert client.post(ACTS, "[" * 100_000, content_type="application/json").status_code == 400
    assert client.post(ACTS, "a=b", content_type="application/x-www-form-urlencoded").status_code == 415
    assert not Inbox.objects.exists()


def test_more_than_a_thousand_at_once_are_refused(program: Callable[[str], APIClient]) -> None:
    answer = program("marketer").post(ACTS, [event()] * 1001, format="json")
    assert (answer.status_code, errors(answer)) == (400, [("", "out_of_range")])


def test_a_rep_sends_no_events(program: Callable[[str], APIClient]) -> None:
    assert program("owner").post(ACTS, event(), format="json").status_code == 403
    assert not Inbox.objects.exists()
