"""A file of acts: who did what when. Acts without an id get one from their row, so that a second import skips them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Min
from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.leads.arrivals import EARLIEST, stored_event_id
from leadqual.leads.cleaning import clean
from leadqual.leads.identifying import Named, find_or_create
from leadqual.leads.importing.columns import (
    ACTIVITY_FIELDS,
    ACTIVITY_HEADINGS,
    ATTRIBUTES,
    key_of,
    map_columns,
    rest_of,
)
from leadqual.leads.importing.files import Line, Table
from leadqual.leads.importing.rows import Fault, Ordinals, Tally, canonical_columns
from leadqual.leads.importing.staging import Staged
from leadqual.leads.models import ActivityType, Import, ImportKind, ImportRow, RowState
from leadqual.leads.reading import read_moment
from leadqual.leads.recording import Event, record
from leadqual.leads.signatures import type_key

WHO = ("lead.external_id", "lead.email")


@dataclass(frozen=True, slots=True)
class ActivityOptions:
    """How a person wants a file of acts to be read; `type` is what every row is, where no column says it."""

    maps: list[str] = field(default_factory=list)
    rest: str = ""
    type: str = ""
    create_leads: bool = False
    create_types: bool = True

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class ActivityJob:
    kind: str = ImportKind.ACTIVITIES
    whole_groups: bool = False

    def __init__(self, table: Table, options: ActivityOptions) -> None:
        self.table = table
        self.options = options
        self.zone = clock.zone()
        mapping = map_columns(
            table.columns,
            options.maps,
            fields=ACTIVITY_FIELDS,
            prefixes=ATTRIBUTES,
            headings=ACTIVITY_HEADINGS,
        )
        self.at = {target: position for position, target in mapping.items()}
        self.attributes = _attributes(table, options, mapping)
        _require(self.at, options, str(table.path))
        self.who = [self.at[target] for target in WHO if target in self.at]
        self.types = set(ActivityType.objects.values_list("key", flat=True))
        self.ordinals = Ordinals()
        self.names = canonical_columns(table.columns)

    def read(self, line: Line) -> Staged | Fault:
        """Everything is checked here, so that applying has only to find the lead. The act's id is the last cell."""
        try:
            names = [self._key(line, target) for target in WHO]
            if not any(names):
                return Fault(self.table.columns[self.who[0]], "nobody", "")
            moment = self._moment(line)
            self._check_type(line)
        except _Rejected as rejected:
            return rejected.fault
        identity = next(f"{target}:{name}" for target, name in zip(WHO, names, strict=True) if name)
        return Staged(identity, [*line.cells, self._event_id(line)], moment)

    def plan(self) -> dict[str, Any]:
        return {}

    def apply(self, batch: Import, rows: list[ImportRow], tally: Tally, *, now: datetime) -> dict[int, Fault]:
        leads, created = self._leads(batch, rows, now=now)
        faults = {
            row.number: Fault(
                self.table.columns[self.who[0]], "unknown_lead", row.identity.partition(":")[2][:200]
            )
            for row in rows
            if leads[row.identity] is None
        }
        events = [self._event(row, leads[row.identity]) for row in rows if row.number not in faults]
        recorded = record(events, now=now, create_types=self.options.create_types)
        tally.add("recorded", recorded.recorded)
        tally.add("duplicates", recorded.duplicates)
        tally.add("leads_created", created)
        return faults

    def _leads(
        self, batch: Import, rows: list[ImportRow], *, now: datetime
    ) -> tuple[dict[str, int | None], int]:
        """The lead of each identity, and how many are new. A new lead exists since its first act in the whole file."""
        names: dict[str, Named] = {}
        for row in rows:
            if row.identity not in names:
                keys = {target: self._cell(row.cells, target).strip() for target in WHO}
                names[row.identity] = Named(
                    clean("external_id", keys["lead.external_id"]), clean("email", keys["lead.email"])
                )
        order = list(names)
        found = find_or_create([names[identity] for identity in order], now=now, create=False)
        missing = [identity for identity, lead in zip(order, found, strict=True) if lead is None]
        leads = dict(zip(order, found, strict=True))
        if not missing or not self.options.create_leads:
            return leads, 0
        since = self._first_acts(batch, {row.first for row in rows if leads[row.identity] is None})
        new = [
            Named(names[key].external_id, names[key].email, {"created_at": min(since.get(key, now), now)})
            for key in missing
        ]
        made = find_or_create(new, now=now)
        leads |= dict(zip(missing, made, strict=True))
        return leads, len(set(made))

    def _first_acts(self, batch: Import, firsts: set[int]) -> dict[str, datetime]:
        waiting = ImportRow.objects.filter(batch=batch, first__in=firsts, state=RowState.WAITING)
        return dict(
            waiting.values_list("identity").annotate(Min("moment")).values_list("identity", "moment__min")
        )

    def _event(self, row: ImportRow, lead: int | None) -> Event:
        assert row.moment is not None
        attributes = {name: text for name, at in self.attributes.items() if (text := row.cells[at].strip())}
        return Event(
            type=self._cell(row.cells, "type").strip() or self.options.type,
            occurred_at=row.moment,
            lead_id=lead,
            path=self._cell(row.cells, "path").strip(),
            attributes=attributes or None,
            event_id=row.cells[-1],
        )

    def _cell(self, cells: list[str], target: str) -> str:
        position = self.at.get(target)
        return "" if position is None else cells[position]

    def _key(self, line: Line, target: str) -> str:
        cell = self._cell(line.cells, target)
        try:
            return str(clean(target.removeprefix("lead."), cell))
        except LeadqualError as error:
            raise _Rejected(Fault.of(error, self.table.columns[self.at[target]], cell)) from error

    def _moment(self, line: Line) -> datetime:
        cell = self._cell(line.cells, "occurred_at")
        moment = read_moment(cell, self.zone)
        if moment is None or moment < EARLIEST:
            raise _Rejected(Fault(self.table.columns[self.at["occurred_at"]], "bad_date", cell[:200]))
        return moment

    def _check_type(self, line: Line) -> None:
        text = self._cell(line.cells, "type").strip() or self.options.type
        key = text if text in self.types else type_key(text)
        if not key or (not self.options.create_types and key not in self.types):
            column = self.table.columns[self.at["type"]] if "type" in self.at else ""
            raise _Rejected(Fault(column, "unknown_type" if text else "no_type", text[:200]))

    def _event_id(self, line: Line) -> str:
        given = self._cell(line.cells, "event_id").strip()
        if not given:
            return self.ordinals.identity(self.names, line.cells)
        return stored_event_id(given)


class _Rejected(Exception):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault


def _attributes(table: Table, options: ActivityOptions, mapping: Mapping[int, str]) -> dict[str, int]:
    """{name of the attribute: position of its column}."""
    found = {
        target.removeprefix("attributes."): position
        for position, target in mapping.items()
        if target.startswith("attributes.")
    }
    if options.rest == "attributes":
        for position in rest_of(table.columns, mapping, options.maps, []):
            found[key_of(table.columns[position], set(found))] = position
    return found


def _require(at: Mapping[str, int], options: ActivityOptions, place: str) -> None:
    if not any(target in at for target in WHO):
        raise LeadqualError(
            "no_lead_column", _("no column is mapped to lead.external_id or lead.email"), place
        )
    if "occurred_at" not in at:
        raise LeadqualError("no_time_column", _("no column is mapped to occurred_at"), place)
    if "type" not in at and not options.type:
        raise LeadqualError(
            "no_type_column", _("no column is mapped to type, and --type is not given"), place
        )
