"""What a qualification remembers: the explanation as of the day it opened, in numbers and names, without sentences."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from leadqual.scoring.compiled import CompiledModel
from leadqual.scoring.evaluator import Days, Score, Standing, score
from leadqual.scoring.models import LeadScore, RuleHit

Card = dict[str, Any]


def cards(scores: Sequence[LeadScore], model: CompiledModel, *, day: int) -> dict[int, Card]:
    """A card per lead, from what the ledger knows: one query, whatever the number of leads."""
    hits = _hits([each.lead_id for each in scores], model)
    return {
        each.lead_id: card(
            score(model, Standing(hits[each.lead_id], each.facts, each.facts_until, each.last_act), day=day)
        )
        for each in scores
    }


def card(found: Score) -> Card:
    """`lines` and `cuts` add up to `total`."""
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


def _hits(lead_ids: Sequence[int], model: CompiledModel) -> Mapping[int, dict[int, Days]]:
    found: defaultdict[int, dict[int, Any]] = defaultdict(dict)
    if lead_ids:
        rows = RuleHit.objects.filter(lead_id__in=lead_ids, rule_id__in=model.all_rule_ids)
        in_order = rows.order_by("lead_id", "rule_id", "day").values_list("lead_id", "rule_id", "day", "n")
        for lead, rule, day, n in in_order:
            found[lead].setdefault(rule, []).append((day, n))
    return found
