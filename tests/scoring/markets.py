"""A small market that two models see differently: what publishing needs, with the engine's own scores."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from leadqual.leads import recording
from leadqual.leads.models import Intent, Lead
from leadqual.leads.recording import Event
from leadqual.scoring import building, publishing
from leadqual.scoring.compiled import compiled
from leadqual.scoring.evaluator import evaluate
from leadqual.scoring.histories import histories
from leadqual.scoring.models import (
    LeadScore,
    ModelState,
    PointCurve,
    Qualification,
    RuleHit,
    RuleSignature,
    ScoringModel,
)
from leadqual.scoring.rescoring import rescore_due
from tests.leads.factories import a_lead
from tests.scoring.drafts import DAY, a_draft, a_group, a_type, act, behaviour, on


class Market:
    """Leads who made 1, 2, 3 ... visits of 10 points each; a model calls those with 30 points hot."""

    def __init__(self, visits: Sequence[int] = (1, 2, 3, 4, 5), **fields: Any) -> None:
        self.visit, self.inquiry = a_type("visit"), a_type("inquiry", Intent.STRONG)
        self.leads = [a_lead(now=on(DAY - 50)) for _each in visits]
        for lead, number in zip(self.leads, visits, strict=True):
            for back in range(number):
                act(lead, self.visit, DAY - 1 - back)
        self.first = self.draft(10, **{"hot_at": 30, "cool_at": 20} | fields)

    def draft(self, points: int, **fields: Any) -> ScoringModel:
        based_on = ScoringModel.objects.filter(name="market").order_by("-version").first()
        version = based_on.version + 1 if based_on else 1
        model = a_draft("market", version=version, based_on=based_on, **fields)
        group = a_group(model, "Acts")
        behaviour(group, self.visit, "Visit", points)
        behaviour(group, self.inquiry, "Inquiry", 40)
        return model

    def open(self, day: int = DAY) -> ScoringModel:
        """The first model is live, everybody is scored."""
        publishing.publish(self.first, day=day, now=on(day))
        rescore_due(day=day, now=on(day))
        self.first.refresh_from_db()
        return self.first

    def record(self, lead: Lead, type: Any, day: int = DAY) -> None:
        with transaction.atomic():
            recording.record([Event(type=type.key, occurred_at=on(day), lead_id=lead.pk)], now=on(day))


def totals(model: ScoringModel) -> list[int]:
    return list(LeadScore.objects.filter(model=model).order_by("lead_id").values_list("total", flat=True))


def open_leads() -> dict[int, tuple[int, str, bool]]:
    rows = Qualification.objects.filter(ended_day=None)
    return {lead: (model, why, out) for lead, model, why, out in rows.values_list(
        "lead_id", "model_id", "opened_reason", "released"
    )}  # fmt: skip


def ended() -> dict[int, str]:
    rows = Qualification.objects.exclude(ended_day=None)
    return dict(rows.values_list("lead_id", "ended_reason"))


def replayed(model: ScoringModel, day: int) -> list[int]:
    """Every lead's score from nothing but acts and the frozen model."""
    rules = compiled(model)
    found = histories(list(Lead.objects.values_list("pk", flat=True)), rules, day=day)
    return [evaluate(rules, found[lead], day=day).total for lead in sorted(found)]


def rows_of(model: ScoringModel) -> dict[str, int]:
    """What a model has in the tables that are caches."""
    rules = list(model.rules.values_list("pk", flat=True))
    return {
        "hits": RuleHit.objects.filter(rule__in=rules).count(),
        "scores": LeadScore.objects.filter(model=model).count(),
        "signatures": RuleSignature.objects.filter(rule__in=rules).count(),
        "curves": PointCurve.objects.filter(rule__in=rules).count(),
    }


NO_ROWS = {"hits": 0, "scores": 0, "signatures": 0, "curves": 0}


def states() -> list[tuple[int, str, int | None]]:
    rows = ScoringModel.objects.order_by("version").values_list("version", "state", "build_position")
    return [(version, ModelState(state).value, position) for version, state, position in rows]


class Killed(Exception):
    """The process is gone, in the middle of a transaction."""


def killed_at(monkeypatch: Any, name: str, call: int) -> list[Any]:
    """`building.NAME` dies at the given call; all calls are noted."""
    usual, calls = getattr(building, name), []

    def dying(*args: Any, **options: Any) -> Any:
        calls.append(args)
        if len(calls) == call:
            raise Killed
        return usual(*args, **options)

    monkeypatch.setattr(building, name, dying)
    return calls
