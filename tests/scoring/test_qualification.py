from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from leadqual.leads.models import Intent, Lead, Status, StatusChange
from leadqual.scoring.models import Axis, Qualification, RuleHit
from leadqual.scoring.qualification import Judged, judge, release, waiting_for_release
from tests.leads.factories import a_lead
from tests.scoring.drafts import (
    DAY,
    NOW,
    a_draft,
    a_group,
    a_type,
    act,
    attribute,
    behaviour,
    on,
    put_live,
    scored,
)
from tests.scoring.judging import BOSS, a_model, history, hot, judged, status

pytestmark = pytest.mark.django_db


def test_a_lead_with_enough_points_becomes_hot(told: list[Any]) -> None:
    model, hot_one, warm = a_model(), a_lead(), a_lead()
    scored(model, hot_one, 100)
    scored(model, warm, 99)
    assert judged(model, hot_one, warm) == Judged(opened={hot_one.pk}, ended=set())
    only = Qualification.objects.get()
    assert (only.lead_id, only.model_id, only.score) == (hot_one.pk, model.pk, 100)
    assert (only.opened_day, only.opened_at, only.opened_reason, only.released) == (DAY, NOW, "score", True)
    assert (status(hot_one), status(warm)) == (Status.HOT, Status.NEW)
    assert told == [{"leads": {hot_one.pk}, "reason": "score", "released": True}]


def test_judging_again_changes_nothing_and_says_nothing(told: list[Any]) -> None:
    model, lead = a_model(), a_lead()
    scored(model, lead, 100)
    judged(model, lead)
    told.clear()
    assert judged(model, lead) == Judged()
    assert judged(model, lead, day=DAY + 1) == Judged()
    assert history(lead) == [(DAY, "score", None, "")]
    assert told == []


def test_only_the_leads_asked_are_judged() -> None:
    model, asked, other = a_model(), a_lead(), a_lead()
    for lead in (asked, other):
        scored(model, lead, 100)
    judged(model, asked)
    assert (hot(asked), hot(other)) == (True, False)
    with transaction.atomic():
        assert judge(None, model, day=DAY, now=NOW).opened == {other.pk}


def test_between_the_thresholds_nothing_changes_in_either_direction(told: list[Any]) -> None:
    model, cooling, warming = a_model(), a_lead(), a_lead()
    scored(model, cooling, 100)
    judged(model, cooling)
    told.clear()
    for lead in (cooling, warming):
        scored(model, lead, 70)
    assert judged(model, cooling, warming, day=DAY + 1) == Judged()
    assert (hot(cooling), hot(warming)) == (True, False)
    assert told == []


def test_below_the_lower_threshold_a_qualification_ends_and_the_lead_is_nurtured_again(
    told: list[Any],
) -> None:
    model, lead = a_model(), a_lead()
    scored(model, lead, 100)
    judged(model, lead)
    told.clear()
    scored(model, lead, 69)
    assert judged(model, lead, day=DAY + 5) == Judged(ended={lead.pk})
    assert history(lead) == [(DAY, "score", DAY + 5, "cooled")]
    assert Qualification.objects.get().ended_at == on(DAY + 5)
    assert status(lead) == Status.NURTURING
    assert told == [{"leads": {lead.pk}, "reason": "cooled"}]


def test_a_lead_without_a_score_is_left_alone() -> None:
    model, lead = a_model(), a_lead()
    assert judged(model, lead) == Judged()
    Qualification.objects.create(
        lead=lead, model=model, opened_day=DAY, opened_at=NOW, opened_reason="score", score=1
    )
    assert judged(model, lead) == Judged()
    assert hot(lead)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Status.NEW, Status.HOT),
        (Status.NURTURING, Status.HOT),
        (Status.RECYCLED, Status.HOT),
        (Status.LOST, Status.HOT),
        (Status.OPPORTUNITY, Status.OPPORTUNITY),
    ],
)
def test_becoming_hot_moves_the_lead_on_but_never_back(before: str, after: str) -> None:
    model, lead = a_model(), a_lead(status=before)
    scored(model, lead, 100)
    assert judged(model, lead).opened == {lead.pk}
    assert status(lead) == after
    changes = list(StatusChange.objects.filter(lead=lead).values_list("before", "after", "at"))
    assert changes == ([] if before == after else [(before, after, NOW)])


