"""A policy with a cadence hands over what was waiting at its turn, once, and nothing in between."""

from datetime import date, datetime, time, timedelta

import pytest

from handoff import assignment
from handoff.assignment import assign
from handoff.direct import hand_over_manually
from handoff.models import Cadence, Handoff, Means
from handoff.policies import go_live
from leadqual.common.models import Slot
from leadqual.messaging.models import EmailMessage
from tests.handoff import factories
from tests.handoff.factories import DAY, WEDNESDAY

pytestmark = pytest.mark.django_db
# In Tokyo: Wednesday 14:00 is the factories' moment; the daily turns are at 9:00.
TURN = WEDNESDAY - timedelta(hours=5)


def run(now: datetime = WEDNESDAY) -> dict[str, int]:
    return assign(now=now, day=DAY + (now - WEDNESDAY + timedelta(hours=14)).days).as_json()


def test_a_daily_policy_takes_what_was_waiting_at_its_turn_and_nothing_later() -> None:
    team = factories.team()
    factories.rep(team)
    factories.daily(team)
    [early] = factories.hot(at=TURN - timedelta(minutes=1))
    [late] = factories.hot(at=TURN + timedelta(minutes=1))
    assert run() == {"assigned": 1, "waiting": 1, "no_policy": 0, "before_turn": 1, "no_place": 0}
    assert Handoff.objects.get().lead == early
    assert Slot.objects.count() == 1
    assert run()["assigned"] == 0
    assert run(WEDNESDAY + timedelta(days=1))["assigned"] == 1
    assert Handoff.objects.filter(lead=late).exists()


def test_before_the_turn_of_the_day_yesterdays_counts() -> None:
    team = factories.team()
    factories.rep(team)
    factories.daily(team, time(15))
    factories.hot(at=WEDNESDAY - timedelta(hours=2))
    assert run() == {"assigned": 0, "waiting": 1, "no_policy": 0, "before_turn": 1, "no_place": 0}
    assert run(WEDNESDAY + timedelta(hours=1))["assigned"] == 1


def test_nobody_gets_leads_at_the_weekend() -> None:
    team = factories.team()
    factories.rep(team)
    factories.daily(team)
    saturday = WEDNESDAY + timedelta(days=3)
    factories.hot(at=saturday - timedelta(hours=12))
    assert run(saturday)["assigned"] == 0
    assert run(saturday + timedelta(days=1))["assigned"] == 0
    assert run(saturday + timedelta(days=2))["assigned"] == 1


def test_a_weekly_policy_waits_for_its_day() -> None:
    team = factories.team()
    factories.rep(team)
    factories.policy(team, cadence=Cadence.WEEKLY, cadence_time=time(9), cadence_weekday=4)
    factories.hot()
    assert run()["before_turn"] == 1
    assert run(WEDNESDAY + timedelta(days=1))["assigned"] == 0
    assert run(WEDNESDAY + timedelta(days=2))["assigned"] == 1


def test_a_turn_cut_short_goes_on_in_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    team = factories.team()
    factories.reps(team, 2)
    factories.daily(team)
    factories.hot(6, at=TURN - timedelta(hours=1))
    monkeypatch.setattr(assignment, "BATCH", 4)
    place = assignment._place

    def die_in_the_second(*args: object) -> None:
        if Handoff.objects.exists():
            raise KeyboardInterrupt
        place(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(assignment, "_place", die_in_the_second)
    with pytest.raises(KeyboardInterrupt):
        run()
    assert Handoff.objects.count() == 4
    assert not Slot.objects.exists()
    monkeypatch.setattr(assignment, "_place", place)
    assert run()["assigned"] == 2
    assert Slot.objects.count() == 1


def test_a_policy_that_goes_live_begins_with_its_next_turn() -> None:
    team = factories.team()
    factories.rep(team)
    policy = factories.daily(team, state="draft")
    factories.hot(at=TURN - timedelta(days=3))
    go_live(policy, now=WEDNESDAY)
    assert run()["before_turn"] == 1
    assert run(WEDNESDAY + timedelta(days=1))["assigned"] == 1


def test_leads_handed_over_by_hand_do_not_wait_for_the_turn() -> None:
    team = factories.team()
    rep = factories.rep(team)
    factories.daily(team)
    handoff = hand_over_manually(factories.lead(), now=WEDNESDAY)
    run()
    handoff.refresh_from_db()
    assert (handoff.state, handoff.rep) == ("offered", rep)


def test_a_past_day_is_handed_over_as_its_evening_would_have_been() -> None:
    team = factories.team()
    factories.rep(team)
    factories.daily(team)
    years_later = WEDNESDAY + timedelta(days=900)
    people = factories.leads(2)
    factories.qualify(people, at=years_later, opened_day=DAY)
    assert assign(now=years_later, day=DAY).assigned == 2


def test_a_turn_tells_each_rep_once_about_all_leads() -> None:
    team = factories.team()
    [first, second] = factories.reps(team, 2)
    factories.daily(team, means=[Means.DIGEST.value])
    factories.hot(5, at=TURN - timedelta(hours=1))
    run()
    mails = {mail.to_user_id: mail for mail in EmailMessage.objects.all()}
    assert set(mails) == {first.user_id, second.user_id}
    assert sum(mail.parts.count() for mail in mails.values()) == 5
    assert not Handoff.objects.filter(to_collect=True).exists()
    run()
    assert EmailMessage.objects.count() == 2


def test_a_policy_review_date_does_not_stop_it() -> None:
    team = factories.team()
    factories.rep(team)
    factories.policy(team, review_date=date(2020, 1, 1))
    factories.hot()
    assert run()["assigned"] == 1
