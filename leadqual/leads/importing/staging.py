"""Reads a file into `ImportRow`, so that applying it can stop and go on at any row.

Every row learns here which lead it speaks of (`identity`) and the first row that speaks of the same (`first`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from leadqual.common.batches import batches
from leadqual.common.progress import Progress
from leadqual.common.rows import insert_new
from leadqual.leads.importing.files import Line, Table
from leadqual.leads.importing.rows import Fault, storable
from leadqual.leads.models import Import, ImportRow, RowState

SIZE = 2000


class Staged(NamedTuple):
    """What is known of a row before it is applied."""

    identity: str
    cells: list[str]
    moment: datetime | None = None


Reader = Callable[[Line], Staged | Fault]


def stage(batch: Import, table: Table, read: Reader, progress: Progress | None) -> int:
    """Stages every row in transactions of 2,000; rows staged by a run that was interrupted are read anew."""
    with transaction.atomic():
        ImportRow.objects.filter(batch=batch).delete()
    firsts: dict[str, int] = {}
    count = 0
    for lines in batches(table.lines(progress), SIZE):
        with transaction.atomic():
            insert_new([_row(batch, line, read, firsts) for line in lines])
        count += len(lines)
    return count


def _row(batch: Import, line: Line, read: Reader, firsts: dict[str, int]) -> ImportRow:
    found = Fault("", line.fault, storable(",".join(line.cells))[:200]) if line.fault else read(line)
    if isinstance(found, Fault):
        return ImportRow(
            batch=batch, number=line.number, first=line.number, cells=[], state=RowState.REJECTED,
            column=found.column, code=found.code, value=found.value,
        )  # fmt: skip
    first = firsts.setdefault(found.identity, line.number)
    return ImportRow(
        batch=batch,
        number=line.number,
        first=first,
        cells=found.cells,
        identity=found.identity,
        moment=found.moment,
    )
