"""Segments may ask what scoring knows; scoring may not ask itself."""

from typing import Any

import pytest

from leadqual.leads.models import Lead
from leadqual.scoring.validation import problems
from segments.conditions import derived_fields, holds, load_facts, parse, to_q
from tests.scoring.drafts import DAY, a_draft, a_group, attribute
from tests.scoring.markets import Market

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        ({"field": "score", "op": "at_least", "value": 30}, [2, 3, 4]),
        ({"field": "score_engagement", "op": "at_most", "value": 20}, [0, 1]),
        ({"field": "score_fit", "op": "at_least", "value": 1}, []),
        ({"field": "band", "op": "is", "value": "hot"}, [2, 3, 4]),
        ({"field": "band", "op": "is_none_of", "value": ["hot", "warm", "cold"]}, []),
        ({"field": "hot", "op": "is", "value": True}, [2, 3, 4]),
        ({"not": {"field": "hot", "op": "is", "value": True}}, [0, 1]),
    ],
)
def test_both_readers_answer_from_the_live_scores(tree: dict[str, Any], wanted: list[int]) -> None:
    market = Market()
    market.open()
    condition = parse(tree)
    ids = [lead.pk for lead in market.leads]
    expected = {ids[number] for number in wanted}
    assert set(Lead.objects.filter(to_q(condition, day=DAY)).values_list("pk", flat=True)) == expected
    facts = load_facts(ids, day=DAY, conditions=[condition])
    assert {lead for lead in ids if holds(condition, facts[lead], day=DAY)} == expected


def test_a_lead_without_a_score_has_none_rather_than_nothing_points() -> None:
    market = Market()
    condition = parse({"field": "score", "op": "at_most", "value": 1000})
    assert not Lead.objects.filter(to_q(condition, day=DAY)).exists()
    facts = load_facts([market.leads[0].pk], day=DAY, conditions=[condition])
    assert not holds(condition, facts[market.leads[0].pk], day=DAY)


@pytest.mark.parametrize("key", ["score", "hot"])
def test_a_scoring_rule_that_asks_the_score_is_refused(key: str) -> None:
    value, op = (True, "is") if key == "hot" else (1, "at_least")
    tree = {"field": key, "op": op, "value": value}
    assert derived_fields(parse(tree)) == {key}
    draft = a_draft("circle")
    attribute(a_group(draft, "Fit"), tree, "Asks itself")
    assert [problem.code for problem in problems(draft) if problem.blocking] == ["derived_field"]
