from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from leadqual.common.errors import LeadqualError
from leadqual.leads import inbox
from leadqual.leads.claims import LEASE, PUT_OFF, claim_again, claim_new
from leadqual.leads.inbox import Drained
from leadqual.leads.models import Activity, Inbox, Lead
from leadqual.leads.signals import activities_recorded
from tests.leads.acts import a_type, at, heard
from tests.leads.factories import a_lead

pytestmark = pytest.mark.django_db(transaction=True)


def arrive(key: str = "u1", **payload: Any) -> int:
    return inbox.receive({"type": "visit", "lead": {"external_id": key}} | payload, now=at())


@pytest.fixture
def lead() -> Lead:
    a_type()
    return a_lead(external_id="u1")


@pytest.fixture
def poison() -> Any:
    """An event of the path /poison fails in what follows from it, every time."""

    def fail(sender: Any, leads: set[int], **_: Any) -> None:
        if Activity.objects.filter(lead__in=leads, signature__path="/poison").exists():
            raise ZeroDivisionError("poisoned")

    activities_recorded.connect(fail)
    yield
    activities_recorded.disconnect(fail)


def test_receiving_is_one_statement(lead: Lead, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        pk = arrive(event_id="e1")
    row = Inbox.objects.get(pk=pk)
    assert row.payload == {"type": "visit", "lead": {"external_id": "u1"}, "event_id": "e1"}
    assert (row.received_at, row.attempts, row.claimed_until, row.quarantined_at) == (at(), 0, None, None)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"attributes": {"x": "あ" * 22_000}}, "too_large"),
        ({"attributes": {"x": "a\0b"}}, "bad_character"),
        ({"attributes": {"x": "\ud800"}}, "bad_character"),
        ({"attributes": {"x": float("nan")}}, "not_json"),
        ({"attributes": {"x": object()}}, "not_json"),
    ],
)
def test_what_cannot_be_kept_is_refused_before_it_is_written(payload: dict[str, Any], code: str) -> None:
    with pytest.raises(LeadqualError) as refused:
        arrive(**payload)
    assert refused.value.code == code
    assert not Inbox.objects.exists()


def test_a_megabyte_or_a_bottomless_tree_is_refused() -> None:
    tree: Any = {}
    for _ in range(100_000):
        tree = {"a": tree}
    for payload in ({"x": "y" * 2**20}, tree, ["no object"]):
        with pytest.raises(LeadqualError):
            inbox.receive(payload, now=at())
    with pytest.raises(LeadqualError):
        inbox.receive_many([{"type": "visit"}, {"x": "y" * 2**20}], now=at())
    assert not Inbox.objects.exists()


def test_a_text_that_only_looks_like_a_nul_is_kept(lead: Lead) -> None:
    arrive(attributes={"x": "\\u0000"})
    assert inbox.drain(now=at()).recorded == 1
    assert Activity.objects.get().attributes == {"x": "\\u0000"}


def test_draining_moves_events_to_the_activities(lead: Lead) -> None:
    arrive(event_id="e1", occurred_at="2026-03-09T00:00:00Z", path="/a")
    arrive(event_id="e1")
    arrive("new", event_id="e2")
    with heard() as said:
        drained = inbox.drain(now=at(60))
    made = Lead.objects.get(external_id="new")
    assert drained == Drained(2, 1, 0, {lead.pk, made.pk})
    assert [told["leads"] for told in said] == [{lead.pk, made.pk}]
    assert not Inbox.objects.exists()
    acts = set(Activity.objects.values_list("lead", "event_id", "received_at"))
    assert acts == {(lead.pk, "e1", at()), (made.pk, "e2", at())}
    assert inbox.drain(now=at(60)) == Drained(0, 0, 0, set())


def test_an_act_cannot_be_later_than_its_receipt_however_late_it_is_drained(lead: Lead) -> None:
    arrive(occurred_at=at(days=2).isoformat())
    inbox.drain(now=at(days=5))
    assert Activity.objects.get().occurred_at == at()


