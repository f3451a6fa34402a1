"""Acts that go to sales at once, and leads handed over by hand."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from handoff.assignment import assign
from handoff.direct import hand_over_manually
from handoff.escalation import move_on
from handoff.models import Handoff, State
from leadqual.common.errors import LeadqualError
from leadqual.leads.lifecycle import set_status
from leadqual.leads.models import ActivityType, Lead
from leadqual.leads.recording import Event, record
from leadqual.messaging.models import Notice
from leadqual.scoring.models import Qualification
from segments.models import Membership, Segment
from tests.handoff import factories
from tests.handoff.factories import DAY, WEDNESDAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kinds() -> None:
    ActivityType.objects.create(key="inquiry", label="Inquiry", direct_to_sales=True)
    ActivityType.objects.create(key="page_view", label="Page view")


def act(lead: Lead, kind: str = "inquiry", at: datetime = WEDNESDAY, **fields: object) -> None:
    with transaction.atomic():
        record([Event(type=kind, occurred_at=at, lead_id=lead.pk, **fields)], now=WEDNESDAY)  # type: ignore[arg-type]


def test_an_inquiry_makes_a_handoff_in_its_transaction_and_the_next_run_finds_a_rep() -> None:
    team = factories.team()
    rep = factories.rep(team)
    policy = factories.policy(team)
    lead = factories.lead(status="new")
    act(lead)
    handoff = Handoff.objects.get()
    assert (handoff.lead, handoff.origin, handoff.state, handoff.rep) == (lead, "direct", State.WAITING, None)
    assert not Lead.objects.get().with_sales
    assert assign(now=WEDNESDAY, day=DAY).assigned == 1
    handoff.refresh_from_db()
    assert (handoff.state, handoff.rep, handoff.policy) == (State.OFFERED, rep, policy)
    assert (handoff.qualification, handoff.reasons["act"]) == (None, "inquiry")
    assert Lead.objects.get().owner == rep.user
    assert Notice.objects.get().user == rep.user


def test_other_acts_and_machines_and_old_acts_make_none() -> None:
    lead = factories.lead()
    act(lead, "page_view")
    act(lead, machine=True)
    act(lead, at=WEDNESDAY - timedelta(days=30))
    act(factories.lead(status="disqualified"))
    assert not Handoff.objects.exists()


def test_a_second_inquiry_makes_no_second_handoff_but_tells_the_rep() -> None:
    team = factories.team()
    rep = factories.rep(team)
    factories.policy(team)
    lead = factories.lead()
    act(lead, event_id="1")
    act(lead, event_id="2")
    assert Handoff.objects.count() == 1
    assign(now=WEDNESDAY, day=DAY)
    act(lead, event_id="3")
    act(lead, event_id="4")
    act(lead, event_id="4")
    assert Handoff.objects.count() == 1
    assert list(Notice.objects.order_by("pk").values_list("user", "kind")) == [
        (rep.user_id, "handoff.offered"),
        (rep.user_id, "handoff.acted"),
    ]


def test_a_lead_that_is_hot_too_is_handed_over_once_with_its_qualification() -> None:
    team = factories.team()
    factories.rep(team)
    factories.policy(team)
    [lead] = factories.hot()
    act(lead)
    assert assign(now=WEDNESDAY, day=DAY).as_json() == {
        "assigned": 1, "waiting": 0, "no_policy": 0, "before_turn": 0, "no_place": 0,
    }  # fmt: skip
    handoff = Handoff.objects.get()
    assert (handoff.origin, handoff.qualification) == ("direct", Qualification.objects.get())


def test_a_waiting_handoff_without_a_policy_or_a_place_is_counted() -> None:
    act(factories.lead())
    assert assign(now=WEDNESDAY, day=DAY).no_policy == 1
    team = factories.team()
    factories.rep(team, capacity=0)
    factories.policy(team)
    assert assign(now=WEDNESDAY, day=DAY).no_place == 1
    assert Handoff.objects.get().state == State.WAITING


def test_a_marketer_hands_a_lead_to_a_rep() -> None:
    rep, marketer = factories.rep(factories.team()), factories.user()
    lead = factories.lead(status="nurturing")
    handoff = hand_over_manually(lead, now=WEDNESDAY, by=marketer, rep=rep)
    assert (handoff.state, handoff.rep, handoff.by) == (State.OFFERED, rep, marketer)
    assert handoff.reasons == {"because": "by_hand", "considered": 1}
    assert Lead.objects.get().owner == rep.user


def test_a_named_rep_answers_within_what_the_policy_of_the_leads_segment_says() -> None:
    team, member = factories.team(), factories.lead()
    factories.policy(team, segment=factories.segment([]), accept_within_hours=1)
    fitting = factories.policy(team, segment=factories.segment([member]), accept_within_hours=2, position=1)
    factories.policy(team, accept_within_hours=3, position=2)
    colleague = factories.rep(team)
    handoff = hand_over_manually(member, now=WEDNESDAY, rep=factories.rep(team))
    assert (handoff.policy, handoff.accept_by) == (fitting, WEDNESDAY + timedelta(hours=2))
    assert move_on(now=WEDNESDAY + timedelta(hours=2), day=DAY).offered == 1
    assert Handoff.objects.get(moved_from=handoff).rep == colleague


def test_where_no_policy_fits_the_first_says_how_long_and_then_the_manager_hears_of_it() -> None:
    manager = factories.user()
    rep = factories.rep(factories.team(manager=manager))
    factories.policy(factories.team(), segment=factories.segment([]), accept_within_hours=2)
    handoff = hand_over_manually(factories.lead(), now=WEDNESDAY, rep=rep)
    assert (handoff.policy, handoff.accept_by) == (None, WEDNESDAY + timedelta(hours=2))
    assert move_on(now=WEDNESDAY + timedelta(hours=2), day=DAY).alarmed == 1
    assert Notice.objects.filter(kind="handoff.alarm", user=manager).count() == 1


def test_without_any_policy_a_named_rep_has_a_business_day() -> None:
    handoff = hand_over_manually(factories.lead(), now=WEDNESDAY, rep=factories.rep(factories.team()))
    # Four hours of Wednesday afternoon, then four of Thursday morning.
    assert handoff.accept_by == WEDNESDAY + timedelta(days=1, hours=-1)


def test_a_marketer_lets_the_policies_find_the_rep() -> None:
    lead = factories.lead(status="nurturing")
    handoff = hand_over_manually(lead, now=WEDNESDAY, by=factories.user())
    assert (handoff.state, handoff.origin) == (State.WAITING, "manual")


@pytest.mark.parametrize(("fields", "code"), [({"capacity": 0}, "rep_full"), ({"active": False}, "rep_away")])
def test_a_rep_who_cannot_take_it_is_not_given_it(fields: dict[str, object], code: str) -> None:
    rep = factories.rep(factories.team(), **fields)
    with pytest.raises(LeadqualError) as caught:
        hand_over_manually(factories.lead(), now=WEDNESDAY, rep=rep)
    assert caught.value.code == code
    assert not Handoff.objects.exists()


def test_nobody_is_handed_over_twice_and_the_disqualified_not_at_all() -> None:
    lead = factories.lead()
    hand_over_manually(lead, now=WEDNESDAY)
    for person, code in ((lead, "handed_over"), (factories.lead(status="disqualified"), "disqualified")):
        with pytest.raises(LeadqualError) as caught:
            hand_over_manually(person, now=WEDNESDAY)
        assert caught.value.code == code
    assert Handoff.objects.count() == 1


def test_an_act_brings_its_lead_into_the_segment_that_a_live_policy_asks() -> None:
    north, everybody = factories.team(), factories.team()
    northern = factories.rep(north)
    factories.rep(everybody)
    active = Segment.objects.create(
        name="asked", condition={"activity": "page_view", "op": "at_least", "count": 2}
    )
    unused = Segment.objects.create(
        name="not asked", condition={"activity": "page_view", "op": "at_least", "count": 1}
    )
    factories.policy(north, position=1, segment=active)
    factories.policy(everybody, position=2)
    [lead] = factories.hot()
    act(lead, "page_view")
    assert not Membership.objects.exists()
    act(lead, "page_view")
    assert list(Membership.objects.values_list("segment", "lead")) == [(active.pk, lead.pk)]
    assert not unused.memberships.exists()
    assign(now=WEDNESDAY, day=DAY)
    assert Handoff.objects.get().rep == northern


def test_what_waits_is_withdrawn_when_its_lead_is_disqualified() -> None:
    lead, other = factories.lead(), factories.lead()
    for person in (lead, other):
        hand_over_manually(person, now=WEDNESDAY)
    with transaction.atomic():
        set_status([lead.pk], "disqualified", now=WEDNESDAY)
    assert dict(Handoff.objects.values_list("lead", "state")) == {lead.pk: "withdrawn", other.pk: "waiting"}
