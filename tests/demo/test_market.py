"""The year that was played breaks no rule of the product, and its rates are those of the truth."""

import math
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db.models import Count, F

from handoff.business_time import is_business_day
from handoff.models import OPEN, UNFINISHED, Feedback, Handoff, HandoffPolicy, PolicyState, SalesRep, State
from handoff.pool import is_away
from journeys.models import Content, JourneyMap, StageMove, StagePlacement
from leadqual.common import clock
from leadqual.common.models import OpenQuestion
from leadqual.demo import truth
from leadqual.demo.japanese import JAPANESE
from leadqual.improvement.models import PdcaCycle
from leadqual.leads.models import (
    Activity,
    BantAnswer,
    Company,
    CustomField,
    Lead,
    Status,
    StatusChange,
    Visitor,
    VisitorTie,
)
from leadqual.scoring.checking import check_ledger
from leadqual.scoring.models import ModelState, Qualification, ScoringModel
from segments.models import Membership, Segment
from tests.demo.markets import DAY, NOW, TODAY, kept_for_a_module

pytestmark = pytest.mark.django_db

LEADS = 900
SIGMAS = 3.5  # some twenty comparisons of one fixed market


@pytest.fixture(scope="module", autouse=True)
def market(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    with kept_for_a_module(django_db_blocker.unblock, LEADS):  # type: ignore[attr-defined]
        yield


def local(moment: datetime) -> datetime:
    return moment.astimezone(clock.zone())


def decided() -> list[Handoff]:
    rows = Handoff.objects.filter(state=State.CLOSED, closed_as__in=[Status.CUSTOMER, Status.LOST])
    return list(rows.select_related("lead__company"))


def test_everything_that_was_promised_is_there() -> None:
    assert Lead.objects.count() == LEADS
    assert Company.objects.count() == LEADS * 300 // 2000
    assert Segment.objects.filter(size__gt=0).count() == 6
    assert [(model.version, model.state) for model in ScoringModel.objects.order_by("version")] == [
        (1, ModelState.RETIRED),
        (2, ModelState.LIVE),
    ]
    assert SalesRep.objects.filter(active=True).count() == 8
    assert HandoffPolicy.objects.filter(state=PolicyState.LIVE).count() == 3
    assert HandoffPolicy.objects.filter(state=PolicyState.DRAFT, means=[]).count() == 1
    assert CustomField.objects.count() == 5
    for table in (BantAnswer, StatusChange, Visitor, VisitorTie, Membership, Qualification):
        assert table._default_manager.exists(), table
    states = set(Handoff.objects.values_list("state", flat=True))
    assert states >= {"offered", "accepted", "rejected", "expired", "recycled", "closed"}


def test_two_maps_are_walked_by_the_leads_of_their_segments_since_a_year() -> None:
    maps = list(JourneyMap.objects.live())
    assert len(maps) == 2
    for each in maps:
        placed = StagePlacement.objects.filter(map=each)
        assert placed.count() == each.segment.size
        assert placed.values("stage").distinct().count() >= 4
        assert len(set(StageMove.objects.filter(map=each).values_list("day", flat=True))) > 15
        assert not StageMove.objects.filter(map=each, lead__created_day__gt=F("day")).exists()
    assert Content.objects.filter(expires_on__lt=TODAY).count() == 1


def test_one_cycle_is_decided_and_one_is_planned() -> None:
    cycles = {each.state: each for each in PdcaCycle.objects.all()}
    assert cycles.keys() == {"act", "plan"}
    assert cycles["act"].after_of
    assert cycles["plan"].before_of


def test_the_acts_fill_a_year_up_to_yesterday_and_some_have_nobody() -> None:
    days = Counter(Activity.objects.values_list("day", flat=True))
    assert DAY - 385 < min(days) < DAY - 350
    assert max(days) == DAY - 1
    assert Activity.objects.filter(lead=None, visitor__isnull=False).exists()


def test_addresses_and_numbers_reach_nobody() -> None:
    assert not Lead.objects.exclude(email__endswith=".example").exists()
    assert not Company.objects.exclude(domain__endswith=".example").exists()
    assert not Lead.objects.exclude(phone="").exclude(phone__startswith="+8130000").exists()


def test_every_rep_who_is_there_has_something_to_answer() -> None:
    reps = SalesRep.objects.filter(active=True).select_related("user")
    offered = dict(
        Handoff.objects.filter(state=State.OFFERED).values_list("rep").annotate(n=Count("pk")).order_by()
    )
    assert all(offered.get(rep.pk) for rep in reps if not is_away(rep, DAY))
    assert Handoff.objects.filter(state=State.OFFERED, accept_by__gt=NOW).count() >= 8
    gone = SalesRep.objects.get(active=False)
    assert not gone.user.is_active
    assert Handoff.objects.filter(rep=gone, state__in=OPEN).exists()


def test_some_hot_leads_wait_for_their_turn() -> None:
    taken = Handoff.objects.filter(state__in=UNFINISHED).values("lead")
    assert Qualification.objects.filter(ended_day=None).exclude(lead__in=taken).exists()


def test_what_is_left_open_on_purpose_stands_in_the_register() -> None:
    kinds = set(OpenQuestion.objects.values_list("kind", flat=True))
    assert {"journeys.unmapped", "journeys.gaps"} <= kinds
    assert any(kind.startswith("handoff.") for kind in kinds)


def test_nobody_is_handed_over_twice_at_a_time() -> None:
    last: dict[int, tuple[datetime, Handoff]] = {}
    for row in Handoff.objects.order_by("lead_id", "made_at", "pk"):
        if row.lead_id in last:
            ended = last[row.lead_id][1].closed_at
            assert ended is not None, row.pk
            assert ended <= row.made_at, row.pk
        last[row.lead_id] = (row.made_at, row)


def test_no_rep_ever_had_more_leads_than_places() -> None:
    moments: dict[int, list[tuple[datetime, int]]] = {}
    for row in Handoff.objects.exclude(rep=None):
        assert row.offered_at is not None
        assert row.rep_id is not None
        moments.setdefault(row.rep_id, []).append((row.offered_at, 1))
        if row.closed_at is not None:
            moments[row.rep_id].append((row.closed_at, -1))
    capacity = dict(SalesRep.objects.values_list("pk", "capacity"))
    for rep, changes in moments.items():
        load = most = 0
        for _at, step in sorted(changes):
            load += step
            most = max(most, load)
        assert most <= capacity[rep]


def test_a_rep_who_left_gets_and_answers_nothing_any_more() -> None:
    gone = SalesRep.objects.get(active=False)
    left = clock.start_of(DAY - 24)
    assert (
        not Handoff.objects.filter(rep=gone, offered_at__gt=left + (NOW - clock.start_of(DAY)))
        .exclude(offered_at__lt=clock.start_of(DAY - 23))
        .exists()
    )
    assert not Feedback.objects.filter(by=gone.user, at__gt=clock.start_of(DAY - 23)).exists()


def test_deadlines_and_answers_fall_on_open_offices() -> None:
    rows = list(Handoff.objects.exclude(accept_by=None))
    assert rows
    for row in rows:
        for moment in (row.accept_by, row.answered_at if row.answered_at else row.accept_by):
            assert moment is not None
            assert is_business_day(local(moment).date()), (row.pk, moment)
            assert 9 <= local(moment).hour <= 18
    for said in Feedback.objects.all():
        assert is_business_day(local(said.at).date())


def test_what_is_answered_late_has_moved_on() -> None:
    for row in Handoff.objects.filter(state=State.EXPIRED):
        assert row.closed_at is not None
        assert row.accept_by is not None
        assert row.closed_at >= row.accept_by
        following = Handoff.objects.get(moved_from=row)
        assert following.rep_id != row.rep_id
        assert following.reasons["tried"][-1] == row.rep_id
    for row in Handoff.objects.filter(state=State.ACCEPTED).exclude(accept_by=None):
        assert row.answered_at is not None


def test_feedback_belongs_to_what_was_answered_and_a_correction_to_what_it_corrects() -> None:
    rows = list(Feedback.objects.select_related("handoff", "corrects"))
    assert {row.handoff.state for row in rows} <= {"accepted", "rejected", "recycled", "closed"}
    for row in rows:
        assert row.handoff.answered_at is not None
        assert row.at >= row.handoff.answered_at
        if row.corrects:
            assert row.corrects.handoff_id == row.handoff_id
            assert row.corrects.at <= row.at
    assert any(row.corrects for row in rows)
    finished = Handoff.objects.filter(state=State.CLOSED)
    silent = finished.filter(feedback=None).count()
    assert 0 < silent < finished.count() / 2


def test_what_sales_says_is_what_became_of_the_lead() -> None:
    ending = {"yes": Status.CUSTOMER.value, "no": Status.LOST.value}
    for said in Feedback.objects.filter(corrected_by=None).exclude(bought="open").select_related("handoff"):
        assert said.handoff.closed_as == ending[said.bought]
    for row in Handoff.objects.filter(state__in=OPEN).select_related("lead", "rep"):
        assert row.lead.with_sales
        assert row.rep is not None
        assert row.lead.owner_id == row.rep.user_id
    assert Lead.objects.filter(with_sales=True).count() == Handoff.objects.open().count()


def test_every_step_of_a_lead_begins_where_the_last_one_ended() -> None:
    stands: dict[int, str] = {}
    for step in StatusChange.objects.order_by("lead_id", "at", "pk"):
        assert step.before == stands.get(step.lead_id, Status.NEW)
        stands[step.lead_id] = step.after
    for pk, status in Lead.objects.values_list("pk", "status"):
        assert stands.get(pk, Status.NEW) == status


def test_the_ledger_is_what_a_rebuild_gives() -> None:
    checked = check_ledger()
    assert checked.clean
    assert checked.leads == LEADS


def test_as_many_buy_as_the_truth_says_with_each_driver_and_without_it() -> None:
    rows = decided()
    facts = truth.facts_of_handoffs(rows, JAPANESE.industries["manufacturing"])
    assert len(rows) > 100
    compared = 0
    for driver in truth.DRIVERS:
        for holds in (True, False):
            some = [row for row in rows if (driver in facts[row.pk]) is holds]
            if len(some) < 15:
                continue
            chances = [truth.chance(facts[row.pk]) for row in some]
            won = sum(row.closed_as == Status.CUSTOMER for row in some)
            spread = math.sqrt(sum(each * (1 - each) for each in chances))
            assert abs(won - sum(chances)) <= SIGMAS * spread, (driver, holds, won, sum(chances))
            compared += 1
    assert compared >= 2 * len(truth.DRIVERS) - 4


def test_the_timing_is_wrong_as_often_as_the_truth_says() -> None:
    said = (
        Feedback.objects.filter(corrected_by=None).exclude(timing="").select_related("handoff__lead__company")
    )
    facts = truth.facts_of_handoffs([each.handoff for each in said], JAPANESE.industries["manufacturing"])
    for early, rate in truth.TOO_EARLY.items():
        some = [each for each in said if ("called_too_early" in facts[each.handoff_id]) is early]
        assert len(some) > 10
        found = sum(each.timing == "too_early" for each in some)
        assert abs(found - rate * len(some)) <= SIGMAS * math.sqrt(len(some) * rate * (1 - rate))
