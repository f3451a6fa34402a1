"""The example designs without the data they were made for: they load, say what they promise and leak nothing."""

from pathlib import Path
from typing import Any

import pytest

from leadqual.leads.models import ActivityType
from leadqual.operations.design.dumping import dump
from leadqual.operations.design.loading import load
from leadqual.operations.design.reading import Document, read_file
from leadqual.scoring.models import ScoringModel
from leadqual.scoring.validation import problems
from tests.operations.factories import NOW

pytestmark = pytest.mark.django_db

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
LEAKS_AND_WEATHER = {
    "duration", "emp_var_rate", "cons_price_idx", "cons_conf_idx", "euribor3m", "nr_employed", "month", "day_of_week",
}  # fmt: skip


def document(name: str) -> Document:
    return read_file(str(EXAMPLES / f"{name}.yaml"))


@pytest.mark.parametrize("name", ["bank", "shop"])
def test_an_example_loads_into_an_empty_site_and_once_more_changes_nothing(name: str) -> None:
    assert load(document(name), now=NOW).changed
    assert not load(document(name), now=NOW).changed
    model = ScoringModel.objects.get()
    assert [problem.message for problem in problems(model) if problem.blocking] == []
    text = dump()
    assert load(document(name), now=NOW).changed is False
    assert dump() == text


@pytest.mark.parametrize("name", ["bank", "shop"])
def test_an_example_is_large_enough_to_learn_from(name: str) -> None:
    value = document(name).value
    (model,) = value["scoring_models"].values()
    assert len(model["rules"]) >= 10
    assert len(value["segments"]) >= 4
    assert len(value["reps"]) >= 5


def test_both_examples_live_on_one_site() -> None:
    for name in ("bank", "shop", "bank", "shop"):
        load(document(name), now=NOW)
    assert not load(document("bank"), now=NOW).changed
    assert ScoringModel.objects.count() == 2
    assert ActivityType.objects.count() == 19


def fields_asked(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["field"]} if isinstance(node.get("field"), str) else set()
        return own.union(*(fields_asked(child) for child in node.values()))
    return set().union(*(fields_asked(child) for child in node)) if isinstance(node, list) else set()


def test_the_bank_does_not_score_what_is_known_only_after_the_call_nor_what_is_the_same_for_all() -> None:
    value = document("bank").value
    assert fields_asked(value)
    assert not {key.removeprefix("custom.") for key in fields_asked(value)} & LEAKS_AND_WEATHER
    assert not value["custom_fields"].keys() & LEAKS_AND_WEATHER