@pytest.mark.parametrize("never", [Status.CUSTOMER, Status.DISQUALIFIED])
def test_customers_and_the_disqualified_never_become_hot(never: str, told: list[Any]) -> None:
    model, lead = a_model(), a_lead(status=never)
    scored(model, lead, 1000)
    assert judged(model, lead) == Judged()
    assert (status(lead), told) == (never, [])


def test_a_lead_that_sales_has_does_not_become_hot_again(told: list[Any]) -> None:
    model, lead = a_model(), a_lead(status=Status.ACCEPTED)
    Lead.objects.filter(pk=lead.pk).update(with_sales=True)
    scored(model, lead, 1000)
    assert judged(model, lead) == Judged()
    assert told == []


def test_a_lead_that_cools_while_sales_has_it_keeps_the_status_sales_gave(told: list[Any]) -> None:
    model, lead = a_model(), a_lead()
    scored(model, lead, 100)
    judged(model, lead)
    Lead.objects.filter(pk=lead.pk).update(with_sales=True)
    scored(model, lead, 0)
    assert judged(model, lead, day=DAY + 1).ended == {lead.pk}
    assert status(lead) == Status.HOT


# --- The gate -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "passes"), [(0, True), (9, True), (10, False), (-1, False)])
def test_the_gate_asks_a_strong_act_within_its_days(age: int, passes: bool) -> None:
    inquiry = a_type("inquiry", Intent.STRONG)
    model, lead = a_model(gate_strong_within=10), a_lead()
    act(lead, inquiry, DAY - age)
    scored(model, lead, 100)
    assert (lead.pk in judged(model, lead).opened) == passes


def test_weak_acts_machines_and_acts_of_others_do_not_open_the_gate() -> None:
    inquiry, visit = a_type("inquiry", Intent.STRONG), a_type("visit")
    sent = a_type("sample-sent", Intent.STRONG, by_person=False)
    model, lead, other = a_model(gate_strong_within=10), a_lead(), a_lead()
    act(lead, visit, DAY)
    act(lead, sent, DAY)
    act(lead, inquiry, DAY, machine=True)
    act(other, inquiry, DAY)
    scored(model, lead, 100)
    assert judged(model, lead) == Judged()


@pytest.mark.parametrize(
    ("days", "passes"), [([0, 1, 2], True), ([0, 4, 9], True), ([0, 0, 1], False), ([0, 4, 10], False)]
)
def test_the_gate_asks_acts_on_different_days(days: list[int], passes: bool) -> None:
    visit = a_type("visit")
    model, lead = a_model(gate_active_days=3, gate_active_within=10), a_lead()
    for age in days:
        act(lead, visit, DAY - age)
    scored(model, lead, 100)
    assert (lead.pk in judged(model, lead).opened) == passes


def test_both_halves_of_the_gate_must_hold() -> None:
    inquiry, visit = a_type("inquiry", Intent.STRONG), a_type("visit")
    model, lead = a_model(gate_strong_within=10, gate_active_days=2, gate_active_within=5), a_lead()
    act(lead, inquiry, DAY)
    scored(model, lead, 100)
    assert judged(model, lead) == Judged()
    act(lead, visit, DAY - 4)
    assert judged(model, lead).opened == {lead.pk}


def test_losing_the_gate_ends_nothing() -> None:
    inquiry = a_type("inquiry", Intent.STRONG)
    model, lead = a_model(gate_strong_within=10), a_lead()
    act(lead, inquiry, DAY)
    scored(model, lead, 100)
    judged(model, lead)
    assert judged(model, lead, day=DAY + 300) == Judged()
    assert hot(lead)


