"""Answers about budget, authority, need and timing: rows only, the newest that still holds counts."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.common.locks import Lock, lock_shared
from leadqual.leads.cleaning import clean_text
from leadqual.leads.models import BantAnswer, BantLetter, BantValue, Lead
from leadqual.leads.signals import leads_changed


def answer(
    lead: Lead,
    letter: str,
    value: str,
    *,
    now: datetime,
    by: Any = None,
    note: str = "",
    said_by: str = "",
    until_day: int | None = None,
) -> BantAnswer:
    """Adds what somebody said today; it holds through `until_day`, or for good."""
    if letter not in BantLetter.values:
        raise LeadqualError("not_a_choice", _("is not one of the choices"), "letter")
    if value not in BantValue.values:
        raise LeadqualError("not_a_choice", _("is not one of the choices"), "value")
    day = clock.day_of(now)
    if until_day is not None and until_day < day:
        raise LeadqualError("out_of_range", _("lies in the past"), "until_day")
    lock_shared(Lock.LEDGER)
    row = BantAnswer.objects.create(
        lead=lead, letter=letter, value=value, day=day, until_day=until_day, at=now, by=by,
        note=clean_text("note", note, 500), said_by=clean_text("said_by", said_by, 200),
    )  # fmt: skip
    leads_changed.send(Lead, leads={lead.pk}, fields={f"bant.{letter}"}, now=now)
    return row
