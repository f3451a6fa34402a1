"""All open leads of one rep to the colleagues: as previewed, within their capacity, once, and back again."""

from datetime import date, timedelta

import pytest

from handoff import answering
from handoff.assignment import assign
from handoff.models import OPEN, Handoff, HandoffPolicy, Origin, Reassignment, SalesRep, State
from handoff.planning import plan_next
from handoff.reassigning import Absence, Plan, end_absence, preview, reassign, set_absence, undo
from leadqual.common.errors import LeadqualError
from leadqual.leads.models import Lead
from leadqual.messaging.models import Notice
from tests.handoff import factories
from tests.handoff.factories import DAY, WEDNESDAY
from tests.handoff.test_concurrency import at_once

pytestmark = pytest.mark.django_db
AWAY = Absence(date(2025, 6, 11), date(2025, 6, 20))
LEAVING = Absence(leaving=True)


def loads() -> dict[int, int]:
    return {
        rep.pk: Handoff.objects.filter(rep=rep, state__in=OPEN).count()
        for rep in SalesRep.objects.order_by("pk")
    }


def a_full_rep(number: int = 12) -> SalesRep:
    """Everything is this rep's, for nobody else was there."""
    team = factories.team()
    rep = factories.rep(team, capacity=number)
    factories.policy(team)
    factories.hot(number)
    assign(now=WEDNESDAY, day=DAY)
    assert loads()[rep.pk] == number
    return rep


def shape(plan: Plan) -> tuple[list[tuple[int, int]], int]:
    return plan.by_rep(), len(plan.no_place)


def test_the_leads_go_as_previewed_within_the_capacity_and_the_rest_stays() -> None:
    rep = a_full_rep(12)
    a, b = (factories.rep(rep.team, capacity=capacity) for capacity in (5, 4))
    seen = preview(rep, now=WEDNESDAY, day=DAY)
    assert shape(seen) == ([(a.pk, 5), (b.pk, 4)], 3)
    assert loads() == {rep.pk: 12, a.pk: 0, b.pk: 0}
    made, plan = reassign(rep, AWAY, now=WEDNESDAY, day=DAY)
    assert shape(plan) == shape(seen)
    assert loads() == {rep.pk: 3, a.pk: 5, b.pk: 4}
    rep.refresh_from_db()
    assert (rep.absent_from, rep.absent_until, rep.active) == (AWAY.begins, AWAY.ends, True)
    moved = Handoff.objects.filter(reassignment=made)
    assert set(moved.values_list("state", "moved_from__state", "moved_from__closed_as")) == {
        (State.OFFERED, State.WITHDRAWN, "reassigned")
    }
    for row in moved.select_related("rep", "lead"):
        assert row.lead.owner_id == row.rep.user_id  # type: ignore[union-attr]
    assert Notice.objects.filter(kind="handoff.offered", user=a.user).count() == 5


def test_what_was_planned_and_where_it_came_from_go_along() -> None:
    rep = a_full_rep(1)
    row = Handoff.objects.get()
    answering.accept(row, now=WEDNESDAY)
    plan_next(row, "Send the offer", date(2025, 6, 12), now=WEDNESDAY)
    Handoff.objects.update(origin=Origin.DIRECT, reasons={"act": "inquiry", "tried": [rep.pk]})
    factories.rep(rep.team)
    made, _plan = reassign(rep, LEAVING, now=WEDNESDAY, day=DAY)
    new = Handoff.objects.get(reassignment=made)
    assert (new.next_action, new.next_action_on) == ("Send the offer", date(2025, 6, 12))
    assert (new.origin, new.reasons["act"], new.reasons["was"]) == (Origin.DIRECT, "inquiry", State.ACCEPTED)
    rep.refresh_from_db()
    assert not rep.active


def test_a_lead_handed_over_by_name_goes_to_the_own_team() -> None:
    rep = a_full_rep(1)
    Handoff.objects.update(policy=None, origin=Origin.MANUAL)
    other = factories.rep(rep.team)
    factories.rep(factories.team())
    reassign(rep, LEAVING, now=WEDNESDAY, day=DAY)
    assert loads()[other.pk] == 1


def test_the_fallback_team_helps_out_and_territories_hold() -> None:
    rep = a_full_rep(2)
    fallback = factories.team()
    HandoffPolicy.objects.update(fallback_team=fallback)
    factories.rep(rep.team, territory={"field": "title", "op": "is", "value": "nobody has it"})
    helper = factories.rep(fallback)
    reassign(rep, LEAVING, now=WEDNESDAY, day=DAY)
    assert loads()[helper.pk] == 2


def test_the_second_time_there_is_nothing_left() -> None:
    rep = a_full_rep(3)
    factories.rep(rep.team)
    reassign(rep, AWAY, now=WEDNESDAY, day=DAY)
    with pytest.raises(LeadqualError) as refused:
        reassign(rep, AWAY, now=WEDNESDAY, day=DAY)
    assert refused.value.code == "nothing_open"
    assert (Reassignment.objects.count(), Handoff.objects.count()) == (1, 6)


