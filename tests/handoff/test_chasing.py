"""Sales is asked what became of a lead: when, how often, and exactly once each time."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from handoff import answering
from handoff.chasing import ask_for_feedback
from handoff.feedback import give_feedback
from handoff.models import FeedbackReminder, Handoff, HandoffPolicy
from leadqual.leads.models import Status
from leadqual.messaging.models import EmailMessage, Notice
from tests.handoff import factories
from tests.handoff.factories import WEDNESDAY
from tests.handoff.test_concurrency import at_once

pytestmark = pytest.mark.django_db
# Ten business days after Wednesday 11 June 2025.
TENTH = datetime(2025, 6, 25, 3, 0, tzinfo=UTC)
NINTH = TENTH - timedelta(days=1)


def accepted() -> Handoff:
    return answering.accept(factories.offered(), now=WEDNESDAY)


def sent_token(reminder: FeedbackReminder) -> str:
    """Only the mail knows it."""
    key = f"feedback-{reminder.handoff.public_id}-{reminder.number}"
    mail = EmailMessage.objects.get(message_id__contains=key)
    found = re.search(r"/inbox/answer/([^/]+)/", mail.parts.get().text)
    assert found is not None
    return found[1]


def asked() -> int:
    return FeedbackReminder.objects.count()


def test_after_ten_business_days_the_rep_is_asked_once_by_notice_and_mail() -> None:
    row = accepted()
    assert ask_for_feedback(now=NINTH) == 0
    assert ask_for_feedback(now=TENTH) == 1
    assert ask_for_feedback(now=TENTH) == 0
    [reminder] = FeedbackReminder.objects.all()
    assert (reminder.handoff, reminder.rep, reminder.number) == (row, row.rep, 0)
    assert reminder.expires_at == TENTH + timedelta(days=30)
    assert Notice.objects.filter(kind="handoff.feedback", user=row.rep.user).count() == 1  # type: ignore[union-attr]
    mail = EmailMessage.objects.get(to_address=row.rep.user.email)  # type: ignore[union-attr]
    assert str(row.lead) not in mail.subject + mail.text
    [part] = mail.parts.all()
    token = sent_token(reminder)
    assert part.text.count(f"/inbox/answer/{token}/?bought=") == 3
    assert token not in [str(value) for value in FeedbackReminder.objects.values().get().values()]


def test_the_policy_says_after_how_many_days() -> None:
    accepted()
    HandoffPolicy.objects.update(feedback_after_days=2)
    assert ask_for_feedback(now=datetime(2025, 6, 12, 3, 0, tzinfo=UTC)) == 0
    assert ask_for_feedback(now=datetime(2025, 6, 13, 3, 0, tzinfo=UTC)) == 1


def test_it_is_repeated_weekly_three_times_and_then_no_more() -> None:
    accepted()
    for week in range(8):
        moment = TENTH + timedelta(days=7 * week)
        ask_for_feedback(now=moment)
        ask_for_feedback(now=moment + timedelta(days=1))
    assert sorted(FeedbackReminder.objects.values_list("number", flat=True)) == [0, 1, 2, 3]
    assert Notice.objects.filter(kind="handoff.feedback").count() == 4
    assert EmailMessage.objects.filter(message_id__contains="feedback-").count() == 4


def test_nobody_is_asked_at_night_or_on_a_holiday() -> None:
    accepted()
    saturday, night = TENTH + timedelta(days=3), TENTH + timedelta(hours=9)
    assert ask_for_feedback(now=saturday) == ask_for_feedback(now=night) == 0
    assert ask_for_feedback(now=TENTH + timedelta(days=5)) == 1


def test_who_has_answered_left_or_lost_the_lead_is_not_asked() -> None:
    said, left, back, never, waiting = (accepted() for _ in range(5))
    give_feedback(said, bought="open", now=WEDNESDAY)
    gone = factories.rep(factories.team(), active=False)
    Handoff.objects.filter(pk=left.pk).update(rep=gone)
    answering.hand_back(back, "no need", now=WEDNESDAY)
    answering.close(never, Status.DISQUALIFIED, now=WEDNESDAY)
    factories.offered()
    assert ask_for_feedback(now=TENTH) == 1
    assert FeedbackReminder.objects.get().handoff == waiting


def test_a_rep_without_an_address_is_told_in_the_application() -> None:
    row = answering.accept(factories.offered(factories.rep(factories.team(), email="")), now=WEDNESDAY)
    assert ask_for_feedback(now=TENTH) == 1
    assert not EmailMessage.objects.filter(message_id__contains="feedback-").exists()
    assert Notice.objects.filter(kind="handoff.feedback", user=row.rep.user).exists()  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_ask_once() -> None:
    for _ in range(6):
        accepted()
    results = at_once(*[lambda: ask_for_feedback(now=TENTH)] * 4)
    assert all(isinstance(each, int) for each in results), results
    assert sum(results) == asked() == 6  # type: ignore[arg-type]
    assert EmailMessage.objects.filter(message_id__contains="feedback-").count() == 6
