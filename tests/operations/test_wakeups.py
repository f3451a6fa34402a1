from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from kombu.exceptions import OperationalError

from leadqual.leads import inbox
from leadqual.operations import tasks, wakeups
from leadqual.operations.tasks import drain_inbox
from tests.operations.factories import NOW, a_design, an_event
from tests.services import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names of the tasks that were woken; nothing is left under way when the test ends."""
    names: list[str] = []
    wakers = (wakeups.drain, wakeups.assign, wakeups.send)
    for waker in wakers:
        task = waker.task
        monkeypatch.setattr(
            task, "apply_async", lambda task=task, **_: names.append(task.name.rpartition(".")[2])
        )
    yield names
    wait_until(lambda: not any(waker.waiting for waker in wakers), 5, "wake-ups sent")


def test_a_received_event_wakes_the_drain(sent: list[str]) -> None:
    an_event("a", "ask")
    wait_until(lambda: bool(sent), 5, "a message")
    assert sent == ["drain_inbox"]


def test_a_burst_of_events_is_one_message_and_the_next_burst_another(sent: list[str]) -> None:
    for number in range(50):
        wakeups.drain.soon()
        assert number >= 0
    wait_until(lambda: not wakeups.drain.waiting and bool(sent), 5, "the first message")
    assert sent == ["drain_inbox"]
    inbox.receive_many([{"type": "ask"}, {"type": "ask"}], now=NOW)
    wait_until(lambda: len(sent) == 2, 5, "the second message")


def test_an_event_that_is_rolled_back_wakes_nobody(sent: list[str]) -> None:
    with transaction.atomic():
        an_event("a", "ask")
        transaction.set_rollback(True)
    assert not wakeups.drain.waiting
    assert sent == []


def test_a_lead_that_becomes_hot_wakes_the_assignment_after_the_commit(sent: list[str]) -> None:
    a_design()
    an_event("a", "view")
    tasks.drain_inbox.apply()
    tasks.daily.apply()
    an_event("a", "ask")
    wait_until(lambda: not wakeups.drain.waiting, 5, "the events' messages")
    sent.clear()
    with transaction.atomic():
        wakeups.assign.after_commit()
        assert not wakeups.assign.waiting
        transaction.set_rollback(True)
    assert not wakeups.assign.waiting
    drain_inbox.apply()
    wait_until(lambda: bool(sent), 5, "a message")
    assert sent == ["assign_hot_leads"]


def test_an_offer_wakes_the_mail(sent: list[str]) -> None:
    a_design()
    an_event("a", "ask")
    for task in (tasks.drain_inbox, tasks.daily):
        task.apply()
    wait_until(lambda: not (wakeups.drain.waiting or wakeups.assign.waiting), 5, "earlier messages")
    sent.clear()
    tasks.assign_hot_leads.apply()
    wait_until(lambda: bool(sent), 5, "a message")
    assert sent == ["send_messages"]


def test_without_a_broker_the_event_is_kept_and_nobody_is_disturbed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(**_: Any) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(wakeups.drain.task, "apply_async", refuse)
    an_event("a", "ask")
    wait_until(lambda: "a sweep will do it" in caplog.text, 5, "the warning")
    assert inbox.Inbox.objects.count() == 1
