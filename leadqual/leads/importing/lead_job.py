"""A file of leads: its columns, its key, and the custom fields that it needs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.leads.cleaning import CUSTOM, clean, custom_fields
from leadqual.leads.custom_fields import add_choices, define
from leadqual.leads.importing.columns import (
    CUSTOMS,
    LEAD_FIELDS,
    LEAD_HEADINGS,
    find_column,
    key_of,
    map_columns,
    rest_of,
)
from leadqual.leads.importing.files import Line, Table
from leadqual.leads.importing.inference import Column
from leadqual.leads.importing.lead_batches import apply_rows
from leadqual.leads.importing.lead_rows import LeadRow, OutcomeColumn, RowReader, custom_key
from leadqual.leads.importing.rows import Fault, Ordinals, Tally, canonical_columns
from leadqual.leads.importing.staging import Staged
from leadqual.leads.models import CustomField, FieldType, Import, ImportKind, ImportRow, Target

KEYS = ("email", "external_id", "none")


@dataclass(frozen=True, slots=True)
class LeadOptions:
    """How a person wants a file of leads to be read."""

    maps: list[str] = field(default_factory=list)
    rest: str = ""
    key: str = ""
    outcome_column: str = ""
    outcome_won: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class LeadJob:
    kind: str = ImportKind.LEADS
    whole_groups: bool = True

    def __init__(self, table: Table, options: LeadOptions) -> None:
        self.table = table
        self.outcome = _outcome_column(table, options)
        taken = [options.outcome_column] if self.outcome else []
        self.mapping = map_columns(
            table.columns,
            options.maps,
            fields=LEAD_FIELDS,
            prefixes=CUSTOMS,
            headings=LEAD_HEADINGS,
            taken=taken,
        )
        self.rest = (
            rest_of(table.columns, self.mapping, options.maps, taken) if options.rest == "custom" else []
        )
        if not self.mapping and not self.rest:
            raise LeadqualError(
                "nothing_mapped", _("no column is known; use --map or --rest custom"), str(table.path)
            )
        self.key = _key(options.key, self.mapping)
        self.key_position = next((at for at, target in self.mapping.items() if target == self.key), None)
        self.guesses = {
            position: Column() for position in [*self.mapping, *self.rest] if self._unforeseen(position)
        }
        self.ordinals = Ordinals()
        self.names = canonical_columns(table.columns)
        self._reader: RowReader | None = None

    def read(self, line: Line) -> Staged | Fault:
        key = ""
        if self.key_position is not None and (cell := line.cells[self.key_position]):
            try:
                key = clean(self.key, cell)
            except LeadqualError as error:
                return Fault.of(error, self.table.columns[self.key_position], cell)
        for position, guess in self.guesses.items():
            guess.observe(line.cells[position])
        identity = f"{self.key}:{key}" if key else f"row:{self.ordinals.identity(self.names, line.cells)}"
        return Staged(identity, line.cells)

    def plan(self) -> dict[str, Any]:
        """{"targets": {position: field}}, after making the custom fields of the columns that have values."""
        targets = dict(self.mapping)
        known = {Target.LEAD: custom_fields(Target.LEAD), Target.COMPANY: custom_fields(Target.COMPANY)}
        labels = {field.label: key for key, field in known[Target.LEAD].items()}
        used = {pair[1] for target in targets.values() if (pair := custom_key(target)) is not None}
        for position in self.rest:
            heading = self.table.columns[position]
            key = labels.get(heading) or key_of(heading, used)
            used.add(key)
            targets[position] = CUSTOM + key
        for position, guess in self.guesses.items():
            if not self._make_field(position, targets[position], guess, known):
                del targets[position]
        return {"targets": {str(position): target for position, target in targets.items()}}

    def apply(self, batch: Import, rows: list[ImportRow], tally: Tally, *, now: datetime) -> dict[int, Fault]:
        reader = self._reader = self._reader or self._make_reader(batch)
        faults: dict[int, Fault] = {}
        good: list[LeadRow] = []
        for row in rows:
            read = reader.read(row.number, row.identity, row.cells)
            if isinstance(read, Fault):
                faults[row.number] = read
            else:
                good.append(read)
        faults |= apply_rows(good, tally, now=now, column_of=self._column_of)
        return faults

    def _make_reader(self, batch: Import) -> RowReader:
        targets = {int(position): target for position, target in batch.plan["targets"].items()}
        return RowReader(
            self.table.columns,
            targets,
            self.outcome,
            custom_fields(Target.LEAD),
            custom_fields(Target.COMPANY),
        )

    def _column_of(self, target: str) -> str:
        return next((self.table.columns[at] for at, field in self.mapping.items() if field == target), "")

    def _unforeseen(self, position: int) -> bool:
        return position in self.rest or custom_key(self.mapping[position]) is not None

    def _make_field(
        self, position: int, target: str, guess: Column, known: Mapping[Target, Mapping[str, CustomField]]
    ) -> bool:
        """Whether the field exists now. One that was there keeps its type; asked by `--rest`, it learns new choices."""
        pair = custom_key(target)
        assert pair is not None
        owner, key = Target(pair[0]), pair[1]
        type = guess.type()
        if existing := known[owner].get(key):
            if existing.type == FieldType.CHOICE and position in self.rest:
                add_choices(existing, sorted(guess.choices.values()))
            return True
        if type is None:
            return False
        choices = sorted(guess.choices.values()) if type == FieldType.CHOICE else ()
        define(owner, key, label=self.table.columns[position][:200], type=type, choices=choices)
        return True


def _key(asked: str, mapping: Mapping[int, str]) -> str:
    """The key by which rows find their lead: the one asked for, else e-mail, else external id, if there is a column."""
    mapped = set(mapping.values())
    if not asked:
        return next((key for key in ("email", "external_id") if key in mapped), "none")
    if asked not in KEYS:
        raise LeadqualError("bad_key", _("must be email, external_id or none"), "--key")
    if asked != "none" and asked not in mapped:
        raise LeadqualError("key_not_mapped", _("no column is mapped to %s") % asked, "--key")
    return asked


def _outcome_column(table: Table, options: LeadOptions) -> OutcomeColumn | None:
    if bool(options.outcome_column) != bool(options.outcome_won):
        raise LeadqualError("outcome_half", _("go together"), "--outcome-column, --outcome-won")
    if not options.outcome_column:
        return None
    position = find_column(table.columns, options.outcome_column, "--outcome-column")
    return OutcomeColumn(position, options.outcome_won)
