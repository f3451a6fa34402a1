"""Of which type a column is that nobody foresaw, found out from all its values while the file is read."""

import re
from dataclasses import dataclass, field
from typing import Any

from leadqual.common.words import folded
from leadqual.leads.models import FieldType
from leadqual.leads.reading import FALSE, TRUE, read_date

MOST_CHOICES = 50
LONGEST_CHOICE = 100
REMEMBERED = 1000  # different values, after which repeated ones are looked at again

# No leading zero, no leading +, at most 15 digits: telephone numbers, postcodes and ids are texts.
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,14})?(?:\.\d{1,15})?")
_YES_NO = TRUE | FALSE


@dataclass(slots=True)
class Column:
    """What the values of one column have in common so far."""

    values: int = 0
    number: bool = True
    date: bool = True
    boolean: bool = True
    choice: bool = True
    choices: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)

    def observe(self, cell: str) -> None:
        if not cell:
            return
        self.values += 1
        if cell in self.known:
            return
        text = cell.strip()
        if not text:
            self.values -= 1
            return
        if len(self.known) < REMEMBERED:
            self.known.add(cell)
        self._compare(text)

    def _compare(self, text: str) -> None:
        self.number = self.number and _NUMBER.fullmatch(text) is not None
        self.date = self.date and not text.isdigit() and read_date(text) is not None
        if self.boolean or self.choice:
            form = folded(text)
            self.boolean = self.boolean and form in _YES_NO
            if self.choice:
                self.choices.setdefault(form, text)
                if len(self.choices) > MOST_CHOICES or len(text) > LONGEST_CHOICE:
                    self.choice = False
                    self.choices.clear()

    def type(self) -> FieldType | None:
        """None for a column without any value. A choice is what repeats: on average each value stands twice."""
        if not self.values:
            return None
        if self.boolean:
            return FieldType.BOOLEAN
        if self.number:
            return FieldType.NUMBER
        if self.date:
            return FieldType.DATE
        if self.choice and self.values >= 2 * len(self.choices):
            return FieldType.CHOICE
        return FieldType.TEXT

    def as_json(self) -> dict[str, Any]:
        return {"type": self.type(), "choices": sorted(self.choices.values())}
