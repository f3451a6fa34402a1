"""Scoring models, made as drafts, and scores and hits written by hand where a test needs exact ones."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from leadqual.common import clock
from leadqual.leads.models import Activity, ActivityType, Intent, Lead, Signature
from leadqual.scoring.freezing import freeze
from leadqual.scoring.models import Axis, LeadScore, RuleGroup, RuleKind, ScoringModel, ScoringRule

numbers = count(1)
DAY = clock.day_number(date(2026, 3, 10))
NOW = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)  # noon in Tokyo


def on(day: int) -> datetime:
    """Noon of a day."""
    return NOW + timedelta(days=day - DAY)


def a_type(key: str = "", intent: str = Intent.WEAK, **fields: Any) -> ActivityType:
    key = key or f"type-{next(numbers)}"
    return ActivityType.objects.create(key=key, label=key, intent=intent, **fields)


def a_draft(name: str = "market", *, hot_at: int = 100, cool_at: int = 70, **fields: Any) -> ScoringModel:
    fields.setdefault("review_date", date(2026, 12, 1))
    return ScoringModel.objects.create(name=name, hot_at=hot_at, cool_at=cool_at, **fields)


def a_group(model: ScoringModel, name: str = "", axis: str = Axis.ENGAGEMENT, **fields: Any) -> RuleGroup:
    return RuleGroup.objects.create(model=model, name=name or f"group {next(numbers)}", axis=axis, **fields)


def a_rule(group: RuleGroup, kind: str, name: str = "", points: int = 10, **fields: Any) -> ScoringRule:
    name = name or f"rule {next(numbers)}"
    return ScoringRule.objects.create(
        model=group.model, group=group, kind=kind, name=name, points=points, **fields
    )


def behaviour(
    group: RuleGroup, type: ActivityType, name: str = "", points: int = 10, **fields: Any
) -> ScoringRule:
    return a_rule(group, RuleKind.BEHAVIOUR, name, points, activity_type=type, **fields)


def attribute(
    group: RuleGroup, condition: Any, name: str = "", points: int = 10, **fields: Any
) -> ScoringRule:
    return a_rule(group, RuleKind.ATTRIBUTE, name, points, condition=condition, **fields)


def inactivity(group: RuleGroup, days: int, name: str = "", points: int = -10, **fields: Any) -> ScoringRule:
    return a_rule(group, RuleKind.INACTIVITY, name, points, inactive_days=days, **fields)


def put_live(model: ScoringModel, *, day: int = DAY, now: datetime = NOW, **fields: Any) -> ScoringModel:
    """Live without the engine: frozen, with whatever scores the test writes itself."""
    values = {"state": "live", "frozen": freeze(model), "published_at": now, "published_day": day} | fields
    ScoringModel.objects.filter(pk=model.pk).update(**values)
    model.refresh_from_db()
    return model


def scored(model: ScoringModel, lead: Lead, total: int, *, fit: int = 0) -> None:
    values = {"total": total, "fit": fit, "engagement": total - fit, "as_of": DAY, "last_act": DAY}
    if not LeadScore.objects.filter(model=model, lead=lead).update(**values):
        LeadScore.objects.create(model=model, lead=lead, **values)


def act(
    lead: Lead, type: ActivityType, day: int, *, at: datetime | None = None, machine: bool = False
) -> Activity:
    """Something the lead did, that no receiver hears of."""
    signature, _made = Signature.objects.get_or_create(type=type, digest=f"of-{type.pk}")
    at = at or on(day)
    return Activity.objects.create(
        lead=lead, signature=signature, day=day, occurred_at=at, received_at=at, machine=machine
    )
