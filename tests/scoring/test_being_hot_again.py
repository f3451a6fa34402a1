"""What was is remembered: cool-down, sales' no, statuses that say never."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from leadqual.leads import lifecycle
from leadqual.leads.models import Intent, Lead, Status
from leadqual.scoring.models import ScoringModel
from leadqual.scoring.qualification import Judged, end_by_sales, judge_all
from tests.leads.factories import a_lead
from tests.scoring.drafts import DAY, NOW, a_type, act, on, scored
from tests.scoring.judging import a_model, history, hot, judged, status

pytestmark = pytest.mark.django_db


def ended_lead(model: ScoringModel, how: str, *, day: int = DAY) -> Lead:
    """A lead that was hot until `day`, whose score is high again."""
    lead = a_lead()
    scored(model, lead, 100)
    judged(model, lead, day=day - 1)
    if how == "sales":
        assert end_by_sales({lead.pk}, day=day, now=on(day)) == {lead.pk}
    else:
        scored(model, lead, 0)
        judged(model, lead, day=day)
        scored(model, lead, 100)
    return lead


@pytest.mark.parametrize(
    ("how", "waited", "strong", "opens"),
    [
        ("cooled", 0, None, False),
        ("cooled", 29, None, False),
        ("cooled", 30, None, True),
        ("cooled", 1, 1, True),
        ("cooled", 29, -1, False),
        ("sales", 29, None, False),
        ("sales", 30, None, False),
        ("sales", 400, None, False),
        ("sales", 29, 1, False),
        ("sales", 30, 1, True),
        ("sales", 30, 30, True),
        ("sales", 30, -1, False),
        ("sales", 30, 31, False),
    ],
)
def test_being_hot_again_needs_the_cool_down_or_a_strong_act_and_after_sales_both(
    how: str, waited: int, strong: int | None, opens: bool
) -> None:
    inquiry = a_type("inquiry", Intent.STRONG)
    model = a_model()
    lead = ended_lead(model, how)
    if strong is not None:
        act(lead, inquiry, DAY + strong)
    assert (lead.pk in judged(model, lead, day=DAY + waited).opened) == opens


@pytest.mark.parametrize(("minutes", "opens"), [(-1, False), (0, False), (1, True)])
def test_on_the_day_of_the_end_the_moment_decides(minutes: int, opens: bool) -> None:
    inquiry = a_type("inquiry", Intent.STRONG)
    model = a_model()
    lead = ended_lead(model, "cooled")
    act(lead, inquiry, DAY, at=on(DAY) + timedelta(minutes=minutes))
    assert (lead.pk in judged(model, lead, day=DAY).opened) == opens


def test_weak_acts_and_machines_do_not_shorten_the_cool_down() -> None:
    inquiry, visit = a_type("inquiry", Intent.STRONG), a_type("visit")
    model = a_model()
    lead = ended_lead(model, "cooled")
    act(lead, visit, DAY + 1)
    act(lead, inquiry, DAY + 1, machine=True)
    assert judged(model, lead, day=DAY + 2) == Judged()


def test_the_last_end_counts() -> None:
    inquiry = a_type("inquiry", Intent.STRONG)
    model = a_model()
    lead = ended_lead(model, "sales")
    act(lead, inquiry, DAY + 1)
    assert judged(model, lead, day=DAY + 30).opened == {lead.pk}
    scored(model, lead, 0)
    judged(model, lead, day=DAY + 40)
    scored(model, lead, 100)
    assert judged(model, lead, day=DAY + 69) == Judged()
    assert judged(model, lead, day=DAY + 70).opened == {lead.pk}
    assert [ended for _opened, _why, _day, ended in history(lead)] == ["sales", "cooled", ""]


def test_the_daily_run_judges_those_whose_cool_down_is_over_though_nothing_else_happened(
    told: list[Any],
) -> None:
    model = a_model()
    cooled, by_sales = ended_lead(model, "cooled"), ended_lead(model, "sales")
    told.clear()
    seen: list[tuple[int, int]] = []
    assert judge_all(model, day=DAY + 29, now=on(DAY + 29)) == Judged()
    run = judge_all(model, day=DAY + 35, now=on(DAY + 35), progress=lambda _step, *done: seen.append(done))
    assert run == Judged(opened={cooled.pk})
    assert (hot(cooled), hot(by_sales)) == (True, False)
    assert told == [{"leads": {cooled.pk}, "reason": "score", "released": True}]
    assert seen == [(1, 1)]


def test_the_daily_run_ends_what_has_cooled() -> None:
    model, lead = a_model(), a_lead()
    scored(model, lead, 100)
    assert judge_all(model, day=DAY, now=NOW) == Judged(opened={lead.pk})
    scored(model, lead, 69)
    assert judge_all(model, day=DAY + 1, now=on(DAY + 1)) == Judged(ended={lead.pk})


# --- Ends that others decide ------------------------------------------------------------------------


def test_sales_ends_only_what_is_open_and_leaves_the_status_to_itself(told: list[Any]) -> None:
    model, lead, never_hot = a_model(), a_lead(), a_lead()
    scored(model, lead, 100)
    judged(model, lead)
    told.clear()
    assert end_by_sales({lead.pk, never_hot.pk}, day=DAY + 2, now=on(DAY + 2)) == {lead.pk}
    assert history(lead) == [(DAY, "score", DAY + 2, "sales")]
    assert status(lead) == Status.HOT
    assert end_by_sales({lead.pk}, day=DAY + 3, now=on(DAY + 3)) == set()
    assert told == [{"leads": {lead.pk}, "reason": "sales"}]


@pytest.mark.parametrize("final", [Status.CUSTOMER, Status.DISQUALIFIED])
def test_a_status_that_says_never_ends_the_qualification(final: str, told: list[Any]) -> None:
    model, lead, other = a_model(), a_lead(), a_lead()
    for each in (lead, other):
        scored(model, each, 100)
    judged(model, lead, other)
    ScoringModel.objects.filter(pk=model.pk).update(as_of=DAY + 1)
    told.clear()
    with transaction.atomic():
        lifecycle.set_status({lead.pk}, final, now=on(DAY + 1))
    assert [(day, why) for _opened, _reason, day, why in history(lead)] == [(DAY + 1, final)]
    assert (status(lead), hot(other)) == (final, True)
    assert told == [{"leads": {lead.pk}, "reason": final}]


def test_other_statuses_end_nothing(told: list[Any]) -> None:
    model, lead = a_model(), a_lead()
    scored(model, lead, 100)
    judged(model, lead)
    told.clear()
    for each in (Status.ACCEPTED, Status.OPPORTUNITY, Status.NURTURING):
        with transaction.atomic():
            lifecycle.set_status({lead.pk}, each, now=NOW)
    assert (hot(lead), told) == (True, [])


def test_after_a_status_that_said_never_the_cool_down_counts_again() -> None:
    model, lead = a_model(), a_lead()
    scored(model, lead, 100)
    judged(model, lead)
    ScoringModel.objects.filter(pk=model.pk).update(as_of=DAY)
    with transaction.atomic():
        lifecycle.set_status({lead.pk}, Status.DISQUALIFIED, now=NOW)
        lifecycle.set_status({lead.pk}, Status.NURTURING, now=NOW)
    assert judged(model, lead, day=DAY + 29) == Judged()
    assert judged(model, lead, day=DAY + 30).opened == {lead.pk}
