from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.leads import bant, ownership
from leadqual.leads.lifecycle import record_outcome, record_outcomes, set_status
from leadqual.leads.models import BantAnswer, FieldChange, Lead, StatusChange
from leadqual.leads.signals import leads_changed, status_changed
from tests.leads.factories import a_lead
from tests.leads.hearing import heard

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)


def test_only_leads_of_another_status_change_and_each_step_is_logged() -> None:
    fresh, hot = a_lead(), a_lead(status="hot")

    with heard(status_changed) as told:
        changed = set_status({fresh.pk, hot.pk}, "hot", now=NOW, why="score")

    assert changed == {fresh.pk}
    assert set(Lead.objects.values_list("status", flat=True)) == {"hot"}
    assert list(StatusChange.objects.values_list("lead", "before", "after", "day", "why")) == [
        (fresh.pk, "new", "hot", clock.day_of(NOW), "score")
    ]
    assert [(each["leads"], each["status"], each["why"]) for each in told] == [({fresh.pk}, "hot", "score")]


def test_a_status_that_nobody_changes_to_is_told_to_nobody() -> None:
    hot = a_lead(status="hot")

    with heard(status_changed) as told:
        assert set_status({hot.pk}, "hot", now=NOW) == set()
        assert set_status(set(), "hot", now=NOW) == set()

    assert told == []
    assert not StatusChange.objects.exists()


def test_a_won_lead_becomes_a_customer_and_a_lost_one_lost() -> None:
    won, lost = a_lead(), a_lead()

    with heard(leads_changed) as told:
        changed = record_outcomes({won.pk: ("won", 10), lost.pk: ("lost", 11)}, now=NOW)

    assert changed == {won.pk, lost.pk}
    assert [each["fields"] for each in told] == [{"outcome", "outcome_day"}]
    assert list(Lead.objects.order_by("pk").values_list("outcome", "outcome_day", "status")) == [
        ("won", 10, "customer"), ("lost", 11, "lost"),
    ]  # fmt: skip
    assert set(FieldChange.objects.values_list("field", "old", "new")) == {
        ("outcome", "", "won"),
        ("outcome", "", "lost"),
    }


@pytest.mark.parametrize("status", ["customer", "disqualified"])
def test_a_customer_or_disqualified_person_who_says_no_stays_what_they_are(status: str) -> None:
    lead = a_lead(status=status)

    assert record_outcome(lead, "lost", 5, now=NOW)

    assert (lead.outcome, lead.status) == ("lost", status)


def test_an_outcome_taken_back_has_no_day_and_the_status_stays() -> None:
    lead = a_lead(outcome="lost", outcome_day=3)

    assert record_outcome(lead, "", 9, now=NOW)
    assert not record_outcome(lead, "", None, now=NOW)

    assert (lead.outcome, lead.outcome_day, lead.status) == ("", None, "lost")


def test_handing_over_gives_owner_and_mark_and_release_takes_them_back(django_user_model: type[User]) -> None:
    rep, colleague = (django_user_model.objects.create(username=name) for name in ("rep", "colleague"))
    one, other, stranger = a_lead(), a_lead(), a_lead()

    with heard(leads_changed) as told:
        assert ownership.hand_over({one.pk: rep.pk, other.pk: colleague.pk}, now=NOW, why="round robin") == {
            one.pk,
            other.pk,
        }

    assert [(each["leads"], each["fields"]) for each in told] == [
        ({one.pk, other.pk}, {"owner", "with_sales"})
    ]
    assert dict(Lead.objects.values_list("pk", "owner")) == {
        one.pk: rep.pk,
        other.pk: colleague.pk,
        stranger.pk: None,
    }
    assert set(Lead.objects.filter(with_sales=True)) == {one, other}
    assert list(Lead.objects.visible_to(rep)) == [one]

    assert ownership.release([one.pk], now=NOW, why="rejected") == {one.pk}
    assert ownership.release([other.pk], now=NOW, why="won", keep_owner=True) == set()

    assert dict(Lead.objects.values_list("pk", "owner")) == {
        one.pk: None,
        other.pk: colleague.pk,
        stranger.pk: None,
    }
    assert not Lead.objects.filter(with_sales=True).exists()
    assert list(FieldChange.objects.order_by("pk").values_list("lead", "old", "new", "why")) == [
        (one.pk, None, rep.pk, "round robin"),
        (other.pk, None, colleague.pk, "round robin"),
        (one.pk, rep.pk, None, "rejected"),
    ]  # fmt: skip


def test_handing_over_thirty_leads_costs_the_queries_of_two(django_user_model: type[User]) -> None:
    rep = django_user_model.objects.create(username="rep")

    def queries(count: int) -> int:
        owners = {a_lead().pk: rep.pk for _ in range(count)}
        with CaptureQueriesContext(connection) as captured:
            ownership.hand_over(owners, now=NOW, why="batch")
        return len(captured)

    assert queries(30) == queries(2)


def test_a_bant_answer_is_a_new_row_and_told_under_its_letter() -> None:
    lead = a_lead()

    with heard(leads_changed) as told:
        bant.answer(lead, "budget", "yes", now=NOW, said_by="山田", until_day=clock.day_of(NOW) + 30)
        bant.answer(lead, "budget", "no", now=NOW)

    assert [(each["leads"], each["fields"]) for each in told] == [({lead.pk}, {"bant.budget"})] * 2
    assert list(BantAnswer.objects.order_by("pk").values_list("value", "day", "until_day")) == [
        ("yes", clock.day_of(NOW), clock.day_of(NOW) + 30), ("no", clock.day_of(NOW), None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("letter", "value", "until", "place"),
    [("money", "yes", None, "letter"), ("need", "maybe", None, "value"), ("need", "yes", 5, "until_day")],
)
def test_a_wrong_bant_answer_is_refused(letter: str, value: str, until: int | None, place: str) -> None:
    lead = a_lead()

    with pytest.raises(LeadqualError) as error:
        bant.answer(lead, letter, value, now=NOW, until_day=until)

    assert error.value.place == place
    assert not BantAnswer.objects.exists()
