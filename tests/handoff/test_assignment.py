"""Who gets which lead, and what stands in the rows afterwards."""

from datetime import date, timedelta
from typing import Any

import pytest

from handoff.assignment import assign
from handoff.models import Handoff, Origin, State, Strategy
from leadqual.leads.models import FieldChange, Lead
from leadqual.messaging.models import Notice
from leadqual.scoring.models import Qualification
from tests.handoff import factories
from tests.handoff.factories import DAY, WEDNESDAY

pytestmark = pytest.mark.django_db


def run(**options: Any) -> dict[str, int]:
    return assign(now=WEDNESDAY, day=DAY, **options).as_json()


def offered_to() -> dict[int, int]:
    return dict(Handoff.objects.open().values_list("lead_id", "rep_id"))


def test_a_hot_lead_is_offered_to_a_rep_with_everything_that_goes_with_it() -> None:
    team = factories.team()
    rep = factories.rep(team, capacity=5)
    policy = factories.policy(team)
    [lead] = factories.hot()
    assert run() == {"assigned": 1, "waiting": 0, "no_policy": 0, "before_turn": 0, "no_place": 0}
    handoff = Handoff.objects.get()
    assert (handoff.lead, handoff.rep, handoff.team, handoff.policy) == (lead, rep, team, policy)
    assert (handoff.state, handoff.origin) == (State.OFFERED, Origin.HOT)
    assert handoff.qualification == Qualification.objects.get()
    assert handoff.candidates == [[rep.pk, 5]]
    assert handoff.reasons == {"strategy": "weighted", "considered": 1, "because": "only_one"}
    # Eight business hours from Wednesday 14:00 are Thursday 13:00 in Tokyo.
    assert handoff.accept_by == WEDNESDAY + timedelta(hours=23)
    lead.refresh_from_db()
    assert (lead.owner, lead.with_sales) == (rep.user, True)
    change = FieldChange.objects.get()
    assert (change.field, change.old, change.new) == ("owner", None, rep.user_id)
    notice = Notice.objects.get()
    assert (notice.user, notice.kind) == (rep.user, "handoff.offered")
    assert notice.data == {"handoff": str(handoff.public_id)}


def test_the_second_run_changes_nothing() -> None:
    team = factories.team()
    factories.reps(team, 3, capacity=5)
    factories.policy(team)
    factories.hot(7)
    assert run()["assigned"] == 7
    before = list(Handoff.objects.order_by("pk").values())
    assert run() == {"assigned": 0, "waiting": 0, "no_policy": 0, "before_turn": 0, "no_place": 0}
    assert list(Handoff.objects.order_by("pk").values()) == before
    assert Notice.objects.count() == 7


def test_the_highest_scores_go_first_and_among_equals_who_became_hot_first() -> None:
    team = factories.team()
    factories.rep(team, capacity=3)
    factories.policy(team)
    [low] = factories.hot(score=55)
    [late] = factories.hot(score=70)
    [early] = factories.hot(score=70, at=WEDNESDAY - timedelta(hours=3))
    [top] = factories.hot(score=90)
    assert run()["assigned"] == 3
    assert list(Handoff.objects.order_by("pk").values_list("lead_id", flat=True)) == [
        top.pk,
        early.pk,
        late.pk,
    ]
    assert low.pk not in offered_to()


def test_nobody_gets_more_than_the_capacity_and_the_rest_waits() -> None:
    team = factories.team()
    small, large = factories.rep(team, capacity=2), factories.rep(team, capacity=4)
    factories.policy(team)
    factories.hot(10)
    assert run() == {"assigned": 6, "waiting": 4, "no_policy": 0, "before_turn": 0, "no_place": 4}
    assert small.handoffs.open().count() == 2
    assert large.handoffs.open().count() == 4
    assert Lead.objects.filter(with_sales=True).count() == 6


def test_open_handoffs_count_and_ended_ones_do_not() -> None:
    team = factories.team()
    rep = factories.rep(team, capacity=2)
    for state in (State.ACCEPTED, State.CLOSED, State.REJECTED, State.EXPIRED):
        Handoff.objects.create(
            lead=factories.lead(), rep=rep, team=team, state=state, origin=Origin.HOT, made_at=WEDNESDAY,
            offered_at=WEDNESDAY,
        )  # fmt: skip
    factories.policy(team)
    factories.hot(3)
    assert run()["assigned"] == 1


