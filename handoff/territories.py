"""Which territories a lead lies in: the reps' conditions, each distinct one parsed and read once."""

import json
from collections.abc import Collection
from typing import Any

from leadqual.common.errors import LeadqualError
from segments.conditions import Condition, Facts, holds, load_facts, parse_stored


def territory_key(tree: dict[str, Any] | None) -> str:
    """The same for reps who share a territory; empty for those without."""
    return json.dumps(tree, sort_keys=True) if tree else ""


def _readable(trees: dict[str, Any]) -> dict[str, Condition]:
    """All at once, and one by one only if one of them is broken."""
    try:
        return parse_stored(trees)
    except LeadqualError:
        if len(trees) < 2:
            return {}
    return {key: condition for key in trees for condition in _readable({key: trees[key]}).values()}


class Territories:
    """A territory that cannot be read any more (its segment is gone) has no leads; it stops nobody else's."""

    def __init__(self, keys: Collection[str]) -> None:
        self.conditions = _readable({key: json.loads(key) for key in sorted(set(keys) - {""})})
        self.facts: dict[int, Facts] = {}
        self.day = 0

    def read(self, lead_ids: Collection[int], *, day: int) -> None:
        """What the territories ask about these leads, in a number of queries that does not grow with them."""
        self.day = day
        self.facts = {}
        if self.conditions and lead_ids:
            self.facts = load_facts(lead_ids, day=day, conditions=self.conditions.values())

    def answers(self, lead_id: int) -> dict[str, bool]:
        facts = self.facts.get(lead_id)
        if facts is None:
            return {}
        return {key: holds(condition, facts, day=self.day) for key, condition in self.conditions.items()}
