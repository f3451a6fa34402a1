"""What became of the rows of a file: numbers that add up, and the rejected rows in words."""

import io
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from leadqual.common.exports import CsvWriter
from leadqual.leads.importing.report import HEADER
from leadqual.leads.importing.running import ENDS
from leadqual.leads.models import Import, ImportKind, ImportRow, RowState

SHOWN = 100


def counts_of(batch: Import) -> list[tuple[str, str, int]]:
    """(key, words, number) of every end that a row of this kind of file can come to."""
    words = {
        "created": _("created"), "updated": _("updated"), "skipped": _("skipped, nothing new"),
        "rejected": _("rejected"), "recorded": _("recorded"), "duplicates": _("known already"),
    }  # fmt: skip
    of_leads = ("created", "updated", "skipped", "rejected")
    ends = of_leads if batch.kind == ImportKind.LEADS else ("recorded", "duplicates", "rejected")
    return [(end, words[end], batch.counts.get(end, 0)) for end in ENDS if end in ends]


def _rejected(batch: Import) -> QuerySet[ImportRow]:
    return batch.staged.filter(state=RowState.REJECTED).order_by("number")


def rejected_of(batch: Import) -> list[tuple[ImportRow, str]]:
    return [(row, fault_in_words(row.code)) for row in _rejected(batch)[:SHOWN]]


def rejected_csv(batch: Import) -> Iterator[str]:
    yield "\ufeff" + _line(HEADER)
    for row in _rejected(batch).values_list("number", "column", "code", "value").iterator():
        yield _line(row)


def _line(cells: Any) -> str:
    out = io.StringIO(newline="")
    CsvWriter(out, cells)
    return out.getvalue()


def fault_in_words(code: str) -> str:
    words = {
        "bad_email": _("is not an e-mail address"),
        "bad_phone": _("is not a telephone number"),
        "bad_date": _("is not a date"),
        "not_a_number": _("is not a number"),
        "not_yes_or_no": _("is neither yes nor no"),
        "not_a_choice": _("is not one of the choices"),
        "out_of_range": _("is out of range"),
        "bad_corporate_number": _("is not a corporate number of 13 digits"),
        "bad_character": _("contains a character that cannot be stored"),
        "too_long": _("is too long"),
        "nobody": _("the row names nobody"),
        "taken": _("another lead has this external id"),
        "empty_row": _("the row is empty"),
        "too_many_cells": _("the row has more cells than the header"),
        "too_few_cells": _("the row has fewer cells than the header"),
        "unreadable": _("the row cannot be read"),
        "unknown_lead": _("no lead is known by this"),
        "unknown_type": _("there is no such activity type"),
        "no_type": _("the type of the act is missing"),
    }
    return words.get(code, code)
