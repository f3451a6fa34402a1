from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from celery import Task
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError, transaction

from handoff.models import Handoff, HandoffPolicy, SalesRep, State
from journeys.models import StageMove, StagePlacement
from leadqual.common.models import Slot
from leadqual.leads.models import Activity, Inbox, Lead
from leadqual.messaging.models import EmailMessage, Notice
from leadqual.operations import tasks
from leadqual.scoring import publishing
from leadqual.scoring.models import LeadScore, ModelState, Qualification, ScoringModel
from segments.models import Membership, MembershipChange, Segment
from tests.operations.factories import DESIGN, NOW, TODAY, a_design, an_event

pytestmark = pytest.mark.django_db(transaction=True)

WATCHED: list[Any] = [
    Activity, EmailMessage, Handoff, Inbox, Lead, LeadScore, Membership, MembershipChange, Notice, Qualification,
    ScoringModel, Slot, StageMove, StagePlacement,
]  # fmt: skip


def snapshot() -> list[list[dict[str, Any]]]:
    return [list(model.objects.order_by("pk").values()) for model in WATCHED]


def run(task: Task, at: datetime = NOW) -> None:
    """In a worker's way, with its retries, now."""
    with time_machine.travel(at, tick=False):
        result = task.apply()
    assert result.successful(), result.traceback


def twice(task: Task, at: datetime = NOW) -> None:
    """The second run, which a message that came twice makes, changes nothing."""
    run(task, at)
    after = snapshot()
    run(task, at)
    assert snapshot() == after


def test_drain_inbox_records_every_event_once() -> None:
    a_design()
    an_event("a", "ask", event_id="1")
    an_event("a", "ask", event_id="1")
    twice(tasks.drain_inbox)
    assert (Activity.objects.count(), Inbox.objects.count()) == (1, 0)


def test_daily_scores_and_judges_once_a_day() -> None:
    a_design()
    an_event("a", "ask")
    run(tasks.drain_inbox)
    twice(tasks.daily)
    assert LeadScore.objects.get().total == 30
    assert Qualification.objects.get().opened_day == TODAY
    assert Slot.objects.get(job="daily").slot == str(TODAY)
    run(tasks.daily, NOW + timedelta(days=1))
    assert set(Slot.objects.filter(job="daily").values_list("slot", flat=True)) == {
        str(TODAY),
        str(TODAY + 1),
    }


def test_a_daily_run_that_dies_is_run_again_by_the_next_offer(monkeypatch: pytest.MonkeyPatch) -> None:
    a_design()
    an_event("a", "ask")
    run(tasks.drain_inbox)
    with monkeypatch.context() as patched:
        patched.setattr(tasks, "rescore_due", lambda **_: 1 / 0)
        assert tasks.daily.apply().failed()
    assert not Slot.objects.exists()
    run(tasks.daily)
    assert Qualification.objects.count() == 1
    assert Slot.objects.count() == 1


def test_refresh_segments_moves_members_once_a_day() -> None:
    a_design()
    an_event("a", "paper")
    run(tasks.drain_inbox)
    Membership.objects.all().delete()
    twice(tasks.refresh_segments)
    assert Membership.objects.get().since_day == TODAY
    assert Segment.objects.get().refreshed_day == TODAY


def test_assign_hot_leads_gives_each_lead_to_one_rep() -> None:
    a_design()
    for lead in "abcd":
        an_event(lead, "ask")
    run(tasks.drain_inbox)
    run(tasks.daily)
    twice(tasks.assign_hot_leads)
    assert Handoff.objects.filter(state=State.OFFERED).values("lead").distinct().count() == 3
    assert Handoff.objects.count() == 3


def test_send_messages_sends_each_mail_once() -> None:
    a_design()
    an_event("a", "paper", days_ago=1)
    an_event("a", "ask")
    for task in (tasks.drain_inbox, tasks.daily, tasks.assign_hot_leads):
        run(task)
    twice(tasks.send_messages)
    assert len(mail.outbox) == 1
    assert mail.outbox[0].to[0] in {"sato@example.com", "suzuki@example.com"}


def test_move_offers_on_gives_an_unanswered_lead_to_the_next_rep_once() -> None:
    a_design()
    an_event("a", "ask")
    for task in (tasks.drain_inbox, tasks.daily, tasks.assign_hot_leads):
        run(task)
    first = Handoff.objects.get()
    twice(tasks.move_offers_on, NOW + timedelta(days=3))
    assert [row.state for row in Handoff.objects.order_by("pk")] == [State.EXPIRED, State.OFFERED]
    assert Handoff.objects.get(state=State.OFFERED).rep != first.rep


