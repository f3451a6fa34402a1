"""A file that somebody imports in the browser: kept, looked at, mapped, and run by the code that the commands run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.text import get_valid_filename

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.desk.models import Upload, WorkState
from leadqual.desk.working import Renewing
from leadqual.leads.importing.activity_job import ActivityJob, ActivityOptions
from leadqual.leads.importing.columns import (
    ACTIVITY_FIELDS,
    ACTIVITY_HEADINGS,
    ATTRIBUTES,
    CUSTOMS,
    IGNORED,
    LEAD_FIELDS,
    LEAD_HEADINGS,
    map_columns,
)
from leadqual.leads.importing.files import Table, open_table
from leadqual.leads.importing.lead_job import LeadJob, LeadOptions
from leadqual.leads.importing.running import Job, run
from leadqual.leads.models import Import, ImportKind

SECONDS = 10.0
KEPT = timedelta(days=7)
PREVIEWED = 10


@dataclass(frozen=True)
class Preview:
    """What the file looks like: its first rows, and which field each column was taken for."""

    table: Table
    rows: list[list[str]]
    guessed: list[str]

    @property
    def encoding(self) -> str:
        """As people call it."""
        names = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "cp932": "Shift_JIS"}
        return names.get(self.table.encoding, self.table.encoding.upper())


def keep(file: UploadedFile, kind: str, *, by: Any, language: str = "") -> Upload:
    """Stores the file and looks at it once; LeadqualError, and nothing kept, where it cannot be a table."""
    row = Upload(
        by=by, kind=kind, state=WorkState.PREPARED, language=language,
        file_name=(get_valid_filename(file.name or "") if (file.name or "").strip(". ") else "file.csv")[-200:],
    )  # fmt: skip
    path = path_of(row)
    path.parent.mkdir(parents=True)
    try:
        with path.open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
        table = open_table(path, most_bytes=settings.IMPORT_MOST_BYTES)
    except LeadqualError as error:
        forget(row)
        raise LeadqualError(error.code, error.message, "file") from error
    row.encoding, row.separator = table.encoding, table.separator
    row.save()
    return row


def path_of(row: Upload) -> Path:
    """In a folder of its own, under its own name: the import is known by it."""
    return Path(settings.VAR_DIR) / "uploads" / str(row.public_id) / row.file_name


def forget(row: Upload) -> None:
    path = path_of(row)
    path.unlink(missing_ok=True)
    if path.parent.exists():
        path.parent.rmdir()


def clean_up(*, now: datetime) -> int:
    """Files that nobody imported within a week, or whose import failed, are thrown away: people are in them."""
    return _throw_away(list(_lying().filter(made_at__lte=now - KEPT)[:100]))


def throw_away() -> int:
    """All that lie here unused, whoever is in them."""
    return _throw_away(list(_lying()))


def _lying() -> QuerySet[Upload]:
    """What no worker reads, nor will."""
    return Upload.objects.filter(state__in=[WorkState.PREPARED, WorkState.FAILED])


def _throw_away(rows: list[Upload]) -> int:
    for row in rows:
        forget(row)
        row.delete()
    return len(rows)


def opened(row: Upload) -> Table:
    return open_table(
        path_of(row), encoding=row.encoding, separator=row.separator, most_bytes=settings.IMPORT_MOST_BYTES
    )


def preview(row: Upload) -> Preview:
    table = opened(row)
    lines = [line.cells for line in islice(table.lines(), PREVIEWED)]
    guessed = _map(row.kind, table, [])
    return Preview(table, lines, [guessed.get(position, "") for position in range(len(table.columns))])


def _map(kind: str, table: Table, maps: Sequence[str]) -> dict[int, str]:
    if kind == ImportKind.ACTIVITIES:
        return map_columns(
            table.columns, maps, fields=ACTIVITY_FIELDS, prefixes=ATTRIBUTES, headings=ACTIVITY_HEADINGS
        )
    return map_columns(table.columns, maps, fields=LEAD_FIELDS, prefixes=CUSTOMS, headings=LEAD_HEADINGS)


def maps_of(seen: Preview, targets: Sequence[str], *, rest: bool, taken: str = "") -> list[str]:
    """As `--map` says it. A column left free is ignored; where the rest is kept, only if its heading is known."""
    found = []
    for column, target, guess in zip(seen.table.columns, targets, seen.guessed, strict=True):
        if target or (column != taken and (guess or not rest)):
            found.append(f"{column}={target or IGNORED}")
    return found


def job_of(row: Upload, table: Table, options: Mapping[str, Any]) -> Job:
    """LeadqualError where the mapping or an option cannot be."""
    if row.kind == ImportKind.ACTIVITIES:
        return ActivityJob(table, ActivityOptions(**options))
    return LeadJob(table, LeadOptions(**options))


def import_slice(row: Upload, now: datetime) -> bool:
    """Goes on with the import for some seconds; true when it is done, and then the file is not needed any more."""

    def begun(batch: Import) -> None:
        row.batch = batch
        row.save(update_fields=["batch"])

    table = opened(row)
    job = job_of(row, table, row.options)
    chosen = {**row.options, "encoding": table.encoding, "separator": table.separator}
    result = run(
        job, table, chosen, now=clock.now(), by=row.by, progress=Renewing(row), begun=begun, seconds=SECONDS
    )
    if result.done:
        forget(row)
    return result.done
