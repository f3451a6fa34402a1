"""What a rep says about a lead through the page, and what follows from it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handoff import answering
from handoff.feedback import current
from handoff.models import OPEN, Feedback, Handoff, State
from leadqual.leads.models import BantAnswer, Outcome, Status
from tests.handoff import factories
from tests.handoff.browsing import a_rep, at, client
from tests.handoff.factories import WEDNESDAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def accepted() -> Handoff:
    row = factories.offered(a_rep(capacity=1))
    return answering.accept(row, now=WEDNESDAY)


def say(row: Handoff, browser: Client | None = None, **said: Any) -> Any:
    with at():
        address = reverse("inbox:feedback", args=[row.public_id])
        return (browser or client(row.rep.user)).post(address, said, follow=True)  # type: ignore[union-attr]


def test_two_taps_are_enough_and_status_outcome_and_the_place_follow(accepted: Handoff) -> None:
    say(accepted, bought="yes", timing="right")
    given = Feedback.objects.get()
    assert (given.bought, given.timing, given.by) == ("yes", "right", accepted.rep.user)  # type: ignore[union-attr]
    accepted.refresh_from_db()
    accepted.lead.refresh_from_db()
    assert (accepted.state, accepted.closed_as) == (State.CLOSED, Status.CUSTOMER)
    assert (accepted.lead.status, accepted.lead.outcome) == (Status.CUSTOMER, Outcome.WON)
    assert not Handoff.objects.filter(rep=accepted.rep, state__in=OPEN).exists()


def test_the_page_asks_with_buttons_and_folds_the_rest(accepted: Handoff) -> None:
    with at():
        text = client(accepted.rep.user).get(  # type: ignore[union-attr]
            reverse("inbox:feedback", args=[accepted.public_id]) + "?bought=no"
        ).content.decode()  # fmt: skip
    assert text.count('type="submit" name="timing"') == 4
    assert 'value="no" required id="id_bought_1" checked' in text.replace("  ", " ") or "checked" in text
    assert '<details class="more">' in text
    assert not Feedback.objects.exists()


def test_the_rest_is_written_too(accepted: Handoff) -> None:
    say(
        accepted, bought="no", timing="too_early", reason="no_budget", words="until April", amount="1200000",
        remark="Nice people", bant_budget="no", bant_need="yes", bant_authority="", bant_timing="partly",
    )  # fmt: skip
    given = Feedback.objects.get()
    assert (given.reason, given.amount, given.remark) == ("no budget: until April", 1_200_000, "Nice people")
    assert given.bant == {"budget": "no", "need": "yes", "timing": "partly"}
    assert set(BantAnswer.objects.values_list("letter", "value")) == set(given.bant.items())
    accepted.lead.refresh_from_db()
    assert accepted.lead.status == Status.LOST


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"timing": "right"}, "Please say whether they bought."),
        ({"bought": "perhaps"}, "Select a valid choice"),
        ({"bought": "yes", "timing": "sometime"}, "Select a valid choice"),
        ({"bought": "yes", "amount": "-5"}, "greater than or equal to 0"),
        ({"bought": "no", "reason": "other", "words": ""}, "Please say what it was."),
    ],
)
def test_a_wrong_answer_is_said_at_its_field_and_writes_nothing(
    accepted: Handoff, said: dict[str, str], expected: str
) -> None:
    text = say(accepted, remark="keep me", **said).content.decode()
    if "timing" not in said or said["timing"] == "right":
        assert expected in text
    assert "keep me" in text
    assert not Feedback.objects.exists()
    assert Handoff.objects.get().state == State.ACCEPTED


def test_a_correction_is_a_new_row_and_the_same_again_is_none(accepted: Handoff) -> None:
    say(accepted, bought="no", timing="right")
    say(accepted, bought="no", timing="right")
    assert Feedback.objects.count() == 1
    say(accepted, bought="yes", timing="right")
    assert Feedback.objects.count() == 2
    given = current(accepted)
    assert given is not None
    assert (given.bought, given.corrects is not None) == ("yes", True)
    accepted.lead.refresh_from_db()
    assert accepted.lead.status == Status.CUSTOMER


def test_an_offer_that_is_not_accepted_has_nothing_to_say_yet() -> None:
    row = factories.offered(a_rep())
    assert "nothing to say" in say(row, bought="yes").content.decode()
    assert not Feedback.objects.exists()


def test_taking_an_ending_back_needs_a_free_place(accepted: Handoff) -> None:
    say(accepted, bought="no")
    rep = accepted.rep
    assert rep is not None
    factories.offered(rep)
    text = say(accepted, bought="open").content.decode()
    assert "no free place" in text
    assert current(accepted).bought == "no"  # type: ignore[union-attr]
