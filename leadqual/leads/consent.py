"""The ledger of consent: who agreed to marketing mail, when and how. Without a yes on record nobody has agreed."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.leads.cleaning import clean_text
from leadqual.leads.models import ConsentBasis, ConsentEvent, Lead


def record_consent(
    lead: Lead, *, given: bool, basis: str, now: datetime, by: Any = None, note: str = ""
) -> ConsentEvent:
    """Adds what somebody said; an earlier answer stays on record."""
    if basis not in ConsentBasis.values:
        raise LeadqualError("not_a_choice", _("is not one of the choices"), "basis")
    return ConsentEvent.objects.create(
        lead=lead,
        given=given,
        basis=basis,
        note=clean_text("note", note, 500),
        day=clock.day_of(now),
        at=now,
        by=by,
    )


def consent_of(lead: Lead) -> ConsentEvent | None:
    """The answer that counts: the newest."""
    return ConsentEvent.objects.filter(lead=lead).order_by("-at", "-pk").first()
