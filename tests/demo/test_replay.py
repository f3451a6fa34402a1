"""Fifty leads of the demo day by day: scores of past days are what was stored, hot is who should have been hot."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from handoff.models import Handoff
from leadqual.common import clock
from leadqual.demo.past import card_of
from leadqual.leads.models import Lead, Status, StatusChange
from leadqual.scoring.compiled import CompiledModel, compiled
from leadqual.scoring.evaluator import Score, evaluate
from leadqual.scoring.gates import gate_state, own_days
from leadqual.scoring.histories import histories
from leadqual.scoring.models import EndedReason, Qualification, ScoringModel
from tests.demo.markets import DAY, kept_for_a_module

pytestmark = pytest.mark.django_db

REPLAYED = 50
Days = dict[int, dict[int, Score]]


@pytest.fixture(scope="module", autouse=True)
def market(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    with kept_for_a_module(django_db_blocker.unblock, 300):  # type: ignore[attr-defined]
        yield


@dataclass(frozen=True)
class Replay:
    """By lead and day: the score under the model that judged last on that day. Known from raw rows alone."""

    leads: list[int]
    models: dict[int, CompiledModel]
    on: dict[int, int]  # day -> model
    scores: Days
    cool_down: dict[int, int]


@pytest.fixture(scope="module")
def replay(market: None) -> Replay:
    hot = list(Qualification.objects.order_by("lead").values_list("lead", flat=True).distinct())
    others = list(Lead.objects.exclude(pk__in=hot).order_by("pk").values_list("pk", flat=True))
    rng = random.Random(7)
    print("seed 7")
    leads = sorted(rng.sample(hot, REPLAYED - 15) + rng.sample(others, 15))
    versions = list(ScoringModel.objects.order_by("version"))
    models = {each.pk: compiled(each) for each in versions}
    first, switch = (each.published_day for each in versions)
    assert first is not None
    assert switch is not None
    on = {day: versions[day >= switch].pk for day in range(first, DAY)}
    scores: Days = defaultdict(dict)
    for day, model in on.items():
        past = histories(leads, models[model], day=day, as_of=day)
        for lead in leads:
            scores[lead][day] = evaluate(models[model], past[lead], day=day)
    return Replay(leads, models, on, scores, {each.pk: each.cool_down_days for each in versions})


def stored(replay: Replay) -> list[Qualification]:
    return list(
        Qualification.objects.filter(lead__in=replay.leads, opened_day__lt=DAY).order_by("lead", "opened_day")
    )


def gate_passed(model: CompiledModel, lead: int, day: int) -> bool:
    return not model.gate.asks or gate_state(model, own_days(model, lead, day=day), day=day).passed


def test_every_hot_lead_had_the_score_and_the_card_that_its_day_gives(replay: Replay) -> None:
    rows = stored(replay)
    assert len(rows) > 30
    for row in rows:
        model = replay.models[row.model_id]
        past = histories([row.lead_id], model, day=row.opened_day, as_of=row.opened_day)[row.lead_id]
        found = evaluate(model, past, day=row.opened_day)
        assert row.score == found.total >= model.hot_at
        assert row.card == card_of(found)
        assert gate_passed(model, row.lead_id, row.opened_day)


def test_who_cooled_had_too_few_points_that_day_and_enough_until_then(replay: Replay) -> None:
    cooled = 0
    for row in stored(replay):
        end = row.ended_day if row.ended_day is not None else DAY
        for day in range(row.opened_day + 1, min(end, DAY)):
            assert replay.scores[row.lead_id][day].total >= replay.models[replay.on[day]].cool_at
        if row.ended_reason in (EndedReason.COOLED, EndedReason.MODEL) and end < DAY:
            cooled += 1
            assert replay.scores[row.lead_id][end].total < replay.models[replay.on[end]].cool_at
    assert cooled


def test_who_should_have_become_hot_did(replay: Replay) -> None:
    """On a day that ends without the lead being hot or with sales, something held it back."""
    held_back = 0
    for lead in replay.leads:
        for day, found in replay.scores[lead].items():
            model = replay.models[replay.on[day]]
            if found.total < model.hot_at or not gate_passed(model, lead, day):
                continue
            if (
                is_hot(lead, day)
                or with_sales(lead, day)
                or status(lead, day) in (Status.CUSTOMER, Status.DISQUALIFIED)
            ):
                continue
            held_back += 1
            assert rests(lead, day, model, replay.cool_down[model.id]), (lead, day)
    assert held_back


def test_nobody_became_hot_again_before_it_was_time(replay: Replay) -> None:
    again = 0
    for row in Qualification.objects.filter(opened_day__lt=DAY):
        earlier = Qualification.objects.filter(lead=row.lead_id, ended_at__lte=row.opened_at).exclude(
            pk=row.pk
        )
        if earlier.exists():
            again += 1
            cool_down = replay.cool_down[row.model_id]
            assert not rests(row.lead_id, row.opened_day, replay.models[row.model_id], cool_down), row.pk
    assert again


def is_hot(lead: int, day: int) -> bool:
    rows = Qualification.objects.filter(lead=lead, opened_day__lte=day)
    return rows.filter(ended_day=None).exists() or rows.filter(ended_day__gt=day).exists()


def with_sales(lead: int, day: int) -> bool:
    """At the last moment of the day at which the lead was looked at, whenever that was."""
    rows = Handoff.objects.filter(lead=lead, offered_at__lt=clock.start_of(day + 1))
    return rows.filter(closed_at=None).exists() or rows.filter(closed_at__gte=clock.start_of(day)).exists()


def status(lead: int, day: int) -> str:
    steps = StatusChange.objects.filter(lead=lead, day__lte=day).order_by("at", "pk")
    last = steps.last()
    return last.after if last else Status.NEW


def rests(lead: int, day: int, model: CompiledModel, cool_down: int) -> bool:
    ended = (
        Qualification.objects.filter(lead=lead, ended_day__lte=day).order_by("ended_day", "ended_at").last()
    )
    created = Lead.objects.get(pk=lead).created_day
    if ended is None:
        return created > day
    if ended.ended_reason == EndedReason.MODEL:
        return False
    assert ended.ended_day is not None
    acted = any(strong and at >= ended.ended_day for at, strong in own_days(model, lead, day=day))
    rested = day >= ended.ended_day + cool_down
    return not (rested and acted) if ended.ended_reason == EndedReason.SALES else not (rested or acted)
