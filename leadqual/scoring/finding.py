"""The lead that somebody at a shell means."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.leads.models import Lead

MOST = 2**63 - 1


def find_lead(text: str) -> Lead:
    """By id, public id, external id or e-mail address, in this order."""
    for meant in _meanings(text.strip()):
        found = list(meant.order_by("pk")[:2])
        if len(found) > 1:
            raise LeadqualError(
                "several_leads", _("several leads are “%s”: give the id of one") % text, "LEAD"
            )
        if found:
            return found[0]
    raise LeadqualError("unknown_lead", _("there is no lead “%s”") % text, "LEAD")


def _meanings(text: str) -> list[Any]:
    leads = Lead.objects.select_related("company")
    meant: list[Any] = []
    if text.isascii() and text.isdigit() and int(text) <= MOST:
        meant.append(leads.filter(pk=int(text)))
    try:
        meant.append(leads.filter(public_id=UUID(text)))
    except ValueError:
        pass
    if text:
        meant.append(leads.filter(external_id=text))
        meant.append(leads.filter(Q(email=text) | Q(email=text.lower())))
    return meant
