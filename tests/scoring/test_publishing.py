from typing import Any

import pytest
from django.db import transaction

from leadqual.common.errors import LeadqualError
from leadqual.leads import lifecycle
from leadqual.leads.models import Lead, Status
from leadqual.scoring import publishing
from leadqual.scoring.checking import check_ledger
from leadqual.scoring.models import Qualification, ScoringModel
from leadqual.scoring.publishing import Preview, draft_from, publish
from leadqual.scoring.rescoring import rescore_due
from tests.scoring.drafts import DAY, a_draft, a_group, attribute, on
from tests.scoring.markets import (
    NO_ROWS,
    Killed,
    Market,
    ended,
    killed_at,
    open_leads,
    replayed,
    rows_of,
    states,
    totals,
)

pytestmark = pytest.mark.django_db


# --- The first model ------------------------------------------------------------------------------


def test_the_first_model_goes_live_at_once_and_the_next_pass_scores_everybody() -> None:
    market = Market()
    published = publish(market.first, day=DAY, now=on(DAY))
    assert (published.first, published.preview, published.judged) == (True, None, None)
    assert states() == [(1, "live", None)]
    assert rows_of(market.first)["scores"] == Qualification.objects.count() == 0
    run = rescore_due(day=DAY, now=on(DAY))
    assert (run.rescored, run.became_hot, run.cooled) == (5, 3, 0)
    assert totals(market.first) == [10, 20, 30, 40, 50]
    assert open_leads() == {lead.pk: (market.first.pk, "score", True) for lead in market.leads[2:]}


def test_a_model_that_never_scored_anybody_is_replaced_at_once() -> None:
    market = Market()
    publish(market.first, day=DAY, now=on(DAY))
    second = market.draft(15, hot_at=30, cool_at=20)
    assert publish(second, day=DAY, now=on(DAY)).first is True
    assert states() == [(1, "retired", None), (2, "live", None)]
    assert rows_of(market.first) == NO_ROWS
    assert rescore_due(day=DAY, now=on(DAY)).became_hot == 4
    assert totals(second) == [15, 30, 45, 60, 75]
    assert {why for _model, why, _out in open_leads().values()} == {"score"}


def test_what_is_published_remembers_when_by_whom_and_for_which_day(admin_user: Any) -> None:
    market = Market()
    publish(market.first, day=DAY, now=on(DAY), by=admin_user)
    market.first.refresh_from_db()
    assert (market.first.published_at, market.first.published_day, market.first.by) == (
        on(DAY),
        DAY,
        admin_user,
    )
    assert market.first.frozen == publishing.freeze(market.first)


# --- Every later one --------------------------------------------------------------------------------


def test_a_later_model_is_built_beside_the_live_one_and_readers_always_see_a_complete_set() -> None:
    market = Market()
    old = market.open()
    new = market.draft(15, hot_at=30, cool_at=20)
    seen = []

    def look(preview: Preview) -> None:
        live = ScoringModel.objects.get(state="live")
        seen.append((live.pk, totals(live), totals(new), len(open_leads())))

    published = publish(new, day=DAY, now=on(DAY), previewed=look)
    assert seen == [(old.pk, [10, 20, 30, 40, 50], [15, 30, 45, 60, 75], 3)]
    assert published.first is False
    assert totals(new) == [15, 30, 45, 60, 75] == replayed(published.model, DAY)
    old.refresh_from_db()
    assert (old.state, old.retired_at, old.retired_day) == ("retired", on(DAY), DAY)
    assert states() == [(1, "retired", None), (2, "live", None)]
    assert rows_of(old) == NO_ROWS
    assert check_ledger().clean


def test_whoever_is_hot_enough_stays_with_what_they_had_and_others_end(told: list[Any]) -> None:
    """10 points and an inquiry (50), 20, 30, 40, 50 become 45, 10, 15, 20, 25: hot stay the first and the last."""
    market = Market()
    old = market.open()
    asking, _warm, third, fourth, last = market.leads
    market.record(asking, market.inquiry)
    before = list(Qualification.objects.filter(lead__in=[asking, last]).order_by("pk").values())
    told.clear()
    published = publish(market.draft(5, hot_at=40, cool_at=25), day=DAY, now=on(DAY), release_hot=True)
    assert open_leads() == {asking.pk: (old.pk, "score", True), last.pk: (old.pk, "score", True)}
    assert list(Qualification.objects.filter(lead__in=[asking, last]).order_by("pk").values()) == before
    assert ended() == {third.pk: "model", fourth.pk: "model"}
    assert published.preview == Preview(newly_hot=0, stay=2, end=2)
    assert published.judged is not None
    assert (published.judged.opened, published.judged.ended) == (set(), {third.pk, fourth.pk})
    statuses = dict(Lead.objects.values_list("pk", "status"))
    assert [statuses[lead.pk] for lead in market.leads] == ["hot", "new", "nurturing", "nurturing", "hot"]
    assert told == [{"leads": {third.pk, fourth.pk}, "reason": "model"}]


