"""The whole way, with the real engine: acts are recorded, a lead becomes hot, a rep gets it, sales answers."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from handoff import answering
from handoff.models import Handoff, Means
from leadqual.common import clock
from leadqual.leads.models import ActivityType, Lead
from leadqual.leads.recording import Event, record
from leadqual.messaging.models import EmailPart
from leadqual.scoring.models import RuleGroup, RuleKind, ScoringModel, ScoringRule
from leadqual.scoring.publishing import publish
from leadqual.scoring.rescoring import rescore_due
from tests.handoff import factories
from tests.leads.factories import a_lead

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def live_model() -> ScoringModel:
    """Thirty points for a look at the prices, hot at fifty."""
    kind = ActivityType.objects.create(key="pricing", label="Pricing", intent="strong")
    model = ScoringModel.objects.create(name="real", version=1, hot_at=50, cool_at=20, cool_down_days=0)
    group = RuleGroup.objects.create(model=model, name="acts", axis="engagement")
    ScoringRule.objects.create(
        model=model,
        group=group,
        name="Looked at prices",
        kind=RuleKind.BEHAVIOUR,
        activity_type=kind,
        points=30,
    )
    now = clock.now()
    publish(model, day=clock.day_of(now), now=now)
    rescore_due(day=clock.day_of(now), now=now)
    return model


def looks_at_prices(lead: Lead, times: int) -> None:
    now = clock.now()
    with transaction.atomic():
        record([Event(type="pricing", occurred_at=now, lead_id=lead.pk) for _ in range(times)], now=now)


def assign_hot_leads(*arguments: str) -> dict[str, int]:
    out = StringIO()
    call_command("assign_hot_leads", "--json", *arguments, stdout=out)
    told: dict[str, int] = json.loads(out.getvalue())
    return told


def test_acts_make_a_lead_hot_and_a_rep_calls_it(live_model: ScoringModel) -> None:
    team = factories.team()
    rep = factories.rep(team)
    factories.policy(team, means=[Means.MAIL.value])
    lead, cold = a_lead(), a_lead()
    looks_at_prices(lead, 2)
    looks_at_prices(cold, 1)
    assert assign_hot_leads() == {
        "assigned": 1,
        "waiting": 0,
        "no_policy": 0,
        "before_turn": 0,
        "no_place": 0,
    }
    assert assign_hot_leads()["assigned"] == 0
    handoff = Handoff.objects.get()
    assert (handoff.lead, handoff.rep, handoff.qualification.score) == (lead, rep, 60)
    text = EmailPart.objects.get().text
    assert "- Looked at prices, 2 times, last on" in text
    assert ": +60" in text
    lead.refresh_from_db()
    assert (lead.status, lead.owner) == ("hot", rep.user)
    now = clock.now()
    answering.accept(handoff, now=now)
    answering.close(handoff, "lost", now=now)
    looks_at_prices(lead, 1)
    lead.refresh_from_db()
    # A strong act after the end, and no cool-down to wait for: hot again, and waiting for a rep again.
    assert lead.status == "hot"
    assert assign_hot_leads()["assigned"] == 1


def test_a_lead_with_sales_does_not_become_hot_a_second_time(live_model: ScoringModel) -> None:
    team = factories.team()
    factories.rep(team)
    factories.policy(team)
    lead = a_lead()
    looks_at_prices(lead, 2)
    assign_hot_leads()
    looks_at_prices(lead, 2)
    assert assign_hot_leads() == {
        "assigned": 0,
        "waiting": 0,
        "no_policy": 0,
        "before_turn": 0,
        "no_place": 0,
    }
    assert lead.qualifications.count() == 1


def test_an_offered_lead_that_cools_keeps_its_offer_and_status(live_model: ScoringModel) -> None:
    team = factories.team()
    rep = factories.rep(team)
    factories.policy(team)
    lead = a_lead()
    looks_at_prices(lead, 2)
    assign_hot_leads()
    later = clock.today() + 400
    rescore_due(day=later, now=clock.start_of(later))
    handoff = Handoff.objects.get()
    lead.refresh_from_db()
    assert (handoff.state, handoff.cooled, lead.status, lead.owner) == ("offered", True, "hot", rep.user)
    assert rep.user.notices.filter(kind="handoff.cooled").count() == 1


def test_the_command_refuses_a_day_before_the_scores(live_model: ScoringModel) -> None:
    for day, word in (("2001-01-01", "--as-of"), ("never", "--as-of")):
        with pytest.raises(CommandError, match=word):
            assign_hot_leads("--as-of", day)
    assert not Handoff.objects.exists()
