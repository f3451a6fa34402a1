"""What sales says afterwards, and how the lead's outcome follows it."""

from datetime import timedelta

import pytest

from handoff import answering
from handoff.assignment import assign
from handoff.escalation import move_on
from handoff.feedback import current, give_feedback
from handoff.models import Feedback, Handoff, HandoffPolicy, State
from leadqual.common.errors import LeadqualError
from leadqual.leads.models import BantAnswer, Lead
from leadqual.scoring.models import Qualification
from tests.handoff import factories
from tests.handoff.factories import DAY, WEDNESDAY

pytestmark = pytest.mark.django_db
LATER = WEDNESDAY + timedelta(hours=1)


@pytest.fixture
def handoff() -> Handoff:
    return answering.accept(factories.offered(factories.rep(factories.team(), capacity=1)), now=WEDNESDAY)


def lead_now() -> tuple[str, str, int | None, bool]:
    lead = Lead.objects.order_by("pk").first()
    return lead.status, lead.outcome, lead.outcome_day, lead.with_sales


def test_bought_closes_the_handoff_and_wins_the_lead(handoff: Handoff) -> None:
    given = give_feedback(
        handoff, bought="yes", timing="right", reason=" price ", remark="Signed.", amount=1_200_000,
        now=LATER, day=DAY, by=handoff.rep.user,
    )  # fmt: skip
    assert (given.bought, given.timing, given.reason, given.remark) == ("yes", "right", "price", "Signed.")
    assert (given.amount, given.day, given.by, given.corrects) == (1_200_000, DAY, handoff.rep.user, None)
    assert lead_now() == ("customer", "won", DAY, False)
    assert Handoff.objects.get().closed_as == "customer"


def test_lost_closes_the_handoff_and_loses_the_lead(handoff: Handoff) -> None:
    give_feedback(handoff, bought="no", timing="too_early", now=LATER, day=DAY)
    assert lead_now() == ("lost", "lost", DAY, False)


def test_not_decided_yet_leaves_everything_as_it_is(handoff: Handoff) -> None:
    give_feedback(handoff, bought="open", timing="too_early", now=LATER, day=DAY)
    assert lead_now() == ("accepted", "", None, True)
    assert Handoff.objects.get().state == State.ACCEPTED


def test_a_correction_is_a_new_row_and_the_outcome_follows(handoff: Handoff) -> None:
    first = give_feedback(handoff, bought="yes", now=LATER, day=DAY)
    second = give_feedback(handoff, bought="no", now=LATER, day=DAY + 3)
    assert Feedback.objects.count() == 2
    assert second.corrects == first
    assert current(handoff) == second
    first.refresh_from_db()
    assert first.bought == "yes"
    assert Handoff.objects.get().closed_as == "lost"
    assert lead_now()[1:3] == ("lost", DAY + 3)


def test_the_same_answer_again_keeps_the_day_of_the_outcome(handoff: Handoff) -> None:
    give_feedback(handoff, bought="yes", now=LATER, day=DAY)
    give_feedback(handoff, bought="yes", amount=5, now=LATER, day=DAY + 3)
    assert lead_now() == ("customer", "won", DAY, False)


def test_taking_it_back_opens_the_handoff_again_if_there_is_a_place(handoff: Handoff) -> None:
    give_feedback(handoff, bought="no", now=LATER, day=DAY)
    other = factories.offered(handoff.rep)
    with pytest.raises(LeadqualError) as caught:
        give_feedback(handoff, bought="open", now=LATER, day=DAY)
    assert caught.value.code == "rep_full"
    assert Feedback.objects.count() == 1
    answering.reject(other, "a student", now=LATER)
    give_feedback(handoff, bought="open", now=LATER, day=DAY)
    assert lead_now() == ("accepted", "", None, True)
    assert Handoff.objects.get(pk=handoff.pk).state == State.ACCEPTED


