"""docs/conditions.md says what the code does: every operator and field, no more and no less."""

import re
from pathlib import Path

import pytest

from segments.conditions import fields
from segments.conditions.acts import ACTS_OPERATORS
from segments.conditions.operators import OPERATORS

TEXT = (Path(__file__).parents[2] / "docs" / "conditions.md").read_text()


def rows(heading: str) -> dict[str, list[str]]:
    """The table under the heading: first cell without its quotes -> the other cells."""
    section = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {cells[0].strip("` "): [cell.strip() for cell in cells[1:]] for cells in lines}


def test_every_operator_stands_in_the_table_with_its_kinds_and_its_value() -> None:
    table = rows("Operators")
    assert list(table) == list(OPERATORS)
    for key, operator in OPERATORS.items():
        kinds, shape = table[key][:2]
        assert set(re.findall(r"\w+", kinds)) == {kind.value for kind in operator.kinds}, key
        assert shape == operator.shape.value, key


def test_every_operator_of_acts_stands_in_the_table() -> None:
    assert list(rows("Acts")) == list(ACTS_OPERATORS)


@pytest.mark.django_db
def test_every_field_of_the_leads_stands_in_the_table_with_its_kind() -> None:
    table = rows("Fields")
    own = {one.key: one for one in fields.all() if one.key in table}
    assert own.keys() == table.keys()
    assert {key: one.kind.value for key, one in own.items()} == {
        key: cells[0] for key, cells in table.items()
    }
    from segments.conditions.lead_fields import lead_fields

    assert {one.key for one in lead_fields()} == table.keys()
