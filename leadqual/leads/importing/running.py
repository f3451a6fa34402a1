"""Takes a file in: reads it into rows, then applies them batch by batch, each batch with its counts in one transaction.

Killed at any point and started again with the same file and options, it goes on and ends as if undisturbed.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.common.locks import Lock, let_others, lock_alone, lock_shared
from leadqual.common.progress import Progress
from leadqual.leads.importing.files import Line, Table
from leadqual.leads.importing.report import write_report
from leadqual.leads.importing.rows import BATCH, Fault, Tally
from leadqual.leads.importing.staging import Staged, stage
from leadqual.leads.models import Import, ImportRow, ImportState, RowState

# What can become of a row: rows are always the sum of these.
ENDS = ("created", "updated", "skipped", "rejected", "recorded", "duplicates")


class Job(Protocol):
    """What is special about one kind of file."""

    kind: str
    whole_groups: bool  # whether all rows about one lead must come in one batch

    def read(self, line: Line) -> Staged | Fault: ...

    def plan(self) -> dict[str, Any]:
        """What only the whole file tells, decided once before anything is applied."""

    def apply(self, batch: Import, rows: list[ImportRow], tally: Tally, *, now: datetime) -> dict[int, Fault]:
        """Applies the rows, counts them, and returns the faults of those to be rejected by row number."""


@dataclass(frozen=True, slots=True)
class Result:
    rows: int
    counts: dict[str, int]
    report: Path | None
    done: bool = True


Begun = Callable[[Import], None]


def run(
    job: Job, table: Table, options: dict[str, Any], *, now: datetime, report: Path | None = None,
    by: Any = None, progress: Progress | None = None, begun: Begun | None = None, seconds: float | None = None,
) -> Result:  # fmt: skip
    """All rows of the file in; what could not be taken in stands in the report, one line per row.

    With `seconds` it stops between two batches when they are over; called again it goes on. `begun` hears of the row.
    """
    started = monotonic()
    folder = Path(settings.VAR_DIR) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / f"{table.digest[:32]}.lock", table.path):
        batch = _begun(job.kind, table, options, now=now, by=by)
        if begun is not None:
            begun(batch)
        if batch.state == ImportState.STAGING:
            _stage(batch, job, table, progress)
        began = monotonic()
        while _apply_next(batch, job, now=now, progress=progress):
            if seconds is not None and monotonic() - started > seconds:
                return Result(batch.rows, batch.counts, None, done=False)
            let_others(monotonic() - began)
            began = monotonic()
        # The report first: a run killed in between writes it again.
        written = write_report(batch, report or folder / f"{batch.public_id}.csv")
        batch.state, batch.ended_at = ImportState.DONE, now
        batch.save(update_fields=["state", "ended_at"])
    return Result(batch.rows, batch.counts, written)


@contextmanager
def _alone(path: Path, file: Path) -> Iterator[None]:
    """One process per file; the lock dies with the process, so a killed import can be started again at once."""
    while True:
        with path.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise LeadqualError(
                    "running", _("is being imported by another process"), str(file)
                ) from error
            if not path.exists() or path.stat().st_ino != os.fstat(lock.fileno()).st_ino:
                continue  # the one before us ended between our open and our lock, and took the file away
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
            return


def _begun(kind: str, table: Table, options: dict[str, Any], *, now: datetime, by: Any) -> Import:
    """The interrupted import of this file with these options, else a new one."""
    for batch in Import.objects.filter(kind=kind, digest=table.digest).exclude(state=ImportState.DONE):
        if batch.options == options:
            return batch
        _abandon(batch, now=now)
    return Import.objects.create(
        kind=kind,
        file_name=table.path.name[:255],
        digest=table.digest,
        options=options,
        started_at=now,
        by=by,
    )


def _abandon(batch: Import, *, now: datetime) -> None:
    """An interrupted import of the same file with other options will not go on: what it had still to do is dropped."""
    if batch.state == ImportState.STAGING:
        batch.delete()
        return
    with transaction.atomic():
        ImportRow.objects.filter(batch=batch, state=RowState.WAITING).delete()
        batch.rows = sum(batch.counts.get(end, 0) for end in ENDS)
        batch.state, batch.ended_at = ImportState.DONE, now
        batch.save(update_fields=["rows", "state", "ended_at"])


def _stage(batch: Import, job: Job, table: Table, progress: Progress | None) -> None:
    try:
        rows = stage(batch, table, job.read, progress)
    except (LeadqualError, OSError, UnicodeDecodeError):
        batch.delete()
        raise
    with transaction.atomic():
        batch.rows = rows
        batch.plan = job.plan()
        batch.counts = {"rejected": batch.staged.filter(state=RowState.REJECTED).count()}
        batch.state = ImportState.APPLYING
        batch.save(update_fields=["rows", "plan", "counts", "state"])


def _apply_next(batch: Import, job: Job, *, now: datetime, progress: Progress | None) -> bool:
    """Applies the next rows; false when none is left."""
    with transaction.atomic():
        # Locks in the order everybody takes them; a second process with the same import waits here.
        lock_alone(Lock.PEOPLE)
        lock_shared(Lock.LEDGER)
        held = Import.objects.select_for_update().get(pk=batch.pk)
        batch.counts, batch.position = held.counts, held.position
        rows = _next_rows(batch, whole_groups=job.whole_groups)
        if not rows:
            return False
        tally = Tally(batch.counts)
        faults = job.apply(batch, rows, tally, now=now)
        tally.add("rejected", len(faults))
        _settle(batch, rows, faults)
        batch.save(update_fields=["counts", "position"])
    if progress is not None:
        progress(_("writing"), sum(batch.counts.get(end, 0) for end in ENDS), batch.rows)
    return True


def _next_rows(batch: Import, *, whole_groups: bool) -> list[ImportRow]:
    waiting = ImportRow.objects.filter(batch=batch, first__gte=batch.position, state=RowState.WAITING)
    rows = list(waiting.order_by("first", "number")[:BATCH])
    if whole_groups and len(rows) == BATCH:
        last = rows[-1]
        rows += waiting.filter(first=last.first, number__gt=last.number).order_by("number")
    return rows


def _settle(batch: Import, rows: list[ImportRow], faults: dict[int, Fault]) -> None:
    """Applied rows are deleted: what they say is in the leads now, and nowhere else. Rejected ones stay, emptied."""
    for row in rows:
        if fault := faults.get(row.number):
            ImportRow.objects.filter(pk=row.pk).update(
                state=RowState.REJECTED, cells=[], column=fault.column, code=fault.code, value=fault.value
            )
    first, last = rows[0], rows[-1]
    ImportRow.objects.filter(
        Q(first__lt=last.first) | Q(first=last.first, number__lte=last.number),
        batch=batch,
        first__gte=first.first,
        state=RowState.WAITING,
    ).delete()
    batch.position = last.first
