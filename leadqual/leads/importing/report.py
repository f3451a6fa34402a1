from pathlib import Path

from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.common.exports import CsvWriter
from leadqual.leads.models import Import, RowState

HEADER = ("row", "column", "code", "value")


def write_report(batch: Import, path: Path) -> Path | None:
    """One line per rejected row, written aside and put in place whole; None when no row was rejected."""
    rejected = batch.staged.filter(state=RowState.REJECTED).order_by("number")
    if not rejected.exists():
        return None
    draft = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", newline="", encoding=CsvWriter.ENCODING) as file:
            writer = CsvWriter(file, HEADER)
            for row in rejected.values_list("number", "column", "code", "value").iterator():
                writer.row(row)
        draft.replace(path)
    except OSError as error:
        raise LeadqualError(
            "report_unwritable", _("cannot be written: %s") % error.strerror, str(path)
        ) from error
    return path
