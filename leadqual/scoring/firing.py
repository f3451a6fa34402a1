"""How often each rule of the live model counts now: acts in the ledger, facts and silence in the scores.

Each number is one scan of a table for all rules together. Where a scan takes long its answer is kept for a while, and
says of when it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from django.core.cache import cache
from django.db import connection

from leadqual.scoring.compiled import CompiledModel
from leadqual.scoring.curves import NOT_YET
from leadqual.scoring.dialect import dialect
from leadqual.scoring.ledger import rules_are

# Faster answers are always fresh.
LONG, KEPT = 0.3, 600
OPEN = "SELECT lead_id FROM scoring_qualification WHERE ended_day IS NULL"


@dataclass(frozen=True, slots=True)
class Fired:
    """Leads that have points by the rule now, the acts that earn them, and how many of the leads are hot."""

    leads: int = 0
    acts: int = 0
    hot: int = 0


@dataclass(frozen=True, slots=True)
class Firing:
    """`hot` is the number of all hot leads, `at` when this was counted."""

    by_rule: Mapping[int, Fired]
    hot: int
    at: datetime

    def share(self, rule: int) -> float | None:
        """Per cent of the hot leads that have points by the rule."""
        return 100 * self.by_rule.get(rule, Fired()).hot / self.hot if self.hot else None


def firing(model: CompiledModel, *, day: int, now: datetime) -> Firing:
    key = f"scoring:firing:{model.id}:{day}"
    if (kept := cache.get(key)) is not None:
        return kept
    began = monotonic()
    counted = Firing(_acts(model, day) | _standing(model, day), _hot(), now)
    if monotonic() - began > LONG:
        cache.set(key, counted, KEPT)
    return counted


def _acts(model: CompiledModel, day: int) -> dict[int, Fired]:
    """First the hits of each lead, in the order in which the ledger has them, then the leads of each rule."""
    if not model.behaviours:
        return {}
    words = dialect()
    per_lead = (
        f"SELECT h.lead_id, h.rule_id, SUM(h.n) AS n FROM scoring_rulehit h {words.outer_first}"
        f" scoring_pointcurve c ON c.rule_id = h.rule_id AND c.age = {words.max(str(NOT_YET), f'{day} - h.day')}"
        f" WHERE {rules_are('h.rule_id', model)} AND c.points <> 0 GROUP BY h.lead_id, h.rule_id"
    )
    sql = (
        "SELECT p.rule_id, COUNT(*), SUM(p.n), SUM(CASE WHEN q.lead_id IS NULL THEN 0 ELSE 1 END)"
        f" FROM ({per_lead}) AS p LEFT JOIN ({OPEN}) AS q ON q.lead_id = p.lead_id GROUP BY p.rule_id"
    )
    return {rule: Fired(leads, int(acts), hot) for rule, leads, acts, hot in _rows(sql)}


def _standing(model: CompiledModel, day: int) -> dict[int, Fired]:
    """Attributes are bits of the score's row, silence is the age of its last act."""
    tests = {rule.id: f"s.facts & {rule.bit} <> 0" for rule in model.attributes}
    tests |= {rule.id: f"s.last_act <= {day - rule.silent_days}" for rule in model.silences}
    if not tests:
        return {}
    sums = [
        f"SUM(CASE WHEN {test}{also} THEN 1 ELSE 0 END)"
        for test in tests.values()
        for also in ("", " AND q.lead_id IS NOT NULL")
    ]
    sql = (
        f"SELECT {', '.join(sums)} FROM scoring_leadscore s"
        f" LEFT JOIN ({OPEN}) AS q ON q.lead_id = s.lead_id WHERE s.model_id = {model.id}"
    )
    row = [int(each or 0) for each in _rows(sql)[0]]
    return {rule: Fired(row[2 * n], row[2 * n], row[2 * n + 1]) for n, rule in enumerate(tests)}


def _hot() -> int:
    return int(_rows(f"SELECT COUNT(*) FROM ({OPEN}) AS q")[0][0])


def _rows(sql: str) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())
