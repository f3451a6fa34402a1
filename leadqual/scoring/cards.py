"""What a qualification remembers: the explanation as of the day it opened, in numbers and names, without sentences.

The same as `evaluator.score` says, in the one pass that opening fifty thousand at once can afford; a test holds the
two equal.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection

from leadqual.scoring.chosen import Ids
from leadqual.scoring.compiled import CompiledModel, Rule
from leadqual.scoring.ledger import rules_are

Card = dict[str, Any]
Hits = Mapping[int, Mapping[int, list[tuple[int, int]]]]  # lead -> rule -> (day, how often), by day
Found = tuple[Rule, int, int, int | None]  # rule, acts counted, points, day of the last


class Scored(NamedTuple):
    """What a lead's score row says."""

    lead: int
    total: int
    fit: int
    engagement: int
    facts: int
    last_act: int


COLUMNS = ("lead_id", "total", "fit", "engagement", "facts", "last_act")


def cards(scores: Sequence[Scored], model: CompiledModel, *, day: int) -> dict[int, Card]:
    """A card per lead, from what the ledger knows: one query, whatever the number of leads."""
    hits = _hits([each.lead for each in scores], model, day)
    shown = {rule.id: (place, _shown(rule)) for place, rule in enumerate(model.rules)}
    return {
        each.lead: _card(each, _found(each, hits.get(each.lead, {}), model, day), model, shown)
        for each in scores
    }


def _shown(rule: Rule) -> Card:
    return {
        "rule": rule.id,
        "name": rule.name,
        "kind": rule.kind.value,
        "axis": rule.group.axis.value,
        "group": rule.group.name,
    }


def _card(
    scored: Scored, found: list[Found], model: CompiledModel, shown: Mapping[int, tuple[int, Card]]
) -> Card:
    """`lines`, in the order of the rules, and `cuts` add up to `total`."""
    sums = {group.id: 0 for group in model.groups}
    for rule, _count, points, _last in found:
        sums[rule.group.id] += points
    found.sort(key=lambda line: shown[line[0].id][0])
    return {
        "total": scored.total,
        "fit": scored.fit,
        "engagement": scored.engagement,
        "lines": [
            {**shown[rule.id][1], "count": count, "points": points, "last_day": last}
            for rule, count, points, last in found
        ],
        "cuts": [
            {
                "group": group.name,
                "axis": group.axis.value,
                "points": group.cut(sums[group.id]) - sums[group.id],
            }
            for group in model.groups
            if group.cut(sums[group.id]) != sums[group.id]
        ],
    }


def _found(
    scored: Scored, hits: Mapping[int, list[tuple[int, int]]], model: CompiledModel, day: int
) -> list[Found]:
    found: list[Found] = []
    for rule_id, days in hits.items():
        rule = model.by_id[rule_id]
        worth, horizon = rule.curve.points, rule.curve.horizon
        live = [(n, worth[day - hit]) for hit, n in days if day - hit < horizon]
        if points := sum([n * each for n, each in live]):
            found.append((rule, sum([n for n, _each in live]), points, days[-1][0]))
    for rule in model.attributes:
        if scored.facts & rule.bit:
            found.append((rule, 1, rule.points, None))
    for rule in model.silences:
        if scored.last_act + rule.silent_days <= day:
            found.append((rule, 1, rule.points, scored.last_act))
    return found


def _hits(
    lead_ids: Sequence[int], model: CompiledModel, day: int
) -> dict[int, dict[int, list[tuple[int, int]]]]:
    """Hits up to `day`; by day, which is the order of their key."""
    found: dict[int, dict[int, list[tuple[int, int]]]] = {}
    if not lead_ids or not model.behaviours:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lead_id, rule_id, day, n FROM scoring_rulehit"
            f" WHERE {Ids(lead_ids).among('lead_id')} AND {rules_are('rule_id', model)} AND day <= {int(day)}"
            " ORDER BY lead_id, rule_id, day"
        )
        for lead, rule, hit, n in cursor.fetchall():
            found.setdefault(lead, {}).setdefault(rule, []).append((hit, n))
    return found
