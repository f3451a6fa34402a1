"""What a qualification remembers: the explanation as of the day it opened, in numbers and names, without sentences."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from leadqual.scoring.curves import Curve, decaying, lasting
from leadqual.scoring.freezing import frozen
from leadqual.scoring.models import LeadScore, RuleHit, RuleKind, ScoringModel

Card = dict[str, Any]


def cards(scores: Sequence[LeadScore], model: ScoringModel, *, day: int) -> dict[int, Card]:
    """A card per lead, from the ledger: one query, whatever the number of leads.

    `lines` and `cuts` add up to `total`, as in an explanation.
    """
    if not scores:
        return {}
    book = Book(model)
    hits: dict[int, dict[int, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    rows = RuleHit.objects.filter(
        lead_id__in=[score.lead_id for score in scores], rule_id__in=book.rules, day__lte=day
    )
    for lead, rule, hit_day, n in rows.values_list("lead_id", "rule_id", "day", "n"):
        hits[lead][rule].append((hit_day, n))
    return {score.lead_id: book.card(score, hits[score.lead_id], day) for score in scores}


class Book:
    """The rules of a model, as a card shows them."""

    def __init__(self, model: ScoringModel) -> None:
        content = frozen(model)
        self.rules = {rule["id"]: rule for rule in content["rules"]}
        self.groups = {group["id"]: group for group in content["groups"]}
        self.curves = {rule["id"]: _curve(rule) for rule in content["rules"]}

    def card(self, score: LeadScore, hits: dict[int, list[tuple[int, int]]], day: int) -> Card:
        lines, gate = [], {}
        sums: dict[int, int] = defaultdict(int)
        for rule_id, rule in self.rules.items():
            if rule_id not in hits:
                continue
            if rule["group"] is None:
                days = [at for at, _n in hits[rule_id] if day - at < rule["window_days"]]
                gate[rule["kind"]] = {"days": len(days), "last_day": max(days, default=None)}
                continue
            counted, points = self._earned(rule_id, hits[rule_id], day)
            if points:
                group = self.groups[rule["group"]]
                sums[group["id"]] += points
                lines.append(
                    {
                        "rule": rule_id,
                        "name": rule["name"],
                        "axis": group["axis"],
                        "group": group["name"],
                        "count": counted,
                        "points": points,
                    }
                )
        return {
            "total": score.total,
            "fit": score.fit,
            "engagement": score.engagement,
            "lines": lines,
            "cuts": self._cuts(sums),
            "gate": gate,
        }

    def _earned(self, rule_id: int, hits: list[tuple[int, int]], day: int) -> tuple[int, int]:
        curve = self.curves[rule_id]
        worth = [(n, curve.at(day - at)) for at, n in hits]
        return sum(n for n, points in worth if points), sum(n * points for n, points in worth)

    def _cuts(self, sums: dict[int, int]) -> list[Card]:
        cuts = []
        for group_id, group in self.groups.items():
            before = sums.get(group_id, 0)
            after = before if group["cap"] is None else min(before, group["cap"])
            after = after if group["floor"] is None else max(after, group["floor"])
            if after != before:
                cuts.append({"group": group["name"], "axis": group["axis"], "points": after - before})
        return cuts


def _curve(rule: dict[str, Any]) -> Curve:
    if rule["kind"] == RuleKind.BEHAVIOUR:
        return decaying(rule["points"], rule["window_days"], rule["half_life_days"])
    return lasting(rule["points"])
