"""The link in a reminder: looking changes nothing, one tap answers once, and it is good for nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from handoff import answering
from handoff.chasing import ask_for_feedback
from handoff.feedback import give_feedback
from handoff.feedback_links import answer, usable
from handoff.models import Feedback, FeedbackReminder, Handoff, SalesRep, State
from handoff.reassigning import Absence, reassign
from leadqual.common.errors import LeadqualError
from leadqual.leads.models import Lead
from tests.handoff import factories
from tests.handoff.browsing import at
from tests.handoff.factories import WEDNESDAY
from tests.handoff.test_chasing import TENTH, sent_token
from tests.handoff.test_concurrency import at_once

pytestmark = pytest.mark.django_db

TOKENS: dict[int, str] = {}  # what the mail said, also once it is gone


def a_link(**fields: Any) -> FeedbackReminder:
    answering.accept(factories.offered(**fields), now=WEDNESDAY)
    ask_for_feedback(now=TENTH)
    link = FeedbackReminder.objects.latest("pk")
    TOKENS[link.pk] = sent_token(link)
    return link


def visit(link: FeedbackReminder, *, later: timedelta = timedelta(), **posted: str) -> Any:
    address = reverse("inbox:answer", args=[TOKENS[link.pk]])
    with at(TENTH + later):
        return Client().post(address, posted) if posted else Client().get(f"{address}?bought=yes")


def test_looking_shows_the_question_with_the_answer_ready_and_changes_nothing() -> None:
    link = a_link(company=factories.company("ACME"), phone="+8155", email="canary@example.org")
    for _ in range(3):
        response = visit(link)
        assert response.status_code == 200
    text = response.content.decode()
    assert str(link.handoff.lead) in text
    assert "ACME" in text
    assert "checked" in text
    assert "canary" not in text
    assert "+8155" not in text
    assert not Feedback.objects.exists()
    link.refresh_from_db()
    assert link.used_at is None


def test_no_index_and_no_other_site_hears_of_the_address() -> None:
    response = visit(a_link())
    assert "noindex" in response["X-Robots-Tag"]
    assert response["Referrer-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]
    assert 'name="robots"' in response.content.decode()


def test_a_browser_that_checks_may_send_the_form() -> None:
    link = a_link()
    strict, address = Client(enforce_csrf_checks=True), reverse("inbox:answer", args=[TOKENS[link.pk]])
    with at(TENTH):
        assert strict.post(address, {"bought": "yes"}).status_code == 403
        token = strict.get(address).cookies["csrftoken"].value
        said = {"bought": "yes", "timing": "right", "csrfmiddlewaretoken": token}
        assert strict.post(address, said).status_code == 200
    assert Feedback.objects.count() == 1


def test_one_tap_writes_the_answer_of_that_rep_once() -> None:
    link = a_link()
    assert "Thank you" in visit(link, bought="yes", timing="right").content.decode()
    given = Feedback.objects.get()
    assert (given.handoff, given.by, given.bought, given.timing) == (
        link.handoff,
        link.rep.user,
        "yes",
        "right",
    )
    link.handoff.refresh_from_db()
    assert link.handoff.state == State.CLOSED
    assert visit(link, bought="no", timing="right").status_code == 404
    assert visit(link).status_code == 404
    assert Feedback.objects.count() == 1


def test_without_an_answer_it_asks_again() -> None:
    link = a_link()
    response = visit(link, timing="right")
    assert response.status_code == 200
    assert "Please say whether they bought." in response.content.decode()
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda link: give_feedback(link.handoff, bought="open", now=TENTH),
        lambda link: answering.hand_back(link.handoff, "no need", now=TENTH),
        lambda link: SalesRep.objects.filter(pk=link.rep_id).update(active=False),
        lambda link: SalesRep.objects.get(pk=link.rep_id).user.__class__.objects.update(is_active=False),
        lambda link: Handoff.objects.filter(pk=link.handoff_id).update(rep=factories.rep(factories.team())),
        lambda link: Lead.objects.filter(pk=link.handoff.lead_id).delete(),
    ],
)
def test_it_is_useless_once_answered_or_when_the_handoff_has_left_the_rep(spoil: Any) -> None:
    link = a_link()
    spoil(link)
    before = Feedback.objects.count()
    assert visit(link).status_code == 404
    assert visit(link, bought="yes", timing="right").status_code == 404
    assert Feedback.objects.count() == before


def test_it_is_useless_after_a_reassignment() -> None:
    link = a_link()
    factories.rep(link.rep.team)
    reassign(link.rep, Absence(leaving=False, begins=TENTH.date()), now=TENTH)
    assert visit(link, bought="yes").status_code == 404


def test_it_expires_after_thirty_days_and_a_guess_is_none() -> None:
    link = a_link()
    assert visit(link, later=timedelta(days=29)).status_code == 200
    assert visit(link, later=timedelta(days=30), bought="yes").status_code == 404
    with at(TENTH):
        assert Client().get(reverse("inbox:answer", args=["guess"])).status_code == 404
    assert not Feedback.objects.exists()


def test_guessing_is_slowed_down() -> None:
    cache.clear()
    with at(TENTH):
        answers = [Client().get(reverse("inbox:answer", args=[f"guess{n}"])).status_code for n in range(31)]
    assert set(answers[:30]) == {404}
    assert answers[30] == 429


def test_links_that_were_sent_are_opened_without_limit_and_do_not_count_as_guesses() -> None:
    cache.clear()
    link = a_link()
    assert {visit(link).status_code for _ in range(35)} == {200}
    visit(link, bought="yes", timing="right")
    assert {visit(link).status_code for _ in range(35)} == {404}


def test_an_answer_given_in_the_app_meanwhile_is_not_corrected_by_an_open_tab() -> None:
    link = a_link()
    opened = usable(TOKENS[link.pk], now=TENTH)
    assert opened is not None
    give_feedback(link.handoff, bought="no", now=TENTH)
    with pytest.raises(LeadqualError):
        answer(opened, now=TENTH, bought="yes")
    assert Feedback.objects.get().bought == "no"
    link.refresh_from_db()
    assert link.used_at is None


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_the_same_moment_write_one_answer() -> None:
    link = a_link()
    statuses = at_once(*[lambda: visit(link, bought="yes", timing="right").status_code] * 2)
    assert sorted(statuses) == [200, 404]  # type: ignore[type-var]
    assert Feedback.objects.count() == 1