def test_a_malformed_row_is_set_aside_at_once_with_its_code_and_fails_nobody(lead: Lead) -> None:
    arrive(event_id="good")
    wrong = [arrive(type="never"), arrive(occurred_at="soon"), inbox.receive({"x": 1}, now=at())]
    assert inbox.drain(now=at(1)) == Drained(1, 0, 3, {lead.pk})
    rows = Inbox.objects.order_by("pk")
    assert [row.pk for row in rows] == wrong
    assert [row.error.split(":")[0] for row in rows] == ["unknown_type", "bad_time", "unknown_key"]
    assert {(row.quarantined_at, row.claimed_until) for row in rows} == {(at(1), None)}
    assert inbox.drain_all(now=at(days=1)) == Drained(0, 0, 0, set())


def test_an_unexpected_failure_makes_the_batch_go_row_by_row(lead: Lead, poison: None) -> None:
    a_lead(external_id="u2")
    for n in range(3):
        arrive(event_id=f"good{n}")
    bad = arrive("u2", path="/poison")
    drained = inbox.drain(now=at())
    assert (drained.recorded, drained.quarantined, drained.put_off) == (3, 0, 1)
    row = Inbox.objects.get()
    assert (row.pk, row.attempts, row.quarantined_at) == (bad, 2, None)
    assert row.error == "ZeroDivisionError: poisoned"


def test_a_row_that_failed_three_times_is_set_aside_with_its_error(lead: Lead, poison: None) -> None:
    arrive(path="/poison")
    assert inbox.drain_all(now=at()).put_off == 1
    assert inbox.drain_all(now=at()) == Drained(0, 0, 0, set())  # it rests first
    assert inbox.drain_all(now=at() + PUT_OFF * 2).quarantined == 1
    row = Inbox.objects.get()
    assert (row.attempts, row.error) == (3, "ZeroDivisionError: poisoned")
    assert row.quarantined_at is not None
    assert not Activity.objects.exists()
    assert inbox.drain_all(now=at(days=1)) == Drained(0, 0, 0, set())


def test_a_quarantined_row_can_be_tried_again(lead: Lead) -> None:
    pk = arrive(type="webinar")
    other = arrive(type="never")
    inbox.drain(now=at())
    a_type("webinar")
    assert inbox.try_again([pk]) == 1
    assert inbox.drain(now=at()).recorded == 1
    assert Inbox.objects.get().pk == other
    assert inbox.try_again() == 1
    assert inbox.drain(now=at()).quarantined == 1


def test_the_attempt_is_counted_before_the_work_and_a_dead_workers_rows_come_back(lead: Lead) -> None:
    rows = [arrive(event_id=str(n)) for n in range(3)]
    claimed = claim_new(now=at(), limit=2)
    assert [row.id for row in claimed] == rows[:2]
    assert set(Inbox.objects.values_list("attempts", flat=True)) == {0, 1}
    # the worker died here
    assert inbox.drain_all(now=at()).recorded == 1
    assert inbox.drain_all(now=at() + LEASE) == Drained(0, 0, 0, set())
    assert inbox.drain_all(now=at() + LEASE + timedelta(seconds=1)).recorded == 2
    assert not Inbox.objects.exists()


def test_an_event_that_ends_its_worker_three_times_is_set_aside(lead: Lead) -> None:
    arrive()
    moment = at()
    assert len(claim_new(now=moment, limit=10)) == 1
    for _ in range(2):
        moment += LEASE * 2
        assert claim_again(now=moment) is not None
    assert inbox.drain_all(now=moment + LEASE * 2).quarantined == 1
    assert not Activity.objects.exists()


def test_a_worker_that_lost_its_claim_writes_nothing(lead: Lead) -> None:
    arrive()
    claimed = claim_new(now=at(), limit=10)
    again = claim_again(now=at() + LEASE * 2)
    assert again is not None
    assert inbox._record_batch(claimed, now=at()) == Drained(0, 0, 0, set())
    assert not Activity.objects.exists()
    assert inbox._record_one(again, now=at()).recorded == 1
    assert Activity.objects.count() == 1


def test_a_batch_takes_few_statements(lead: Lead, django_assert_max_num_queries: Any) -> None:
    inbox.receive_many(
        [{"type": "visit", "lead": {"external_id": "u1"}, "event_id": str(n)} for n in range(500)], now=at()
    )
    with django_assert_max_num_queries(60):
        assert inbox.drain(now=at()).recorded == 500
    assert not connection.in_atomic_block


def test_draining_stops_when_its_time_is_up(lead: Lead) -> None:
    arrive()
    assert inbox.drain_all(now=at(), seconds=-1) == Drained(0, 0, 0, set())
    assert Inbox.objects.count() == 1