def test_the_intents_are_those_of_the_moment_of_publication() -> None:
    visit = a_type("visit", Intent.WEAK)
    model, lead = a_model(gate_strong_within=10), a_lead()
    visit.intent = Intent.STRONG
    visit.save()
    later = a_type("made later", Intent.STRONG)
    act(lead, visit, DAY)
    act(lead, later, DAY)
    scored(model, lead, 100)
    assert judged(model, lead) == Judged()


# --- Release, cards, cost ---------------------------------------------------------------------------


def test_what_a_publisher_kept_back_is_released_once(told: list[Any]) -> None:
    model, first, second, usual = a_model(), a_lead(), a_lead(), a_lead()
    for lead in (first, second, usual):
        scored(model, lead, 100)
    judged(model, first, second, reason="publish")
    judged(model, usual)
    assert told == [
        {"leads": {first.pk, second.pk}, "reason": "publish", "released": False},
        {"leads": {usual.pk}, "reason": "score", "released": True},
    ]
    assert set(waiting_for_release().values_list("lead_id", flat=True)) == {first.pk, second.pk}
    assert release({first.pk, usual.pk}) == {first.pk}
    assert release() == {second.pk}
    assert release() == set()
    assert Qualification.objects.filter(released=True).count() == 3


def test_the_card_keeps_the_explanation_of_that_day() -> None:
    visit, inquiry = a_type("visit"), a_type("inquiry", Intent.STRONG)
    model = a_draft(hot_at=50, cool_at=40)
    acts, fit = a_group(model, "Acts", cap=45), a_group(model, "Fit", Axis.FIT)
    visits = behaviour(acts, visit, "Visit", 5)
    asked = behaviour(acts, inquiry, "Inquiry", 40, half_life_days=10)
    behaviour(acts, visit, "Gone", 100, window_days=3)
    boss = attribute(fit, BOSS, "Boss", 20)
    put_live(model)
    lead = a_lead()
    scored(model, lead, 60, fit=20)
    lead.scores.update(facts=1)
    for rule, age, n in ((visits, 2, 3), (visits, 7, 1), (asked, 10, 1)):
        RuleHit.objects.create(lead=lead, rule=rule, day=DAY - age, n=n)
    RuleHit.objects.create(lead=lead, rule=visits, day=DAY + 1, n=9)
    judged(model, lead)
    card = Qualification.objects.get().card
    lines = [(line["rule"], line["name"], line["axis"], line["group"]) for line in card["lines"]]
    assert lines == [
        (visits.pk, "Visit", "engagement", "Acts"),
        (asked.pk, "Inquiry", "engagement", "Acts"),
        (boss.pk, "Boss", "fit", "Fit"),
    ]
    assert [(line["count"], line["points"]) for line in card["lines"]] == [(4, 20), (1, 20), (1, 20)]
    assert (card["total"], card["fit"], card["engagement"], card["cuts"]) == (60, 20, 40, [])


def test_lines_and_cuts_of_a_card_add_up() -> None:
    visit = a_type("visit")
    model = a_draft(hot_at=30, cool_at=20)
    rule = behaviour(a_group(model, "Acts", cap=45), visit, "Visit", 10)
    put_live(model)
    lead = a_lead()
    scored(model, lead, 45)
    RuleHit.objects.create(lead=lead, rule=rule, day=DAY, n=6)
    judged(model, lead)
    card = Qualification.objects.get().card
    assert card["cuts"] == [{"group": "Acts", "axis": "engagement", "points": -15}]
    assert sum(line["points"] for line in card["lines"] + card["cuts"]) == card["total"] == 45


def test_judging_costs_the_same_statements_for_one_lead_and_for_many() -> None:
    inquiry = a_type("inquiry", Intent.STRONG)
    model = a_model(gate_strong_within=30)
    few, many = [a_lead()], [a_lead() for _n in range(60)]
    for lead in few + many:
        scored(model, lead, 100)
        act(lead, inquiry, DAY)
    counts = []
    for leads in (few, many):
        with (
            transaction.atomic(),
            CaptureQueriesContext(
                connection,
            ) as statements,
        ):
            judge({lead.pk for lead in leads}, model, day=DAY, now=NOW)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 16
    assert Qualification.objects.count() == 61
