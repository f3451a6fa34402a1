"""The SQL and the Python reader give the same answer to every condition about every lead."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st

from leadqual.leads.models import Lead
from segments.answering import Answers
from segments.conditions import (
    holds,
    load_facts,
    next_flip,
    next_flip_expression,
    parse,
    parse_frozen,
    parse_stored,
    segments_asked,
    to_json,
    to_q,
)
from tests.segments.worlds import DAY, build, build_names, trees, worlds

pytestmark = pytest.mark.django_db
HORIZON = 100
generous = settings(
    max_examples=150,
    deadline=None,
    print_blob=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@pytest.fixture
def names() -> dict[str, Any]:
    return build_names()


class Undo(Exception):
    pass


def check(world: Any, several: list[Any], names: dict[str, Any], day: int) -> None:
    with pytest.raises(Undo), transaction.atomic():
        leads = {lead.pk for lead in build(world, names)}
        conditions = [parse(tree) for tree in several]
        facts = load_facts(leads, day=day, conditions=conditions)
        assert set(facts) == leads
        for tree, condition in zip(several, conditions, strict=True):
            note(str(tree))
            in_python = {lead for lead in leads if holds(condition, facts[lead], day=day)}
            q = to_q(condition, day=day)
            assert set(Lead.objects.filter(q).values_list("pk", flat=True)) == in_python
            assert set(Lead.objects.filter(~q).values_list("pk", flat=True)) == leads - in_python
            check_flips(condition, facts, day)
        check_bulk(conditions, facts, day)
        raise Undo


def check_bulk(conditions: list[Any], facts: Any, day: int) -> None:
    """The statement of a refresh, where all conditions are answered together and nobody is a member yet."""
    trees = {-number: c for number, c in enumerate(conditions, 1) if not segments_asked(c)}
    if not trees:
        return
    found = Answers.of(list(trees), trees, day=day).differences(min(facts), max(facts))
    joining = {each.segment: set(each.joining) for each in found}
    for number, condition in trees.items():
        in_python = {lead for lead, known in facts.items() if holds(condition, known, day=day)}
        assert joining.get(number, set()) == in_python


def check_flips(condition: Any, facts: Any, day: int) -> None:
    flips = {lead: next_flip(condition, known, day=day) for lead, known in facts.items()}
    expression = next_flip_expression(condition, day=day)
    if expression is None:
        assert set(flips.values()) == {None}
    else:
        assert dict(Lead.objects.annotate(flip=expression).values_list("pk", "flip")) == flips
    for lead, known in facts.items():
        flip = flips[lead]
        assert flip is None or flip > day
        now = holds(condition, known, day=day)
        quiet = range(day + 1, day + HORIZON if flip is None else min(flip, day + HORIZON))
        assert all(holds(condition, known, day=later) is now for later in quiet)


@generous
@given(world=worlds, several=st.lists(trees, min_size=4, max_size=8), day=st.integers(DAY - 5, DAY + 5))
def test_sql_and_python_agree_on_members_complements_and_the_next_flip(
    names: dict[str, Any], world: Any, several: list[Any], day: int
) -> None:
    check(world, several, names, day)


@generous
@given(tree=trees)
@example({"all": []})
def test_a_condition_written_back_is_the_same_condition(names: dict[str, Any], tree: Any) -> None:
    condition = parse(tree)
    assert parse(to_json(condition)) == condition
    assert parse_frozen(to_json(condition, pinned=True)) == condition
    assert parse_stored({1: to_json(condition)}) == {1: condition}