def test_undone_the_rep_has_everything_back_that_nobody_has_taken_on() -> None:
    rep = a_full_rep(4)
    answering.accept(Handoff.objects.first(), now=WEDNESDAY)  # type: ignore[arg-type]
    other = factories.rep(rep.team)
    before = sorted(Handoff.objects.values_list("lead", "state"))
    made, _plan = reassign(rep, AWAY, now=WEDNESDAY, day=DAY)
    kept = Handoff.objects.filter(reassignment=made, moved_from__state=State.WITHDRAWN).last()
    assert kept is not None
    answering.accept(kept, now=WEDNESDAY)
    assert undo(made, now=WEDNESDAY + timedelta(hours=23)) == (3, 1)
    assert loads() == {rep.pk: 3, other.pk: 1}
    after = sorted(Handoff.objects.filter(rep=rep, state__in=OPEN).values_list("lead", "state"))
    assert after == [each for each in before if each[0] != kept.lead_id]
    assert set(Lead.objects.filter(owner=rep.user).values_list("pk", flat=True)) == {
        lead for lead, _ in after
    }
    rep.refresh_from_db()
    assert rep.absent_from is None
    with pytest.raises(LeadqualError):
        undo(made, now=WEDNESDAY + timedelta(hours=23))


def test_after_an_undo_the_same_leads_can_be_given_away_again() -> None:
    rep = a_full_rep(2)
    factories.rep(rep.team)
    made, _plan = reassign(rep, AWAY, now=WEDNESDAY, day=DAY)
    undo(made, now=WEDNESDAY)
    rep.refresh_from_db()
    _made, plan = reassign(rep, LEAVING, now=WEDNESDAY, day=DAY)
    assert len(plan.moves) == 2
    assert loads()[rep.pk] == 0


def test_after_a_day_it_stays_as_it_is() -> None:
    rep = a_full_rep(1)
    factories.rep(rep.team)
    made, _plan = reassign(rep, AWAY, now=WEDNESDAY, day=DAY)
    with pytest.raises(LeadqualError) as refused:
        undo(made, now=WEDNESDAY + timedelta(days=1))
    assert refused.value.code == "too_late"
    assert loads()[rep.pk] == 0


def test_only_who_leads_the_team_may() -> None:
    rep = a_full_rep(1)
    factories.rep(rep.team)
    stranger, manager = factories.user(), factories.user()
    for step in (
        lambda: reassign(rep, AWAY, now=WEDNESDAY, day=DAY, by=stranger),
        lambda: reassign(rep, AWAY, now=WEDNESDAY, day=DAY, by=rep.user),
        lambda: set_absence(rep, AWAY, by=stranger),
        lambda: end_absence(rep, by=stranger),
    ):
        with pytest.raises(LeadqualError) as refused:
            step()
        assert refused.value.code == "not_yours"
    assert (loads()[rep.pk], Reassignment.objects.count()) == (1, 0)
    rep.team.manager = manager
    rep.team.save()
    reassign(rep, AWAY, now=WEDNESDAY, day=DAY, by=manager)
    assert rep.history.latest("history_id").history_user == manager  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "absence", [Absence(), Absence(date(2025, 6, 2), date(2025, 6, 1)), Absence(None, date(2025, 6, 1))]
)
def test_an_absence_has_a_beginning_and_ends_after_it(absence: Absence) -> None:
    rep = factories.rep(factories.team())
    with pytest.raises(LeadqualError):
        set_absence(rep, absence)
    rep.refresh_from_db()
    assert rep.absent_from is None


@pytest.mark.django_db(transaction=True)
def test_two_managers_a_run_and_an_answer_at_once_give_each_lead_to_one_rep() -> None:
    rep = a_full_rep(20)
    a, b = (factories.rep(rep.team, capacity=8) for _ in range(2))
    factories.hot(6)
    answered = Handoff.objects.filter(rep=rep).last()
    assert answered is not None

    def give_away() -> object:
        return reassign(SalesRep.objects.get(pk=rep.pk), AWAY, now=WEDNESDAY, day=DAY)

    results = at_once(
        give_away,
        give_away,
        lambda: assign(now=WEDNESDAY, day=DAY),
        lambda: answering.accept(answered, now=WEDNESDAY),
    )
    errors = [each for each in results if isinstance(each, Exception)]
    assert all(isinstance(each, LeadqualError) for each in errors), errors
    counted = loads()
    assert counted[a.pk] <= 8
    assert counted[b.pk] <= 8
    open_now = list(Handoff.objects.filter(state__in=OPEN).values_list("lead", flat=True))
    assert len(open_now) == len(set(open_now)) >= 20
    for row in Handoff.objects.filter(state__in=OPEN).select_related("lead", "rep"):
        assert row.lead.owner_id == row.rep.user_id  # type: ignore[union-attr]