def test_resume_publishing_finishes_what_was_interrupted() -> None:
    a_design()
    an_event("a", "ask")
    run(tasks.drain_inbox)
    run(tasks.daily)
    a_design(text=DESIGN.replace("points: 30", "points: 50"), published=False)
    draft = ScoringModel.objects.get(state=ModelState.DRAFT)
    publishing.begin(draft, day=TODAY, now=NOW)
    twice(tasks.resume_publishing)
    draft.refresh_from_db()
    assert draft.state == ModelState.LIVE
    assert LeadScore.objects.get(model=draft).total == 50
    assert not LeadScore.objects.exclude(model=draft).exists()


def test_every_task_with_nothing_to_do_does_nothing() -> None:
    for task in (tasks.drain_inbox, tasks.send_messages, tasks.assign_hot_leads, tasks.move_offers_on):
        run(task)
    run(tasks.resume_publishing)
    run(tasks.place_leads)
    Slot.objects.get(job="beat").delete()  # the mark that the clockwork runs
    assert all(not rows for rows in snapshot())


ALL: list[tuple[Task, str]] = [
    (tasks.drain_inbox, "inbox.drain_all"), (tasks.send_messages, "outbox.send_due"),
    (tasks.assign_hot_leads, "assign"), (tasks.move_offers_on, "move_on"),
    (tasks.resume_publishing, "publishing.resume"), (tasks.daily, "rescore_due"),
    (tasks.refresh_segments, "refresh_and_place"), (tasks.place_leads, "place_soon"),
]  # fmt: skip


def failing(times: int, error: Exception) -> tuple[Callable[..., None], list[int]]:
    calls: list[int] = []

    def work(**_arguments: Any) -> None:
        calls.append(1)
        if len(calls) <= times:
            raise error

    return work, calls


@pytest.mark.parametrize(("task", "function"), ALL)
def test_a_database_that_throws_the_task_out_gets_it_again(
    task: Task, function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, calls = failing(2, OperationalError("deadlock"))
    monkeypatch.setattr(f"leadqual.operations.tasks.{function}", work)
    run(task)
    assert len(calls) == 3


@pytest.mark.parametrize(("task", "function"), ALL)
def test_another_error_is_not_tried_again_but_left_to_the_sweep(
    task: Task, function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, calls = failing(9, ValueError("a fault of ours"))
    monkeypatch.setattr(f"leadqual.operations.tasks.{function}", work)
    assert task.apply().failed()
    assert len(calls) == 1


def test_waiting_between_tries_stays_below_a_minute() -> None:
    for task, _function in ALL:
        assert task.max_retries == 3 and task.retry_backoff_max == 8


def test_a_rep_who_is_absent_on_the_day_worked_on_gets_nothing() -> None:
    """The day of the task is the day of the scores, also for who is there."""
    a_design()
    an_event("a", "ask")
    for task in (tasks.drain_inbox, tasks.daily):
        run(task)
    SalesRep.objects.update(absent_from=date(2026, 11, 24), absent_until=date(2026, 11, 24))
    run(tasks.assign_hot_leads)
    assert not Handoff.objects.filter(state=State.OFFERED).exists()


def test_policies_see_touched_leads_in_their_segments_before_the_nightly_refresh() -> None:
    a_design()
    an_event("a", "paper")
    with transaction.atomic():
        assert not Membership.objects.exists()
    run(tasks.drain_inbox)
    assert [row.lead.external_id for row in Membership.objects.select_related("lead")] == ["a"]
    HandoffPolicy.objects.all().delete()
    an_event("b", "paper")
    run(tasks.drain_inbox)
    assert Membership.objects.count() == 1


def test_after_an_outage_the_nightly_runs_catch_up_with_today() -> None:
    """Whoever works a past through with --as-of does so with the schedule switched off."""
    a_design()
    an_event("a", "ask")
    for task in (tasks.drain_inbox, tasks.daily, tasks.refresh_segments):
        run(task)
    assert LeadScore.objects.get().total == 30
    after = NOW + timedelta(days=20)
    twice(tasks.daily, after)
    twice(tasks.refresh_segments, after)
    assert ScoringModel.objects.get().as_of == TODAY + 20
    assert Segment.objects.get().refreshed_day == TODAY + 20
    assert LeadScore.objects.get().total == 0


def test_every_task_is_also_a_command() -> None:
    a_design()
    an_event("a", "ask")
    for task, _function in ALL:
        call_command("work", task.name.rpartition(".")[2])
    assert (Inbox.objects.count(), LeadScore.objects.count()) == (0, 1)
