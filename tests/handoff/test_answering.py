"""What reps do with their offers, and what follows for the lead."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from handoff import answering
from handoff.assignment import assign
from handoff.models import Handoff, State
from leadqual.common.errors import LeadqualError
from leadqual.leads.models import Lead, StatusChange
from leadqual.scoring.models import Qualification
from tests.handoff import factories
from tests.handoff.factories import DAY, WEDNESDAY

pytestmark = pytest.mark.django_db
LATER = WEDNESDAY + timedelta(hours=1)


def lead_of(handoff: Handoff) -> Lead:
    return Lead.objects.get(pk=handoff.lead_id)


def refused(code: str, step: Callable[[], object]) -> LeadqualError:
    with pytest.raises(LeadqualError) as caught:
        step()
    assert caught.value.code == code
    return caught.value


def test_the_rep_accepts_and_the_lead_is_accepted() -> None:
    handoff = factories.offered()
    answering.accept(handoff, now=LATER, by=handoff.rep.user)
    handoff.refresh_from_db()
    assert (handoff.state, handoff.answered_at, handoff.closed_at) == (State.ACCEPTED, LATER, None)
    lead = lead_of(handoff)
    assert (lead.status, lead.owner, lead.with_sales) == ("accepted", handoff.rep.user, True)
    assert Qualification.objects.get().ended_day is None
    change = StatusChange.objects.get()
    assert (change.before, change.after, change.by) == ("hot", "accepted", handoff.rep.user)


def test_only_the_rep_the_teams_manager_and_who_may_change_handoffs_can_answer() -> None:
    manager = factories.user()
    team = factories.team(manager=manager)
    rep = factories.rep(team)
    handoff = factories.offered(rep)
    colleague, stranger = factories.rep(team).user, factories.user()
    for somebody in (colleague, stranger):
        refused("not_yours", lambda who=somebody: answering.accept(handoff, now=LATER, by=who))
    assert Handoff.objects.get().state == State.OFFERED
    answering.accept(handoff, now=LATER, by=manager)
    answering.hand_back(handoff, "wrong person", now=LATER, by=factories.user(is_superuser=True))
    assert Handoff.objects.get().state == State.RECYCLED


def test_a_rejected_lead_leaves_the_rep_and_is_hot_no_more() -> None:
    handoff = factories.offered()
    refused("no_reason", lambda: answering.reject(handoff, "  ", now=LATER))
    answering.reject(handoff, "a student", now=LATER, day=DAY)
    handoff.refresh_from_db()
    assert (handoff.state, handoff.answer, handoff.closed_at) == (State.REJECTED, "a student", LATER)
    lead = lead_of(handoff)
    assert (lead.status, lead.owner, lead.with_sales) == ("recycled", None, False)
    hot = Qualification.objects.get()
    assert (hot.ended_reason, hot.ended_day) == ("sales", DAY)


def test_a_rejected_lead_stays_readable_in_the_reps_own_handoffs_and_nowhere_else() -> None:
    handoff = factories.offered()
    user, stranger = handoff.rep.user, factories.rep(factories.team()).user
    assert Lead.objects.visible_to(user).count() == 1
    answering.reject(handoff, "a student", now=LATER)
    assert not Lead.objects.visible_to(user).exists()
    assert Handoff.objects.visible_to(user).get() == handoff
    assert not Handoff.objects.visible_to(stranger).exists()


def test_an_answer_frees_the_place_for_the_next_lead() -> None:
    rep = factories.rep(factories.team(), capacity=1)
    handoff = factories.offered(rep)
    factories.hot()
    assert assign(now=LATER, day=DAY).no_place == 1
    answering.reject(handoff, "a student", now=LATER)
    assert assign(now=LATER, day=DAY).assigned == 1


def test_an_accepted_lead_goes_through_the_funnel_to_a_customer() -> None:
    handoff = factories.offered()
    answering.accept(handoff, now=LATER)
    answering.opportunity(handoff, now=LATER)
    assert lead_of(handoff).status == "opportunity"
    answering.close(handoff, "customer", now=LATER, day=DAY)
    handoff.refresh_from_db()
    assert (handoff.state, handoff.closed_as) == (State.CLOSED, "customer")
    lead = lead_of(handoff)
    assert (lead.status, lead.outcome, lead.outcome_day) == ("customer", "won", DAY)
    assert (lead.owner, lead.with_sales) == (handoff.rep.user, False)
    assert Qualification.objects.get().ended_reason == "customer"


@pytest.mark.parametrize(
    ("ending", "outcome", "reason"), [("lost", "lost", "sales"), ("disqualified", "", "disqualified")]
)
def test_other_endings_take_the_lead_from_the_rep(ending: str, outcome: str, reason: str) -> None:
    handoff = factories.offered()
    answering.accept(handoff, now=LATER)
    answering.close(handoff, ending, now=LATER, day=DAY, reason="too small")
    lead = lead_of(handoff)
    assert (lead.status, lead.outcome, lead.owner, lead.with_sales) == (ending, outcome, None, False)
    assert Qualification.objects.get().ended_reason == reason


def test_handing_back_is_for_accepted_leads_and_rejecting_for_offers() -> None:
    handoff = factories.offered()
    refused("wrong_state", lambda: answering.hand_back(handoff, "later", now=LATER))
    answering.accept(handoff, now=LATER)
    refused("wrong_state", lambda: answering.reject(handoff, "later", now=LATER))
    answering.close(handoff, "recycled", now=LATER, reason="next year")
    handoff.refresh_from_db()
    assert (handoff.state, handoff.answer) == (State.RECYCLED, "next year")
    assert lead_of(handoff).status == "recycled"


def test_an_answer_given_twice_is_an_error_and_changes_nothing() -> None:
    handoff = factories.offered()
    answering.accept(handoff, now=LATER)
    refused("wrong_state", lambda: answering.accept(handoff, now=LATER + timedelta(hours=1)))
    assert Handoff.objects.get().answered_at == LATER
    assert StatusChange.objects.count() == 1


def test_only_an_ending_closes() -> None:
    handoff = factories.offered()
    refused("not_an_ending", lambda: answering.close(handoff, "hot", now=LATER))


def test_reopening_needs_a_free_place() -> None:
    rep = factories.rep(factories.team(), capacity=1)
    handoff = factories.offered(rep)
    answering.accept(handoff, now=LATER)
    answering.close(handoff, "lost", now=LATER, day=DAY)
    other = factories.offered(rep)
    refused("rep_full", lambda: answering.reopen(handoff, now=LATER))
    answering.reject(other, "a student", now=LATER)
    answering.reopen(handoff, now=LATER)
    handoff.refresh_from_db()
    lead = lead_of(handoff)
    assert (handoff.state, handoff.closed_as, handoff.closed_at) == (State.ACCEPTED, "", None)
    assert (lead.status, lead.outcome, lead.owner, lead.with_sales) == ("accepted", "", rep.user, True)


def test_a_lead_that_somebody_else_has_now_cannot_be_reopened() -> None:
    team = factories.team()
    first = factories.rep(team)
    handoff = factories.offered(first)
    answering.reject(handoff, "a student", now=LATER)
    factories.qualify([handoff.lead])
    assign(now=LATER, day=DAY)
    refused("handed_over", lambda: answering.reopen(handoff, now=LATER))
    assert Handoff.objects.open().count() == 1
