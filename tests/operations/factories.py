"""A small market with a design in force: pages viewed, papers downloaded, calls asked for."""

from datetime import UTC, datetime, timedelta
from typing import Any

from leadqual.common import clock
from leadqual.leads import inbox
from leadqual.operations.design.loading import load
from leadqual.operations.design.reading import read
from leadqual.scoring.models import ModelState, ScoringModel
from leadqual.scoring.publishing import publish

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # a Tuesday noon in Tokyo
TODAY = 20_781

DESIGN = """
leadqual: 1
activity_types:
  view: {label: View}
  paper: {label: Paper, intent: medium}
  ask: {label: Ask, intent: strong}
segments:
  Reading: {condition: {activity: paper, op: at_least, count: 1, within_days: 30}}
scoring_models:
  M:
    hot_at: 30
    cool_at: 20
    review_date: 2027-04-01
    groups:
      Acts: {axis: engagement, cap: 60}
      Fit: {axis: fit}
    rules:
      View:
        {group: Acts, kind: behaviour, activity_type: view, points: 5, limit_count: 2, limit_period: day,
         window_days: 30}
      Paper: {group: Acts, kind: behaviour, activity_type: paper, points: 12, window_days: 60, half_life_days: 20}
      Ask: {group: Acts, kind: behaviour, activity_type: ask, points: 30, window_days: 20}
      Boss: {group: Fit, kind: attribute, points: 10, condition: {field: seniority, op: is, value: executive}}
teams: {Sales: {}}
reps:
  sato: {team: Sales, email: sato@example.com, capacity: 2}
  suzuki: {team: Sales, email: suzuki@example.com, capacity: 1}
policies:
  Readers:
    {segment: Reading, team: Sales, fallback_team: Sales, means: [in_app, mail], cadence: at_once, strategy: weighted,
     follow_up: Ask about the paper., accept_within_hours: 8, review_date: 2027-04-01}
  Others:
    {team: Sales, fallback_team: Sales, means: [in_app], cadence: at_once, strategy: weighted,
     follow_up: Call., accept_within_hours: 8, review_date: 2027-04-01}
"""


def a_design(*, now: datetime = NOW, text: str = DESIGN, published: bool = True) -> None:
    load(read(text.encode()), now=now)
    if published:
        publish(ScoringModel.objects.get(state=ModelState.DRAFT), day=clock.day_of(now), now=now)


def an_event(lead: str, type: str, *, days_ago: float = 0, now: datetime = NOW, **more: Any) -> int:
    """One received event of the lead with that external id."""
    occurred_at = (now - timedelta(days=days_ago)).isoformat()
    payload = {"type": type, "occurred_at": occurred_at, "lead": {"external_id": lead}} | more
    return inbox.receive(payload, now=now)
