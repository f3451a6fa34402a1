"""A card is quicker than an explanation and says the same."""

from typing import Any

import pytest
from django.db import transaction

from leadqual.leads import recording
from leadqual.leads.models import Intent
from leadqual.leads.recording import Event
from leadqual.scoring.cards import COLUMNS, Scored, cards
from leadqual.scoring.compiled import compiled
from leadqual.scoring.evaluator import Score, evaluate
from leadqual.scoring.histories import histories
from leadqual.scoring.models import LeadScore, Qualification
from leadqual.scoring.publishing import publish
from leadqual.scoring.rescoring import rescore_due
from tests.leads.factories import a_lead
from tests.scoring.drafts import DAY, a_draft, a_group, a_type, act, behaviour, on
from tests.scoring.worlds import World, live

pytestmark = pytest.mark.django_db


def as_card(found: Score) -> dict[str, Any]:
    return {
        "total": found.total,
        "fit": found.fit,
        "engagement": found.engagement,
        "lines": [
            {
                "rule": line.rule.id,
                "name": line.rule.name,
                "kind": line.rule.kind.value,
                "axis": line.rule.group.axis.value,
                "group": line.rule.group.name,
                "count": line.count,
                "points": line.points,
                "last_day": line.last_day,
            }
            for line in found.lines
        ],
        "cuts": [
            {"group": cut.group.name, "axis": cut.group.axis.value, "points": cut.points}
            for cut in found.cuts
        ],
    }


@pytest.mark.parametrize("seed", range(6))
def test_cards_say_what_the_evaluator_says(seed: int) -> None:
    print("seed", seed)
    world = World(seed)
    world.publish()
    world.tell(40)
    rescore_due(day=world.today, now=world.now())
    for _step in range(10):
        world.something()
    rescore_due(day=world.today, now=world.now())
    model = live()
    rules, day = compiled(model), model.as_of
    assert day is not None
    rows = LeadScore.objects.filter(model=model).order_by("lead_id")
    made = cards([Scored(*row) for row in rows.values_list(*COLUMNS)], rules, day=day)
    past = histories(list(made), rules, day=day)
    assert made == {lead: as_card(evaluate(rules, past[lead], day=day)) for lead in made}
    assert any(card["lines"] for card in made.values())


def test_an_act_that_earns_no_points_opens_the_gate_at_once() -> None:
    visit, call = a_type("visit"), a_type("call", Intent.STRONG)
    model = a_draft(hot_at=30, cool_at=20, gate_strong_within=30)
    behaviour(a_group(model, "Acts"), visit, "Visit", 30)
    lead = a_lead(now=on(DAY - 1))
    act(lead, visit, DAY - 1)
    publish(model, day=DAY, now=on(DAY))
    assert rescore_due(day=DAY, now=on(DAY)).became_hot == 0
    with transaction.atomic():
        recording.record([Event(type=call.key, occurred_at=on(DAY), lead_id=lead.pk)], now=on(DAY))
    hot = Qualification.objects.get()
    assert (hot.lead_id, hot.score, [line["name"] for line in hot.card["lines"]]) == (lead.pk, 30, ["Visit"])