def test_absent_and_inactive_reps_get_nothing() -> None:
    team = factories.team()
    today = date(2025, 6, 11)
    factories.rep(team, absent_from=today, absent_until=today)
    factories.rep(team, absent_from=today - timedelta(days=3))
    factories.rep(team, active=False)
    gone = factories.rep(team)
    gone.user.is_active = False
    gone.user.save()
    back = factories.rep(team, absent_from=today - timedelta(days=9), absent_until=today - timedelta(days=1))
    leaving = factories.rep(team, absent_from=today + timedelta(days=1))
    factories.policy(team)
    factories.hot(4)
    assert run()["assigned"] == 4
    assert set(offered_to().values()) == {back.pk, leaving.pk}
    assert Handoff.objects.first().reasons["away"] == 4


def test_ended_and_unreleased_qualifications_and_leads_already_with_sales_do_not_wait() -> None:
    team = factories.team()
    rep = factories.rep(team)
    factories.policy(team)
    [cooled, kept_back, taken, free] = factories.hot(4)
    Qualification.objects.filter(lead=cooled).update(ended_day=DAY, ended_at=WEDNESDAY, ended_reason="cooled")
    Qualification.objects.filter(lead=kept_back).update(released=False)
    Handoff.objects.create(
        lead=taken, rep=rep, team=team, state=State.ACCEPTED, origin=Origin.MANUAL, made_at=WEDNESDAY,
        offered_at=WEDNESDAY,
    )  # fmt: skip
    assert run()["assigned"] == 1
    assert set(offered_to()) == {taken.pk, free.pk}


def test_the_first_live_policy_that_has_the_lead_decides() -> None:
    north, south = factories.team(), factories.team()
    northern, southern = factories.rep(north), factories.rep(south)
    [in_both, in_second, in_none] = factories.hot(3)
    factories.policy(south, position=2, segment=factories.segment([in_both, in_second]))
    factories.policy(north, position=1, segment=factories.segment([in_both]))
    factories.policy(north, position=0, state="draft")
    assert run() == {"assigned": 2, "waiting": 1, "no_policy": 1, "before_turn": 0, "no_place": 0}
    assert offered_to() == {in_both.pk: northern.pk, in_second.pk: southern.pk}
    assert in_none.pk not in offered_to()


def test_without_a_live_policy_everybody_waits_and_is_counted() -> None:
    factories.hot(3)
    assert run() == {"assigned": 0, "waiting": 3, "no_policy": 3, "before_turn": 0, "no_place": 0}


def test_a_full_team_gives_way_to_its_fallback_team() -> None:
    first, second = factories.team(), factories.team()
    factories.rep(first, capacity=1)
    spare = factories.rep(second, capacity=1)
    factories.policy(first, fallback_team=second)
    factories.hot(3)
    assert run() == {"assigned": 2, "waiting": 1, "no_policy": 0, "before_turn": 0, "no_place": 1}
    handoff = spare.handoffs.get()
    assert handoff.team == second
    assert handoff.reasons["fallback"] is True
    assert handoff.reasons["team"] == {"strategy": "weighted", "considered": 0, "full": 1}


def test_a_limit_leaves_the_rest_for_the_next_run() -> None:
    team = factories.team()
    factories.reps(team, 2)
    factories.policy(team)
    factories.hot(5)
    assert run(limit=2)["assigned"] == 2
    assert run(limit=2)["assigned"] == 2
    assert run()["assigned"] == 1


def test_more_leads_than_one_batch_are_all_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handoff.assignment.BATCH", 7)
    team = factories.team()
    factories.reps(team, 4, capacity=10)
    factories.policy(team)
    factories.hot(30)
    assert run()["assigned"] == 30
    assert Handoff.objects.open().values("lead").distinct().count() == 30


def test_a_territory_that_cannot_be_read_stops_only_its_own_rep() -> None:
    team = factories.team()
    broken = factories.rep(team, territory={"field": "no.such.field", "op": "is", "value": "x"})
    whole = factories.rep(team, territory={"field": "title", "op": "is", "value": "部長"})
    factories.policy(team)
    [chief] = factories.hot(title="部長", title_folded="部長")
    assert run()["assigned"] == 1
    assert offered_to() == {chief.pk: whole.pk}
    assert not broken.handoffs.exists()


def test_a_lead_outside_every_territory_waits() -> None:
    team = factories.team()
    factories.rep(team, territory={"field": "title", "op": "is", "value": "部長"})
    factories.policy(team)
    factories.hot(2, title="係長", title_folded="係長")
    assert run() == {"assigned": 0, "waiting": 2, "no_policy": 0, "before_turn": 0, "no_place": 2}


@pytest.mark.parametrize("strategy", Strategy.values)
def test_every_strategy_fills_all_places_and_no_more(strategy: str) -> None:
    team = factories.team()
    members = [factories.rep(team, capacity=capacity) for capacity in (1, 3, 6)]
    factories.policy(team, strategy=strategy)
    factories.hot(12)
    assert run()["assigned"] == 10
    assert [rep.handoffs.open().count() for rep in members] == [1, 3, 6]
