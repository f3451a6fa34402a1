"""Reads the rows of a file of leads: which lead a row speaks of, and what it says about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leadqual.common.errors import LeadqualError
from leadqual.common.words import folded
from leadqual.leads.cleaning import CUSTOM, clean
from leadqual.leads.importing.rows import Fault
from leadqual.leads.models import CustomField, Outcome

COMPANY = "company."
REMEMBERED = 50_000
# At least one of them says who a person is; if the file has such a column, a row needs a value in one.
WHO = {
    "family_name",
    "given_name",
    "name",
    "family_kana",
    "given_kana",
    "email",
    "external_id",
    "company.name",
}
KEY_FIELDS = {"email": "email", "external_id": "external_id"}


@dataclass(slots=True)
class LeadRow:
    """One row, cleaned; only fields with a value."""

    number: int
    identity: str
    lead: dict[str, Any] = field(default_factory=dict)
    company: dict[str, Any] = field(default_factory=dict)
    outcome: str | None = None

    @property
    def keyed(self) -> bool:
        return not self.identity.startswith("row:")


@dataclass(frozen=True, slots=True)
class OutcomeColumn:
    """The column that tells how it ended: won where it says `won`, lost where anything else, open where nothing."""

    position: int
    won: str

    def read(self, cell: str) -> str | None:
        if not cell.strip():
            return None
        return Outcome.WON if folded(cell) == folded(self.won) else Outcome.LOST


class RowReader:
    """Cleans the cells of rows; what one cell means is remembered, for most values of a file stand in many rows."""

    def __init__(
        self,
        columns: list[str],
        targets: Mapping[int, str],
        outcome: OutcomeColumn | None,
        customs: Mapping[str, CustomField],
        company_customs: Mapping[str, CustomField],
    ) -> None:
        self.columns = columns
        self.targets = targets
        self.outcome = outcome
        self.customs = customs
        self.company_customs = company_customs
        self.who = [position for position, target in targets.items() if target in WHO]
        self._remembered: dict[tuple[int, str], Any] = {}

    def read(self, number: int, identity: str, cells: list[str]) -> LeadRow | Fault:
        row = LeadRow(number, identity)
        for position, target in self.targets.items():
            cell = cells[position]
            if not cell:
                continue
            value = self._value(position, target, cell)
            if isinstance(value, Fault):
                return value
            if value in ("", None, []):
                continue
            if target == "name":
                row.lead |= value
            elif target.startswith(COMPANY):
                row.company[target.removeprefix(COMPANY)] = value
            else:
                row.lead[target] = value
        if self.who and not any(cells[position].strip() for position in self.who):
            return Fault(self.columns[self.who[0]], "nobody", "")
        if self.outcome is not None:
            row.outcome = self.outcome.read(cells[self.outcome.position])
        return row

    def _value(self, position: int, target: str, cell: str) -> Any:
        key = (position, cell)
        if key not in self._remembered:
            if len(self._remembered) > REMEMBERED:
                self._remembered.clear()
            try:
                self._remembered[key] = self._clean(target, cell)
            except LeadqualError as error:
                self._remembered[key] = Fault.of(error, self.columns[position], cell)
        return self._remembered[key]

    def _clean(self, target: str, cell: str) -> Any:
        if target == "name":
            return split_name(cell)
        if target.startswith(COMPANY):
            return clean(target.removeprefix(COMPANY), cell, self.company_customs)
        return clean(target, cell, self.customs)


def split_name(text: str) -> dict[str, str]:
    """山田 太郎 is family name first, "Taro Yamada" family name last, "Yamada, Taro" says it itself."""
    text = clean("name", text)
    family, comma, given = text.partition(",")
    if not comma:
        parts = text.split()
        if text.isascii() and len(parts) > 1:
            family, given = parts[-1], " ".join(parts[:-1])
        else:
            family, given = parts[0] if parts else "", " ".join(parts[1:])
    return {
        "family_name": clean("family_name", family),
        "given_name": clean("given_name", given),
    }


def custom_key(target: str) -> tuple[str, str] | None:
    """(lead or company, key) of a custom field, None for any other."""
    if target.startswith(COMPANY + CUSTOM):
        return "company", target.removeprefix(COMPANY + CUSTOM)
    return ("lead", target.removeprefix(CUSTOM)) if target.startswith(CUSTOM) else None
