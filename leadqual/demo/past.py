"""Scores of past days, by the evaluator that explains them: every lead's year under one model, read once."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from leadqual.demo.behaviour import Deed
from leadqual.leads.models import ActivityType
from leadqual.scoring.compiled import CompiledModel
from leadqual.scoring.evaluator import History, Score, Standing, counted, earliest, score
from leadqual.scoring.gates import gate_state

Act = tuple[int, datetime]  # day and moment


class Judge:
    """What one model says about every lead on any day of the year; attributes that rules ask do not change in it."""

    def __init__(self, model: CompiledModel, past: Mapping[int, History], acts: "Acts") -> None:
        self.model = model
        self.past = past
        self.acts = acts
        self.hits = {
            lead: {
                rule.id: list(counted(rule, each.acts[rule.id]))
                for rule in model.behaviours
                if rule.id in each.acts
            }
            for lead, each in past.items()
        }

    def score(self, lead: int, day: int) -> Score:
        past = self.past[lead]
        place = bisect_right(past.own_days, day)
        since = past.own_days[place - 1] if place else past.created_day
        following = past.own_days[place] if place < len(past.own_days) else None
        known = Standing(self.hits[lead], past.facts, earliest(past.facts_flip, following), since)
        return score(self.model, known, day=day)

    def gate_open(self, lead: int, day: int) -> bool:
        if not self.model.gate.asks:
            return True
        return gate_state(self.model, self.acts.days(lead, day), day=day).passed


class Acts:
    """When each lead did something, as the gate and a second chance ask it."""

    def __init__(self, deeds: Mapping[int, Sequence[Deed]], days: Mapping[datetime, int]) -> None:
        strong = set(ActivityType.objects.filter(intent="strong").values_list("key", flat=True))
        own = set(ActivityType.objects.filter(by_person=True).values_list("key", flat=True))
        self.own: dict[int, list[tuple[int, bool]]] = {}
        self.strong: dict[int, list[Act]] = {}
        for lead, some in deeds.items():
            done = sorted((days[deed.at], deed.at, deed.type) for deed in some if deed.type in own)
            self.own[lead] = [(day, type in strong) for day, _at, type in done]
            self.strong[lead] = [(day, at) for day, at, type in done if type in strong]

    def days(self, lead: int, day: int) -> list[tuple[int, bool]]:
        return [each for each in self.own.get(lead, []) if each[0] <= day]

    def last_strong(self, lead: int, day: int) -> Act | None:
        return max((each for each in self.strong.get(lead, []) if each[0] <= day), default=None)


def card_of(found: Score) -> dict[str, Any]:
    """What a qualification remembers."""
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
