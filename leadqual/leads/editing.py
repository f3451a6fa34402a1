"""The only writer of a lead's attributes: form, API, import, step action and merge go through here.

Everything runs inside the caller's transaction. Locks are taken in the order PEOPLE, LEDGER, rows of leads.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.batches import batches
from leadqual.common.errors import LeadqualError
from leadqual.common.locks import Lock, lock_alone, lock_shared
from leadqual.common.rows import insert_new, update_rows
from leadqual.common.words import folded
from leadqual.leads.cleaning import CUSTOM, clean, compared_custom, custom_fields, interests_folded
from leadqual.leads.models import CustomField, FieldChange, Lead, Outcome, Status
from leadqual.leads.signals import leads_changed, leads_created

NAME_PARTS = ("family_name", "given_name")
KANA = ("family_kana", "given_kana")
FOLDED = ("department", "title", "source")
PLAIN = ("external_id", "email", "phone", "seniority")
EDITABLE = {*NAME_PARTS, *KANA, *FOLDED, *PLAIN, "interests", "company"}
AFTER_OUTCOME: dict[str, str] = {Outcome.WON: Status.CUSTOMER, Outcome.LOST: Status.LOST}
AT_CREATION = EDITABLE | {"row_identity", "status", "outcome", "outcome_day", "created_at"}


def create_leads(rows: Sequence[Mapping[str, Any]], *, now: datetime, by: Any = None) -> list[Lead]:
    """New leads from `{field: value}`, in the order of the rows; sends `leads_created` once."""
    if not rows:
        return []
    lock_alone(Lock.PEOPLE)
    lock_shared(Lock.LEDGER)
    customs = custom_fields()
    leads = [_new_lead(row, customs, now) for row in rows]
    _refuse_taken_keys(leads)
    Lead.objects.bulk_create(leads)
    leads_created.send(Lead, leads={lead.pk for lead in leads}, now=now)
    return leads


def edit_leads(changes: Mapping[int, Mapping[str, Any]], *, now: datetime, by: Any = None) -> set[int]:
    """Writes `{lead id: {field: value}}` where it differs; returns the ids of the leads that changed.

    Owner, status, outcome and score have their own writers and are refused here.
    """
    if not changes:
        return set()
    if any("external_id" in fields for fields in changes.values()):
        lock_alone(Lock.PEOPLE)
    lock_shared(Lock.LEDGER)
    customs = custom_fields()
    log: list[FieldChange] = []
    edited: list[Lead] = []
    columns: set[str] = set()
    for ids in batches(sorted(changes)):
        for lead in Lead.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"):
            if written := _edit(lead, changes[lead.pk], customs, log):
                edited.append(lead)
                columns |= written
    if not edited:
        return set()
    _refuse_taken_keys([lead for lead in edited if "external_id" in changes[lead.pk]])
    update_rows(edited, sorted(columns | {"version"}))
    write_field_changes(log, now=now, by=by)
    touched = {lead.pk for lead in edited}
    leads_changed.send(Lead, leads=touched, fields={change.field for change in log}, now=now)
    return touched


def edit_lead(lead: Lead, changes: Mapping[str, Any], *, now: datetime, by: Any = None) -> bool:
    """Whether anything changed; `lead` itself shows the new values afterwards."""
    changed = bool(edit_leads({lead.pk: changes}, now=now, by=by))
    if changed:
        lead.refresh_from_db()
    return changed


def write_field_changes(log: Collection[FieldChange], *, now: datetime, by: Any) -> None:
    day = clock.day_of(now)
    for change in log:
        change.day, change.at, change.by = day, now, by
    insert_new(list(log))


def _new_lead(row: Mapping[str, Any], customs: Mapping[str, CustomField], now: datetime) -> Lead:
    lead = Lead(created_at=now)
    _refuse_fields(row, AT_CREATION)
    for field, value in row.items():
        put(lead, field, clean(field, value, customs), customs)
    if lead.outcome:
        lead.outcome_day = clock.day_of(now) if lead.outcome_day is None else lead.outcome_day
    else:
        lead.outcome_day = None
    if not row.get("status"):
        lead.status = AFTER_OUTCOME.get(lead.outcome, Status.NEW)
    lead.created_at = min(lead.created_at or now, now)
    lead.created_day = clock.day_of(lead.created_at)
    lead.name_folded = name_folded(lead)
    return lead


def _edit(
    lead: Lead, changes: Mapping[str, Any], customs: Mapping[str, CustomField], log: list[FieldChange]
) -> set[str]:
    """Puts the changes on the lead in memory, adds to the log; the columns that now differ from the row."""
    _refuse_fields(changes, EDITABLE)
    columns: set[str] = set()
    before_name = lead.name_folded
    for field, value in changes.items():
        cleaned = clean(field, value, customs)
        if shown(lead, field) == (cleaned and cleaned.pk if field == "company" else cleaned):
            continue
        old = compared(lead, field)
        columns |= put(lead, field, cleaned, customs)
        if field not in NAME_PARTS and field not in KANA:
            log.append(FieldChange(lead=lead, field=field, old=old, new=compared(lead, field)))
    if columns & set(NAME_PARTS):
        lead.name_folded = name_folded(lead)
        columns.add("name_folded")
        if before_name != lead.name_folded:
            log.append(FieldChange(lead=lead, field="name", old=before_name, new=lead.name_folded))
    if columns:
        lead.version += 1
    return columns


def put(lead: Lead, field: str, value: Any, customs: Mapping[str, CustomField]) -> set[str]:
    """Sets a cleaned value and its folded form; the names of the columns it touched."""
    if field.startswith(CUSTOM):
        put_custom(lead, customs[field.removeprefix(CUSTOM)], value)
        return {"custom", "custom_folded"}
    setattr(lead, field, value)
    if field == "interests":
        lead.interests_folded = interests_folded(value)
        return {"interests", "interests_folded"}
    if field in FOLDED:
        setattr(lead, f"{field}_folded", folded(value)[:200])
        return {field, f"{field}_folded"}
    return {field}


def put_custom(thing: Any, field: CustomField, value: Any) -> None:
    if value is None:
        thing.custom.pop(field.key, None)
        thing.custom_folded.pop(field.key, None)
    else:
        thing.custom[field.key] = value
        thing.custom_folded[field.key] = compared_custom(value, field)


def shown(lead: Lead, field: str) -> Any:
    if field.startswith(CUSTOM):
        return lead.custom.get(field.removeprefix(CUSTOM))
    return lead.company_id if field == "company" else getattr(lead, field)


def compared(lead: Lead, field: str) -> Any:
    """What a condition compares: also what `FieldChange` keeps."""
    if field.startswith(CUSTOM):
        return lead.custom_folded.get(field.removeprefix(CUSTOM))
    if field == "company":
        return lead.company_id
    if field == "interests":
        return [folded(interest) for interest in lead.interests]
    return getattr(lead, f"{field}_folded" if field in FOLDED else field)


def name_folded(lead: Lead) -> str:
    return folded(f"{lead.family_name} {lead.given_name}")[:200]


def _refuse_fields(row: Mapping[str, Any], allowed: set[str]) -> None:
    for field in row:
        if field not in allowed and not field.startswith(CUSTOM):
            raise LeadqualError("not_editable", _("this field cannot be written here"), field)


def _refuse_taken_keys(leads: Sequence[Lead]) -> None:
    wanted = [lead for lead in leads if lead.external_id]
    seen: set[str] = set()
    for group in batches(wanted):
        taken = dict(
            Lead.objects.filter(external_id__in=[lead.external_id for lead in group]).values_list(
                "external_id", "pk"
            )
        )
        for lead in group:
            key = lead.external_id
            if key in seen or (key in taken and taken[key] != lead.pk):
                raise LeadqualError("taken", _("another lead has the external id “%s”") % key, "external_id")
            seen.add(key)


__all__ = ["clean", "create_leads", "edit_lead", "edit_leads"]
