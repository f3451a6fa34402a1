"""What is still on its way in about a person who is erased: rows of files not applied yet or rejected, their reports,
events that wait or were set aside."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from leadqual.common.words import folded
from leadqual.leads.importing.report import write_report
from leadqual.leads.models import Import, ImportRow, ImportState, Inbox, Lead, RowState, VisitorTie

ERASED = "erased"
SURELY = 9  # last digits of a phone number that make it this one, however it is written


@dataclass(frozen=True, slots=True)
class Traces:
    """By what a person can be found in what came from outside."""

    email: str
    external_id: str
    phone: str
    names: tuple[str, str]
    visitors: frozenset[UUID]

    @classmethod
    def of(cls, lead: int) -> "Traces | None":
        known = Lead.objects.filter(pk=lead).values_list(
            "email", "external_id", "phone", "family_name", "given_name"
        )
        if (found := known.first()) is None:
            return None
        email, external_id, phone, family, given = found
        visitors = VisitorTie.objects.filter(lead=lead).values_list("visitor", flat=True)
        names = (folded(family), folded(given))
        return cls(folded(email), external_id, re.sub(r"\D", "", phone)[-SURELY:], names, frozenset(visitors))

    def among(self, rows: QuerySet[Any], *columns: str) -> QuerySet[Any]:
        """The rows that may speak of the person; each still has to be looked at."""
        words = {
            self.email,
            self.external_id,
            *map(str, self.visitors),
            *(each.hex for each in self.visitors),
        }
        found = Q()
        for word in words - {""}:
            found |= Q(said__icontains=word)
        empty = Value("", output_field=TextField())
        said = Concat(empty, empty, *(Cast(column, TextField()) for column in columns))
        return rows.annotate(said=said).filter(found) if found else rows.none()

    def named_in(self, text: str) -> bool:
        """Whether the address stands there, and not as a part of another."""
        return bool(self.email) and bool(
            re.search(rf"(?<![\w.+%-]){re.escape(self.email)}(?!\.?[\w-])", folded(text))
        )

    def told_in(self, value: str) -> bool:
        """Whether somebody may recognise the person in it: to be blanked, so rather too often than too rarely."""
        told = folded(value)
        digits = re.sub(r"\D", "", told)
        return (
            self.named_in(told)
            or bool(self.external_id and self.external_id in re.split(r"[\s,;]+", value))
            or (len(self.phone) == SURELY and self.phone in digits)
            or (all(self.names) and all(name in told for name in self.names))
        )

    def in_cells(self, cells: Iterable[str]) -> bool:
        return any(
            self.named_in(cell) or (self.external_id and cell.strip() == self.external_id) for cell in cells
        )

    def in_event(self, payload: Any) -> bool:
        for key, value in _values(payload, ""):
            if key == "external_id" and self.external_id and str(value) == self.external_id:
                return True
            if isinstance(value, str) and (self.named_in(value) or _visitor(value) in self.visitors):
                return True
        return False


def erase_rows(lead: int, now: datetime) -> int:
    """Rows that wait are rejected without their cells; rejected ones, and the reports about them, lose the value."""
    traces = Traces.of(lead)
    if traces is None:
        return 0
    emptied = _reject_waiting(traces) + _blank_rejected(traces)
    for batch in Import.objects.filter(pk__in={batch for batch, _row in emptied}).order_by("pk"):
        report = Path(settings.VAR_DIR) / "imports" / f"{batch.public_id}.csv"
        if report.exists():
            write_report(batch, report)
    return len(emptied)


def _reject_waiting(traces: Traces) -> list[tuple[int, int]]:
    waiting = traces.among(ImportRow.objects.filter(state=RowState.WAITING), "cells", "identity")
    batches = sorted(set(waiting.order_by().values_list("batch", flat=True)))
    held = {
        batch.pk: batch for batch in Import.objects.select_for_update().filter(pk__in=batches).order_by("pk")
    }
    found = [
        (batch, pk)
        for pk, batch, cells in waiting.values_list("pk", "batch", "cells")
        if traces.in_cells(cells)
    ]
    rows = ImportRow.objects.filter(pk__in=[pk for _batch, pk in found])
    rows.update(state=RowState.REJECTED, code=ERASED, cells=[], identity="", value="")
    for pk, batch in held.items():
        if (
            batch.state == ImportState.APPLYING
        ):  # while it is being read, its rejected rows are counted at the end
            number = sum(1 for of, _row in found if of == pk)
            batch.counts["rejected"] = batch.counts.get("rejected", 0) + number
            batch.save(update_fields=["counts"])
    return found


def _blank_rejected(traces: Traces) -> list[tuple[int, int]]:
    rejected = ImportRow.objects.filter(state=RowState.REJECTED).exclude(value="", identity="")
    found = [
        (batch, pk)
        for pk, batch, value, identity in rejected.values_list("pk", "batch", "value", "identity").iterator()
        if traces.told_in(value) or traces.in_cells([identity.partition(":")[2]])
    ]
    ImportRow.objects.filter(pk__in=[pk for _batch, pk in found]).update(value="", identity="")
    return found


def erase_events(lead: int, now: datetime) -> int:
    """Also those that still wait: recorded after the erasure they would make the person anew."""
    traces = Traces.of(lead)
    if traces is None:
        return 0
    rows = traces.among(Inbox.objects.all(), "payload").values_list("pk", "payload")
    found = [pk for pk, payload in rows if traces.in_event(payload)]
    Inbox.objects.filter(pk__in=found).delete()
    return len(found)


def _values(node: Any, key: str) -> Iterator[tuple[str, Any]]:
    """Everything that stands in a piece of JSON, with the key it stands under."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            yield from _values(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from _values(value, key)
    else:
        yield key, node


def _visitor(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
