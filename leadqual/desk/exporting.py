"""Writes the leads of a list into a file: at once when they are few, else piece by piece by a worker."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.common.exports import CsvWriter, XlsxWriter
from leadqual.desk.arranging import arranged
from leadqual.desk.columns import Column, chosen
from leadqual.desk.listing import LeadList, with_columns
from leadqual.desk.lookups import LiveModel
from leadqual.desk.models import Export, WorkState
from leadqual.desk.working import Renewing
from leadqual.leads.models import Lead
from leadqual.scoring.showing import band_words

AT_ONCE = 5_000
MOST_IN_A_WORKBOOK = 50_000
BATCH = 1_000
SECONDS = 15.0
KEPT = timedelta(hours=24)
FORMATS = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def prepare(user: Any, format: str, *, ids: Sequence[str] = (), query: str = "", total: int) -> Export:
    """A row, not saved, that says which leads and columns; what its owner may see is asked when it is written."""
    if format not in FORMATS:
        raise LeadqualError("not_a_choice", _("is not one of the choices"), "format")
    if format == "xlsx" and total > MOST_IN_A_WORKBOOK:
        raise LeadqualError(
            "too_many", _("a workbook holds %d leads at most; choose CSV") % MOST_IN_A_WORKBOOK, "format"
        )
    how = arranged(user, QueryDict(query))
    choice: dict[str, Any] = {"ids": list(ids)} if ids else {"filters": how.params}
    return Export(
        by=user,
        format=format,
        choice=choice,
        columns=list(how.columns),
        language=get_language() or "",
        total=total,
    )


def path_of(export: Export) -> Path:
    return Path(settings.VAR_DIR) / "exports" / f"{export.public_id}.{export.format}"


def write_at_once(export: Export) -> Path:
    """All of it, in one go."""
    sheet = Sheet.of(export)
    path = path_of(export)
    path.parent.mkdir(parents=True, exist_ok=True)
    if export.format == "xlsx":
        book = XlsxWriter(path, sheet.header)
        for row in sheet.rows():
            book.row(row)
        book.close()
    else:
        with path.open("w", newline="", encoding=CsvWriter.ENCODING) as file:
            writer = CsvWriter(file, sheet.header)
            for row in sheet.rows():
                writer.row(row)
    return path


def write_slice(export: Export, now: datetime) -> bool:
    """Some more leads; true when the file is complete. What a killed run wrote beyond `size` is cut off."""
    Export.objects.filter(pk=export.pk).update(expires_at=now + KEPT)
    if export.format == "xlsx":
        path = write_at_once(export)
        _note(export, path)
        return True
    sheet, path = Sheet.of(export), path_of(export)
    path.parent.mkdir(parents=True, exist_ok=True)
    renew, began, fresh = Renewing(export), monotonic(), export.size == 0
    if not fresh:
        os.truncate(path, export.size)
    with path.open(
        "w" if fresh else "a", newline="", encoding=CsvWriter.ENCODING if fresh else "utf-8"
    ) as file:
        writer = CsvWriter(file, sheet.header if fresh else None)
        for cells in sheet.rows():
            writer.row(cells)
            if export.done % BATCH == 0:
                renew("", export.done, export.total)
                if monotonic() - began > SECONDS:
                    file.flush()
                    _note(export, path)
                    return False
    _note(export, path)
    return True


def _note(export: Export, path: Path) -> None:
    export.size = path.stat().st_size
    export.save(update_fields=["size", "done", "position"])


def clean_up(*, now: datetime) -> int:
    """Takes away files whose time is over, and their rows with them."""
    old = list(Export.objects.filter(expires_at__lte=now).exclude(state=WorkState.RUNNING)[:100])
    for export in old:
        path_of(export).unlink(missing_ok=True)
    Export.objects.filter(pk__in=[export.pk for export in old]).delete()
    return len(old)


def throw_away(*, now: datetime) -> int:
    """All files, whoever is in them; one that is being written goes as soon as its worker lets go of it."""
    Export.objects.exclude(expires_at=None).update(expires_at=now)
    gone = 0
    while some := clean_up(now=now):
        gone += some
    return gone


@dataclass
class Sheet:
    """What is written: of these leads, by id, those after the last one written; `position` and `done` go along."""

    export: Export
    columns: list[Column]
    leads: QuerySet[Lead]
    model: LiveModel | None

    @classmethod
    def of(cls, export: Export) -> "Sheet":
        found = LeadList(export.by, export.choice.get("filters", {}))
        columns = chosen(found.columns, export.columns)
        leads = found.leads
        if ids := export.choice.get("ids"):
            leads = Lead.objects.visible_to(export.by).filter(public_id__in=ids)
        if "score_total" not in leads.query.annotations:
            leads = found.scored(leads)
        return cls(export, columns, with_columns(leads, columns), found.lookups.model)

    @property
    def header(self) -> list[str]:
        return [
            _("Name"),
            _("Score"),
            pgettext("of scores", "Band"),
            *(column.label for column in self.columns),
        ]

    def rows(self) -> Iterator[list[Any]]:
        while some := list(self.leads.filter(pk__gt=self.export.position).order_by("pk")[:BATCH]):
            for lead in some:
                self.export.position, self.export.done = lead.pk, self.export.done + 1
                yield [
                    str(lead),
                    *self._score(lead),
                    *(_plain(column.value(lead)) for column in self.columns),
                ]

    def _score(self, lead: Any) -> list[Any]:
        if self.model is None or lead.score_total is None:
            return [None, ""]
        return [lead.score_total, band_words(self.model.band(lead.score_total))]


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "; ".join(value) if isinstance(value, list) else value
