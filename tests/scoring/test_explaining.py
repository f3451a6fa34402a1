"""A score is explained on any day, and the explanation adds up."""

import json
import random
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.leads import recording
from leadqual.leads.editing import edit_leads
from leadqual.leads.models import Intent, Lead
from leadqual.leads.recording import Event
from leadqual.scoring.explaining import explain
from leadqual.scoring.models import Axis, LeadScore, ScoringModel
from leadqual.scoring.publishing import draft_from, publish
from leadqual.scoring.rescoring import rescore_due
from leadqual.scoring.wording import as_json, sentences
from tests.leads.factories import a_lead
from tests.scoring.drafts import DAY, a_draft, a_group, a_type, attribute, behaviour, on
from tests.scoring.worlds import World, live

pytestmark = pytest.mark.django_db


def asked(*words: str) -> Any:
    out = StringIO()
    call_command("explain", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def act(lead: Lead, key: str, day: int, now: int | None = None) -> None:
    with transaction.atomic():
        recording.record([Event(key, on(day), lead_id=lead.pk)], now=on(now or day))


@pytest.fixture
def market() -> tuple[ScoringModel, Lead]:
    """A model that is live since 20 days before, and a lead who looked at prices three times two days ago."""
    model = a_draft(hot_at=50, cool_at=30, gate_strong_within=10, gate_active_days=2, gate_active_within=30)
    web = a_group(model, "web", cap=40)
    behaviour(web, a_type("pricing"), "Pricing page", points=6, half_life_days=19, window_days=90)
    behaviour(web, a_type("inquiry", Intent.STRONG), "Inquiry", points=30)
    fit = a_group(model, "who", Axis.FIT)
    attribute(fit, {"field": "title", "op": "is", "value": "buyer"}, "Buyer", points=5)
    publish(model, day=DAY - 20, now=on(DAY - 20))
    lead = a_lead(title="buyer", now=on(DAY - 30), external_id="x-1", email="a@example.com")
    rescore_due(day=DAY - 20, now=on(DAY - 20))
    for _ in range(3):
        act(lead, "pricing", DAY - 2)
    rescore_due(day=DAY, now=on(DAY))
    return live(), lead


def test_lines_and_cuts_add_up_to_the_stored_score(market: tuple[ScoringModel, Lead]) -> None:
    model, lead = market
    act(lead, "inquiry", DAY)
    told = explain(lead, day=DAY)
    assert told.total == LeadScore.objects.get(model=model, lead=lead).total == 45
    assert [(line.rule.name, line.count, line.points) for line in told.lines] == [
        ("Pricing page", 3, 18),
        ("Inquiry", 1, 30),
        ("Buyer", 1, 5),
    ]
    assert [(cut.group.name, cut.points) for cut in told.cuts] == [("web", -8)]
    assert sum(line["points"] for line in as_json(told)["lines"]) == told.total
    assert told.band == "warm"


def test_the_sentences_say_when_points_fall_in_both_languages(market: tuple[ScoringModel, Lead]) -> None:
    _model, lead = market
    with translation.override("en"):
        said = sentences(explain(lead, day=DAY))
        assert "Pricing page, 3 times, 2 days ago: +18, falls to +15 on 11 March 2026" in said
        assert "27 points are missing to hot (50)" in said
        assert "The gate asks for a strong act within 10 days: there is none" in said
        assert "The gate asks for acts on 2 different days within 30 days: there are 1" in said
    with translation.override("ja"):
        said = sentences(explain(lead, day=DAY))
        assert any(
            "Pricing page" in each and "3回" in each.replace(" ", "") and "減少" in each for each in said
        )


def test_hot_is_said_without_anything_missing(market: tuple[ScoringModel, Lead]) -> None:
    _model, lead = market
    act(lead, "inquiry", DAY)
    told = as_json(explain(lead, day=DAY))
    assert told["to_hot"]["missing_points"] == 5
    assert told["gate"]["passed"] is True
    assert told["gate"]["last_strong"] == clock.date_of(DAY).isoformat()


def test_an_attribute_changed_today_leaves_yesterday_as_it_was(market: tuple[ScoringModel, Lead]) -> None:
    model, lead = market
    yesterday = explain(lead, day=DAY - 1).total
    with transaction.atomic():
        edit_leads({lead.pk: {"title": "intern"}}, now=on(DAY))
    assert LeadScore.objects.get(model=model, lead=lead).total == 18
    assert explain(lead, day=DAY).total == 18
    assert explain(lead, day=DAY - 1).total == yesterday == 23


def test_a_day_in_the_past_is_explained_by_the_model_that_was_live(market: tuple[ScoringModel, Lead]) -> None:
    model, lead = market
    second = draft_from(model)
    second.rules.filter(name="Pricing page").update(points=10)
    publish(second, day=DAY + 5, now=on(DAY + 5))
    assert explain(lead, day=DAY + 5).model.version == 2
    then = explain(lead, day=DAY)
    assert (then.model.version, then.total) == (1, 23)
    first = explain(lead, day=DAY - 25)
    assert (first.model.version, first.before_first_model, first.total) == (1, True, 5)


def test_a_day_before_the_lead_existed_says_so(market: tuple[ScoringModel, Lead]) -> None:
    _model, lead = market
    told = asked(str(lead.pk), "--as-of", clock.date_of(DAY - 31).isoformat())
    assert (told["exists"], told["total"], told["lines"]) == (False, 0, [])
    assert any("did not exist yet" in sentence for sentence in told["sentences"])


def test_a_lead_is_found_by_id_public_id_external_id_and_address(market: tuple[ScoringModel, Lead]) -> None:
    _model, lead = market
    for name in (str(lead.pk), str(lead.public_id), "x-1", "A@example.com"):
        assert asked(name)["lead"] == lead.pk
    with pytest.raises(CommandError, match="no lead"):
        call_command("explain", "nobody@example.com")


def test_without_a_live_model_there_is_nothing_to_explain_or_check() -> None:
    lead = a_lead()
    with pytest.raises(LeadqualError, match="no scoring model is live"):
        explain(lead)
    with pytest.raises(CommandError, match="no scoring model is live"):
        call_command("check_ledger")


def test_the_clock_of_scores_is_not_turned_back(market: tuple[ScoringModel, Lead]) -> None:
    assert market
    before = list(LeadScore.objects.values_list())
    with pytest.raises(CommandError, match="only move forward"):
        call_command("rescore", "--as-of", clock.date_of(DAY - 1).isoformat())
    assert list(LeadScore.objects.values_list()) == before


def test_today_is_explained_from_the_ledger_in_four_reads(market: tuple[ScoringModel, Lead]) -> None:
    _model, lead = market
    explain(lead, day=DAY)
    with CaptureQueriesContext(
        connection,
    ) as reads:
        explain(lead, day=DAY)
    assert len(reads) == 4  # the live model, the score, the hits, the days of the gate


@pytest.mark.parametrize("seed", [101, 102, 103])
def test_explanations_add_up_on_every_day_of_a_random_history(seed: int) -> None:
    print("seed", seed)
    world, chance = World(seed, leads=8), random.Random(seed)
    world.publish()
    world.tell(60)
    for _ in range(15):
        world.something()
    rescore_due(day=world.today, now=world.now())
    totals = dict(LeadScore.objects.filter(model=live()).values_list("lead_id", "total"))
    for lead in Lead.objects.all():
        for day in [world.today, *(world.today - chance.randrange(1, 120) for _ in range(5))]:
            told = explain(lead, day=day)
            assert sum(line["points"] for line in as_json(told)["lines"]) == told.total
            if day == world.today:
                assert told.total == totals[lead.pk]
