"""From what the API was sent to the one writer of leads."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.common.locks import Lock, lock_alone
from leadqual.leads.cleaning import clean
from leadqual.leads.companies import ensure_companies
from leadqual.leads.editing import create_leads, edit_lead
from leadqual.leads.models import Lead


def create(values: Mapping[str, Any], *, now: datetime, by: Any) -> Lead:
    if not any(values.get(key) for key in ("email", "external_id", "family_name", "given_name")):
        raise LeadqualError("no_key", _("a lead needs a name, an address or an external id"), "email")
    with transaction.atomic():
        _refuse_known(values)
        return create_leads([_row(values, now, by)], now=now, by=by)[0]


def edit(lead: Lead, values: Mapping[str, Any], *, now: datetime, by: Any) -> None:
    with transaction.atomic():
        if "version" in values:
            current = Lead.objects.select_for_update().get(pk=lead.pk).version
            if values["version"] != current:
                message = _("somebody else has changed this lead; its version is %d now") % current
                raise LeadqualError("wrong_state", message, "version")
        edit_lead(lead, _row(values, now, by), now=now, by=by)


def _row(values: Mapping[str, Any], now: datetime, by: Any) -> dict[str, Any]:
    row = {field: value for field, value in values.items() if field not in ("company", "custom", "version")}
    row |= {f"custom.{key}": value for key, value in values.get("custom", {}).items()}
    if "company" in values:
        name = values["company"].strip()
        made = ensure_companies([{"name": name}], now=now, by=by)
        row["company"] = next(iter(made.values()), None)
    return row


def _refuse_known(values: Mapping[str, Any]) -> None:
    """An address may be shared by colleagues in an import; by the API it names one person.

    Looked up in the form in which addresses are stored, under the lock under which people are made.
    """
    lock_alone(Lock.PEOPLE)
    for field in ("email", "external_id"):
        if value := clean(field, values.get(field, "")):
            known = Lead.objects.filter(**{field: value}).order_by("pk").first()
            if known is not None:
                message = _("this person is known already: %s") % known.public_id
                raise LeadqualError("known", message, field)
