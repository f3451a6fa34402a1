"""Small markets made by hand: who is counted, where, and who is not."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handoff.models import Feedback, Handoff
from leadqual.common import clock
from leadqual.improvement.answers import answers_by_rep
from leadqual.improvement.bands import by_score
from leadqual.improvement.funnel import Counts, funnel
from leadqual.improvement.judgements import Known, Tally, judged, tally
from leadqual.improvement.rules import Verdict, by_rule
from leadqual.improvement.scope import Scope, judging_models, months, published_among
from leadqual.improvement.statistics import Rate
from leadqual.improvement.timing import Verdicts, by_speed, timing
from leadqual.scoring.models import ScoringModel, ScoringRule
from tests.handoff import factories
from tests.improvement import markets
from tests.improvement.stories import DAY, a_lead, became, hot, offered

pytestmark = pytest.mark.django_db
YEAR = Scope(DAY - 200, DAY + 165)
Version = tuple[ScoringModel, list[ScoringRule]]


@pytest.fixture
def version() -> Version:
    return markets.a_version([10, 20, -10])


def known(scope: Scope = YEAR) -> dict[int, str]:
    return {row.lead: row.known.value for row in judged(scope)}


def test_a_lead_of_open_outcome_is_no_loss(version: Version) -> None:
    stands = {"offered": "with_sales", "accepted": "with_sales", "rejected": "given_back",
              "recycled": "given_back", "expired": "unknown", "withdrawn": "unknown"}  # fmt: skip
    expected = {}
    for state, means in stands.items():
        lead = a_lead()
        offered(hot(lead, version[0]), state)
        expected[lead.pk] = means
    assert known() == expected
    counts = tally(judged(YEAR))
    assert counts == Tally(won=0, lost=0, with_sales=2, given_back=2, unknown=2)
    assert (counts.rate, counts.undecided, counts.all) == (Rate(0, 0), 6, 6)


def test_an_outcome_is_known_from_feedback_and_from_imports(version: Version) -> None:
    told, imported, corrected, older = (
        a_lead(),
        a_lead(outcome="lost"),
        a_lead(),
        a_lead(outcome="lost", outcome_day=DAY - 1),
    )
    offered(hot(told, version[0]), "accepted", said="yes")
    offered(hot(imported, version[0]), "expired")
    handoff = offered(hot(corrected, version[0]), "accepted", said="yes")
    first = Feedback.objects.get(handoff=handoff)
    Feedback.objects.create(handoff=handoff, bought="open", day=DAY, at=clock.start_of(DAY), corrects=first)
    offered(hot(older, version[0]), "accepted")  # lost once, hot again: that is not decided
    assert known() == {
        told.pk: "won", imported.pk: "lost", corrected.pk: "with_sales", older.pk: "with_sales"
    }  # fmt: skip


def test_a_lead_counts_once_where_its_outcome_belongs(version: Version) -> None:
    model, _rules = version
    lead = a_lead(outcome="won", outcome_day=DAY + 60)
    offered(hot(lead, model, day=DAY, score=40), "recycled")
    second = hot(lead, model, day=DAY + 50, score=70)
    offered(second, "expired")
    offered(second, "closed", waited=3, timing="right")  # the next rep's offer, and the sale
    offered(hot(lead, model, day=DAY + 90, score=90), "accepted")
    [row] = judged(YEAR)
    assert (row.score, row.hot_day, row.offered_day, row.known) == (70, DAY + 50, DAY + 50, Known.WON)
    assert (row.timing, row.accepted_after) == ("right", 3)
    assert judged(Scope(DAY - 10, DAY + 10)) == []  # it was hot then, but its outcome belongs elsewhere


def test_who_was_never_offered_to_a_rep_is_not_judged(version: Version) -> None:
    hot(a_lead(outcome="lost"), version[0])
    offered(a_lead(outcome="won"))  # handed over by hand, without a score
    assert judged(YEAR) == []


def test_only_the_segments_leads_count(version: Version) -> None:
    inside, outside = a_lead(), a_lead()
    for lead in (inside, outside):
        offered(hot(lead, version[0]), "accepted")
    assert set(known(Scope(YEAR.first, YEAR.last, segment=factories.segment([inside])))) == {inside.pk}


def test_conversion_by_band(version: Version) -> None:
    """150 leads: scores 1 .. 150, of which the best 50 win 10, the middle 5, the lowest none; each tenth is open."""
    for score in range(1, 151):
        number, part = (score - 1) % 50, (score - 1) // 50
        outcome = "" if number >= 45 else "won" if number < 5 * part else "lost"
        offered(hot(a_lead(outcome=outcome), version[0], score=score), "closed" if outcome else "accepted")
    report = by_score(judged(YEAR))
    assert [(band.low, band.high, band.leads) for band in report.bands] == [
        (1, 50, Tally(won=0, lost=45, with_sales=5)),
        (51, 100, Tally(won=5, lost=40, with_sales=5)),
        (101, 150, Tally(won=10, lost=35, with_sales=5)),
    ]
    assert report.all == Tally(won=15, lost=120, with_sales=15)
    assert report.finding == "higher"


def test_leads_of_one_score_stay_in_one_band(version: Version) -> None:
    for number in range(90):
        offered(hot(a_lead(outcome="lost"), version[0], score=50 if number < 60 else 60))
    assert [(band.low, band.high, band.leads.all) for band in by_score(judged(YEAR)).bands] == [
        (50, 50, 60), (60, 60, 30)
    ]  # fmt: skip


def test_rules_by_the_cards_as_judged_then(version: Version) -> None:
    """200 decided. Rule 0: 100 fired, 50 won, the others 10. Rule 1: 10 fired. Rule 2 takes points from good leads."""
    model, (good, rare, wrong) = version
    for number in range(200):
        fired = [good] if number < 100 else []
        fired += [rare] if number % 20 == 0 else []
        fired += [wrong] if number < 60 else []
        won = number < 50 or number >= 190
        offered(hot(a_lead(outcome="won" if won else "lost"), model, fired))
    offered(hot(a_lead(), model, [good]), "accepted")
    report = by_rule(judged(YEAR), model)
    assert report.base == Tally(won=60, lost=140, with_sales=1)
    one, two, three = report.rules
    assert one.fired == Tally(won=50, lost=50, with_sales=1)
    assert one.lift.value == pytest.approx(0.5 / 0.3)
    assert (one.verdict, one.stands) == (Verdict.HELPS, True)
    assert (two.fired.all, two.verdict, two.stands) == (10, Verdict.NOT_ENOUGH, False)
    assert (three.fired.rate, three.verdict) == (Rate(50, 60), Verdict.HURTS)
    assert report.tried == 2


def test_a_retired_versions_handoffs_count_under_their_own_rules(version: Version) -> None:
    old, (first, *_others) = version
    ScoringModel.objects.filter(pk=old.pk).update(state="retired")
    new, (same_name, *_rest) = markets.a_version([5, 5], 2, day=DAY)
    offered(hot(a_lead(outcome="won"), old, [first], day=DAY - 5))
    offered(hot(a_lead(outcome="lost"), new, [same_name], day=DAY + 5))
    then, now = by_rule(judged(YEAR), old), by_rule(judged(YEAR), new)
    assert (then.base, now.base) == (Tally(won=1), Tally(lost=1))
    assert (then.rules[0].fired, now.rules[0].fired) == (Tally(won=1), Tally(lost=1))
    assert [len(then.rules), len(now.rules)] == [3, 2]
    assert by_rule(judged(Scope(YEAR.first, YEAR.last, model=old)), old) == then
    marks = published_among(judging_models(), Scope(DAY - 1, DAY + 1))
    assert [(mark.day, mark.name) for mark in marks] == [(DAY, "market 2")]


def test_timing_against_score_and_wait(version: Version) -> None:
    for score, waited, said in [
        (40, 0, "too_early"),
        (50, 2, "too_early"),
        (60, 4, "right"),
        (80, 9, "too_late"),
        (90, 1, ""),
    ]:
        offered(hot(a_lead(), version[0], score=score), "accepted", waited=waited, timing=said)
    report = timing(judged(YEAR))
    assert (report.all, report.silent) == (Verdicts(too_early=2, right=1, too_late=1), 1)
    assert report.all.rate("too_early") == Rate(2, 4)
    assert [(each.timing, each.leads, each.score, each.waited) for each in report.middles] == [
        ("too_early", 2, 45, 1), ("right", 1, 60, 4), ("too_late", 1, 80, 9)
    ]  # fmt: skip
    assert report.middles[0].score_interval is None
    assert (report.early, report.late) == ("not_enough", "not_enough")


def test_low_scores_that_come_too_early_and_waits_that_come_too_late_are_told(version: Version) -> None:
    for number in range(60):
        for score, waited, often in ((40, 0, 30), (80, 9, 10)):
            early, late = number < often, number >= 60 - often * (waited > 0) * 3
            said = "too_early" if early else "too_late" if late else "right"
            offered(hot(a_lead(), version[0], score=score), "accepted", waited=waited, timing=said)
    report = timing(judged(YEAR))
    assert (report.early, report.late) == ("lower", "higher")


def test_speed_of_the_rep_against_the_outcome(version: Version) -> None:
    for taken, outcome in [(0, "won"), (1, "lost"), (3, ""), (30, "lost")]:
        offered(hot(a_lead(outcome=outcome), version[0]), "closed" if outcome else "accepted", taken=taken)
    offered(hot(a_lead(), version[0]), "expired")
    found = [(speed.low, speed.high, speed.leads.all) for speed in by_speed(judged(YEAR))]
    assert found == [(0, 0, 1), (1, 1, 1), (2, 3, 1), (4, 7, 0), (8, None, 1), (None, None, 1)]


def test_the_funnel_by_the_month_a_lead_came_in(version: Version) -> None:
    model, _rules = version
    month = next(first for first, _last in months(DAY - 40, DAY) if first > DAY - 40)
    before, after = month - 1, month
    a_lead(day=before)
    hot(a_lead(day=before), model)
    offered(hot(a_lead(day=before), model), "expired")
    talking = a_lead(day=after)
    offered(hot(talking, model), "accepted")
    became(talking, "opportunity")
    offered(hot(a_lead(day=after, outcome="won"), model))
    offered(hot(a_lead(day=after, outcome="lost"), model))
    offered(a_lead(day=after, outcome="won"), "closed")  # by hand: never hot
    a_lead(day=after, outcome="won")  # sold without us
    first, second = funnel(Scope(before, after)).cohorts
    assert first.counts == Counts(new=3, hot=2, handed_over=1)
    assert second.counts == Counts(
        new=5,
        hot=3,
        handed_over=3,
        accepted=3,
        opportunity=2,
        won=1,
        lost=1,
        won_aside=2,
        handed_over_aside=1,
    )
    assert (second.counts.undecided, second.counts.decided) == (1, Rate(1, 2))
    assert funnel(Scope(before, after)).all == first.counts + second.counts


def test_who_took_a_lead_on_and_passed_it_to_a_colleague_has_accepted_it(version: Version) -> None:
    model, _rules = version
    for state, closed_as in (("withdrawn", "reassigned"), ("withdrawn", "")):
        row = offered(hot(a_lead(), model), state, taken=2)
        Handoff.objects.filter(pk=row.pk).update(closed_as=closed_as)
    assert funnel(YEAR).all.accepted == 1
    assert sorted(str(row.accepted_after) for row in judged(YEAR)) == ["2", "None"]


def test_what_each_rep_has_answered_and_who_may_see_it(version: Version) -> None:
    team, other = factories.team(manager=factories.user("chief")), factories.team()
    busy, silent, stranger = (
        factories.rep(of, name) for of, name in ((team, "busy"), (team, "silent"), (other, "far"))
    )
    offered(hot(a_lead(), version[0]), "closed", rep=busy, said="yes")
    offered(hot(a_lead(), version[0]), "accepted", rep=busy, said="open")
    offered(hot(a_lead(), version[0]), "accepted", rep=silent)
    offered(hot(a_lead(), version[0]), "rejected", rep=silent)
    offered(hot(a_lead(), version[0]), "recycled", rep=silent)  # given back: nothing to be said
    offered(hot(a_lead(), version[0], day=YEAR.last), "accepted", rep=busy)  # too young
    offered(hot(a_lead(), version[0]), "expired", rep=stranger)
    seen = answers_by_rep(YEAR, user=team.manager)
    assert [each.rep for each in seen] == [silent, busy]
    assert (seen[0].answers.answered_share, seen[0].answers.accepted_share) == (Rate(0, 1), Rate(2, 3))
    assert (seen[1].answers.answered_share, seen[1].answers.decided) == (Rate(2, 2), 1)
    assert [each.rep for each in answers_by_rep(YEAR, user=stranger.user)] == [stranger]
    assert answers_by_rep(YEAR, user=factories.user()) == []
    everybody = factories.user(is_superuser=True)
    assert len(answers_by_rep(YEAR, user=everybody)) == 3


def test_queries_do_not_grow_with_the_leads(version: Version) -> None:
    model, rules = version

    def asked() -> list[int]:
        counts = []
        for read in (
            lambda: judged(YEAR),
            lambda: by_rule(judged(YEAR), model),
            lambda: funnel(YEAR),
            lambda: answers_by_rep(YEAR, user=manager),
        ):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                read()
            counts.append(len(queries))
        return counts

    manager = factories.user(is_superuser=True)
    team = factories.team()
    offered(hot(a_lead(outcome="won"), model, rules), rep=factories.rep(team))
    few = asked()
    for _number in range(30):
        offered(hot(a_lead(outcome="won"), model, rules), rep=factories.rep(team), said="yes")
    assert asked() == few == [3, 4, 5, 3]
