"""Judging with scores that the test wrote by hand."""

from typing import Any

from django.db import transaction

from leadqual.leads.models import Lead
from leadqual.scoring.models import Axis, Qualification, ScoringModel
from leadqual.scoring.qualification import Judged, judge
from tests.scoring.drafts import DAY, a_draft, a_group, attribute, on, put_live

BOSS = {"field": "seniority", "op": "is", "value": "executive"}


def a_model(**fields: Any) -> ScoringModel:
    model = a_draft(**{"hot_at": 100, "cool_at": 70, "cool_down_days": 30} | fields)
    attribute(a_group(model, "Fit", Axis.FIT), BOSS, "Boss", 1)
    return put_live(model)


def judged(model: ScoringModel, *leads: Lead, day: int = DAY, **fields: Any) -> Judged:
    with transaction.atomic():
        return judge({lead.pk for lead in leads}, model, day=day, now=fields.pop("now", on(day)), **fields)


def hot(lead: Lead) -> bool:
    return Qualification.objects.filter(lead=lead, ended_day=None).exists()


def history(lead: Lead) -> list[tuple[int, str, int | None, str]]:
    rows = Qualification.objects.filter(lead=lead).order_by("pk")
    return list(rows.values_list("opened_day", "opened_reason", "ended_day", "ended_reason"))


def status(lead: Lead) -> str:
    return str(Lead.objects.values_list("status", flat=True).get(pk=lead.pk))