def somebody_else_has_it(old: Handoff) -> Handoff:
    """The lead of a handoff that has ended is hot again, and another rep has accepted it."""
    rep = factories.rep(factories.team())
    factories.policy(rep.team, position=0)
    HandoffPolicy.objects.exclude(team=rep.team).update(state="retired")
    Lead.objects.filter(pk=old.lead_id).update(status="hot", outcome="", outcome_day=None)
    factories.qualify([old.lead])
    assign(now=LATER, day=DAY)
    return answering.accept(Handoff.objects.get(rep=rep), now=LATER)


@pytest.mark.parametrize("bought", ["yes", "no", "open"])
def test_whoever_had_the_lead_before_changes_nothing_under_the_rep_who_has_it_now(
    handoff: Handoff, bought: str
) -> None:
    give_feedback(handoff, bought="no", now=LATER, day=DAY)
    now_with = somebody_else_has_it(handoff)
    before = (lead_now(), Qualification.objects.get(ended_day=None).pk)
    given = give_feedback(handoff, bought=bought, bant={"budget": "no"}, now=LATER, day=DAY + 1)
    assert current(handoff) == given
    assert (lead_now(), Qualification.objects.get(ended_day=None).pk) == before
    assert not BantAnswer.objects.exists()
    assert Handoff.objects.get(pk=now_with.pk).state == State.ACCEPTED
    old = Handoff.objects.get(pk=handoff.pk)
    assert (old.state, old.closed_as) == (State.CLOSED, "customer" if bought == "yes" else "lost")


def test_when_the_next_rep_is_done_with_it_only_the_next_rep_speaks_for_the_lead(handoff: Handoff) -> None:
    give_feedback(handoff, bought="no", now=LATER, day=DAY)
    later = somebody_else_has_it(handoff)
    answering.hand_back(later, "next year", now=LATER)
    give_feedback(handoff, bought="yes", now=LATER, day=DAY + 1)
    assert lead_now()[:2] == ("recycled", "")
    give_feedback(handoff, bought="open", now=LATER, day=DAY + 1)
    assert not Handoff.objects.open().exists()
    give_feedback(later, bought="yes", now=LATER, day=DAY + 2)
    assert lead_now()[:3] == ("customer", "won", DAY + 2)


def test_an_answer_to_an_offer_that_expired_stays_with_that_offer() -> None:
    team = factories.team()
    factories.reps(team, 2)
    first = factories.offered(factories.rep(team, weight=9))
    move_on(now=first.accept_by, day=DAY + 1)  # type: ignore[arg-type]
    give_feedback(first, bought="yes", now=LATER, day=DAY + 1)
    expired = Handoff.objects.get(pk=first.pk)
    assert (expired.state, expired.closed_as) == (State.EXPIRED, "")
    assert lead_now()[:2] == ("hot", "")


def test_what_was_said_about_budget_becomes_the_leads_answer(handoff: Handoff) -> None:
    give_feedback(handoff, bought="open", bant={"budget": "yes", "timing": "no"}, now=LATER, day=DAY)
    assert set(BantAnswer.objects.values_list("lead", "letter", "value")) == {
        (handoff.lead_id, "budget", "yes"),
        (handoff.lead_id, "timing", "no"),
    }


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"bought": "perhaps"}, "bought"),
        ({"bought": "yes", "timing": "never"}, "timing"),
        ({"bought": "yes", "amount": -1}, "amount"),
        ({"bought": "yes", "bant": {"budget": "a lot"}}, "value"),
        ({"bought": "yes", "bant": {"colour": "yes"}}, "letter"),
    ],
)
def test_what_cannot_be_said_is_refused_whole(handoff: Handoff, said: dict[str, object], place: str) -> None:
    with pytest.raises(LeadqualError) as caught:
        give_feedback(handoff, now=LATER, day=DAY, **said)  # type: ignore[arg-type]
    assert caught.value.place == place
    assert not Feedback.objects.exists()
    assert not BantAnswer.objects.exists()
    assert lead_now() == ("accepted", "", None, True)


def test_a_stranger_gives_no_feedback(handoff: Handoff) -> None:
    with pytest.raises(LeadqualError) as caught:
        give_feedback(handoff, bought="yes", now=LATER, by=factories.user())
    assert caught.value.code == "not_yours"
    assert not Feedback.objects.exists()
