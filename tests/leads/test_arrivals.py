from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from leadqual.common.errors import LeadqualError
from leadqual.leads.arrivals import Arrival, read_arrival
from leadqual.leads.identifying import Named
from tests.leads.acts import at

pytestmark = pytest.mark.django_db  # local times ask for the organisation's zone

BROWSER = "9e107d9d-372b-4682-8e2f-000000000001"


def read(**payload: Any) -> Arrival:
    return read_arrival({"type": "visit", "lead": {"external_id": "u1"}} | payload, received_at=at(days=30))


def test_a_whole_event_is_read() -> None:
    arrival = read(
        occurred_at="2026-03-10T12:00:00+09:00",
        event_id=77,
        lead={"external_id": 5, "email": " A@Example.JP ", "family_name": "佐藤", "company": "㈱青空"},
        visitor=BROWSER,
        url="https://x.jp/a?b",
        attributes={"kind": "guide"},
        machine=True,
    )
    assert arrival == Arrival(
        type="visit",
        occurred_at=at(),
        received_at=at(days=30),
        named=Named("5", "a@example.jp", {"family_name": "佐藤", "company": "㈱青空"}),
        visitor_id=UUID(BROWSER),
        path="https://x.jp/a?b",
        attributes={"kind": "guide"},
        event_id="77",
        machine=True,
    )


def test_little_is_enough() -> None:
    arrival = read_arrival({"type": "visit", "visitor": BROWSER}, received_at=at())
    assert (arrival.occurred_at, arrival.named, arrival.event_id, arrival.machine) == (
        at(),
        None,
        None,
        False,
    )


@pytest.mark.parametrize(
    "told",
    [
        "2026-03-10T03:00:00Z",
        "2026-03-10 12:00",  # in the organisation's zone
        "2026/3/10 12:00:00",
        "2026年3月10日 12:00",
        at().timestamp(),
        int(at().timestamp() * 1000),
    ],
)
def test_moments_are_read_in_many_forms(told: Any) -> None:
    assert read(occurred_at=told).occurred_at == datetime(2026, 3, 10, 3, 0, tzinfo=UTC)


def test_a_moment_after_its_receipt_becomes_the_receipt() -> None:
    assert read(occurred_at="2027-01-01T00:00:00Z").occurred_at == at(days=30)


def test_a_long_event_id_is_kept_as_its_hash() -> None:
    one, two = read(event_id="x" * 65).event_id, read(event_id="x" * 66).event_id
    assert one != two and len(one or "") == len(two or "") == 64
    assert read(event_id="x" * 64).event_id == "x" * 64


@pytest.mark.parametrize(
    ("wrong", "code", "place"),
    [
        ({"type": None}, "not_text", "type"),
        ({"type": " "}, "not_text", "type"),
        ({"type": ["visit"]}, "not_text", "type"),
        ({"lead": None}, "no_actor", "lead"),
        ({"lead": {}}, "no_actor", "lead"),
        ({"lead": {"family_name": "佐藤"}}, "no_key", "lead"),
        ({"lead": "u1"}, "not_an_object", "lead"),
        ({"lead": {"external_id": ["u1"]}}, "not_text", "lead.external_id"),
        ({"lead": {"email": "nobody"}}, "bad_email", "lead.email"),
        ({"lead": {"external_id": "u1", "status": "customer"}}, "unknown_field", "lead.status"),
        ({"lead": {"external_id": "u1", "owner": "1"}}, "unknown_field", "lead.owner"),
        ({"lead": {"external_id": "x" * 201}}, "too_long", "lead.external_id"),
        ({"visitor": "me"}, "bad_visitor", "visitor"),
        ({"visitor": 5}, "bad_visitor", "visitor"),
        ({"occurred_at": "yesterday"}, "bad_time", "occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "bad_time", "occurred_at"),
        ({"occurred_at": "1969-12-31T00:00:00Z"}, "bad_time", "occurred_at"),
        ({"occurred_at": 10**30}, "bad_time", "occurred_at"),
        ({"occurred_at": True}, "bad_time", "occurred_at"),
        ({"occurred_at": {}}, "bad_time", "occurred_at"),
        ({"event_id": 1.5}, "not_text", "event_id"),
        ({"event_id": True}, "not_text", "event_id"),
        ({"path": 5}, "not_text", "path"),
        ({"url": ["x"]}, "not_text", "url"),
        ({"attributes": [1]}, "not_an_object", "attributes"),
        ({"machine": "yes"}, "not_boolean", "machine"),
        ({"score": 100}, "unknown_key", "score"),
    ],
)
def test_what_cannot_be_read_names_its_place(wrong: dict[str, Any], code: str, place: str) -> None:
    with pytest.raises(LeadqualError) as refused:
        read(**wrong)
    assert (refused.value.code, refused.value.place) == (code, place)