def test_customers_and_leads_with_sales_do_not_become_hot_by_publishing() -> None:
    market = Market(visits=(3, 3, 3))
    market.first.hot_at = 100
    market.first.save()
    market.open()
    customer, with_sales, free = market.leads
    with transaction.atomic():
        lifecycle.set_status({customer.pk}, Status.CUSTOMER, now=on(DAY))
    Lead.objects.filter(pk=with_sales.pk).update(with_sales=True)
    published = publish(market.draft(20, hot_at=40, cool_at=20), day=DAY, now=on(DAY))
    assert set(open_leads()) == {free.pk}
    assert published.preview == Preview(newly_hot=1, stay=0, end=0)


@pytest.mark.parametrize("tick", [False, True])
def test_the_newly_hot_are_handed_over_only_if_the_publisher_says_so(tick: bool, told: list[Any]) -> None:
    market = Market()
    market.open()
    new = market.draft(20, hot_at=40, cool_at=20)
    second = market.leads[1]
    told.clear()
    published = publish(new, day=DAY, now=on(DAY), release_hot=tick)
    assert published.preview == Preview(newly_hot=1, stay=3, end=0)
    assert published.model.released_hot is tick
    assert open_leads()[second.pk] == (new.pk, "publish", tick)
    assert Qualification.objects.get(lead=second).card["total"] == 40
    assert told == [{"leads": {second.pk}, "reason": "publish", "released": tick}]
    second.refresh_from_db()
    assert second.status == Status.HOT
    market.record(market.leads[0], market.inquiry)
    assert open_leads()[market.leads[0].pk] == (new.pk, "score", True)


def test_an_end_by_publishing_asks_no_cool_down() -> None:
    market = Market(cool_down_days=30)
    market.open()
    strict = market.draft(5, hot_at=25, cool_at=24, cool_down_days=30)
    publish(strict, day=DAY, now=on(DAY))
    third = market.leads[2]
    assert ended()[third.pk] == "model"
    for _again in range(2):
        market.record(third, market.visit)
    assert open_leads()[third.pk] == (strict.pk, "score", True)


# --- What must be refused ---------------------------------------------------------------------------


def refused(model: ScoringModel, code: str, place: str, day: int = DAY) -> None:
    before = list(ScoringModel.objects.order_by("pk").values())
    with pytest.raises(LeadqualError) as error:
        publish(model, day=day, now=on(day))
    assert (error.value.code, error.value.place) == (code, place)
    assert list(ScoringModel.objects.order_by("pk").values()) == before


def test_a_model_with_a_fault_is_refused_with_its_place_and_nothing_changes() -> None:
    model = a_draft(gate_strong_within=10)
    attribute(a_group(model, "Fit"), {"field": "status", "op": "is", "value": "new"}, "Fresh")
    refused(model, "derived_field", "market 1, rule “Fresh”, condition")


def test_what_is_live_retired_or_being_built_cannot_be_published_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    market = Market()
    first = market.open()
    refused(first, "not_a_draft", "market 1")
    second = market.draft(5, hot_at=40, cool_at=25)
    publish(second, day=DAY, now=on(DAY))
    refused(first, "not_a_draft", "market 1")
    killed_at(monkeypatch, "build_range", 1)
    third, fourth = market.draft(6, hot_at=40, cool_at=25), market.draft(7, hot_at=40, cool_at=25)
    with pytest.raises(Killed):
        publish(third, day=DAY, now=on(DAY))
    refused(third, "not_a_draft", "market 3")
    refused(fourth, "publishing_already", "market 4")


def test_a_day_before_that_of_the_scores_is_refused() -> None:
    market = Market()
    market.open()
    refused(market.draft(5, hot_at=40, cool_at=25), "day_goes_back", "--as-of", day=DAY - 1)


# --- Drafts -----------------------------------------------------------------------------------------


def test_editing_what_is_live_makes_a_draft_of_the_next_version() -> None:
    market = Market(gate_strong_within=500)
    live = market.open()
    draft = draft_from(live)
    other = draft_from(live)
    assert [(each.version, each.state, each.based_on_id) for each in (draft, other)] == [
        (2, "draft", live.pk),
        (3, "draft", live.pk),
    ]
    assert (draft.hot_at, draft.cool_at, draft.gate_strong_within, draft.frozen) == (30, 20, 500, None)
    copied = [(rule.name, rule.points, rule.group.model_id) for rule in draft.rules.order_by("pk")]
    assert copied == [("Visit", 10, draft.pk), ("Inquiry", 40, draft.pk)]
    draft.rules.filter(name="Visit").update(points=11)
    assert live.rules.get(name="Visit").points == 10
    assert (live.rules.count(), live.groups.count()) == (2, 1)
    publish(draft, day=DAY, now=on(DAY))
    assert totals(draft) == [11, 22, 33, 44, 55]
    assert check_ledger().clean
