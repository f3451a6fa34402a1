"""A stored mail as the mail server gets it."""

from collections.abc import Iterable, Sequence
from io import StringIO

from django.core.mail import EmailMessage as Letter

from leadqual.common.exports import CsvWriter
from leadqual.messaging.models import EmailMessage

GAP = "\n\n"


def letter(message: EmailMessage) -> Letter:
    """Two queries at most; its parts are read now, so a person erased since is not in it."""
    parts = list(message.parts.order_by("position"))
    lines = [part.text for part in parts if part.text]
    body = GAP.join(text for text in (message.text, *lines, message.closing) if text)
    made = Letter(
        subject=message.subject,
        body=body,
        to=[message.to_address],
        headers={"Message-ID": message.message_id},
    )
    rows = [part.cells for part in parts if part.cells]
    if message.table_name and rows:
        made.attach(message.table_name, _table(message.table_header, rows), "text/csv")
    return made


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    file = StringIO(newline="")
    writer = CsvWriter(file, header)
    for row in rows:
        writer.row(row)
    return file.getvalue().encode(CsvWriter.ENCODING)
