"""The only writer of a company's attributes; a company is known by its corporate number or its normalised name."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.batches import batches
from leadqual.common.errors import LeadqualError
from leadqual.common.locks import Lock, lock_alone, lock_shared
from leadqual.common.rows import update_rows
from leadqual.common.words import folded
from leadqual.leads.cleaning import CUSTOM, clean, company_key, custom_fields
from leadqual.leads.editing import put_custom, write_field_changes
from leadqual.leads.models import Company, CustomField, FieldChange, Target
from leadqual.leads.signals import company_changed

FOLDED = {"industry": 100, "prefecture": 50, "country": 50}
EDITABLE = {"name", "domain", "corporate_number", "employees", "revenue", *FOLDED}


def create_company(row: Mapping[str, Any], *, now: datetime, by: Any = None) -> Company:
    company = _new_company(row, custom_fields(Target.COMPANY), now)
    company.save(force_insert=True)
    return company


def ensure_companies(
    rows: Iterable[Mapping[str, Any]], *, now: datetime, by: Any = None
) -> dict[str, Company]:
    """The companies of the rows, made where missing and brought up to date where a row says more or else.

    The result is keyed by `company_key(row["name"])`. Of several rows about one company the last word counts.
    """
    wanted: dict[str, dict[str, Any]] = {}
    for row in rows:
        if key := company_key(clean("name", row.get("name"))):
            known = wanted.setdefault(key, {"name": row["name"]})
            known |= {
                field: value for field, value in row.items() if field != "name" and value not in (None, "")
            }
    if not wanted:
        return {}
    lock_alone(Lock.PEOPLE)
    customs = custom_fields(Target.COMPANY)
    found = _known_companies(wanted, customs)
    missing = {key: _new_company(row, customs, now) for key, row in wanted.items() if key not in found}
    Company.objects.bulk_create(missing.values())
    edit_companies({company: _without_name(wanted[key]) for key, company in found.items()}, now=now, by=by)
    return found | missing


def edit_company(company: Company, changes: Mapping[str, Any], *, now: datetime, by: Any = None) -> bool:
    """Whether anything changed."""
    return bool(edit_companies({company: changes}, now=now, by=by))


def edit_companies(
    changes: Mapping[Company, Mapping[str, Any]], *, now: datetime, by: Any = None
) -> set[int]:
    """Writes `{company: {field: value}}` where it differs, with log and one `company_changed`."""
    changes = {company: fields for company, fields in changes.items() if fields}
    if not changes:
        return set()
    lock_shared(Lock.LEDGER)
    customs = custom_fields(Target.COMPANY)
    log: list[FieldChange] = []
    edited: list[Company] = []
    columns: set[str] = set()
    for company, fields in changes.items():
        if touched := _edit(company, fields, customs, log):
            edited.append(company)
            columns |= touched
    if not edited:
        return set()
    edited.sort(key=lambda company: company.pk)
    update_rows(edited, sorted(columns | {"version"}))
    write_field_changes(log, now=now, by=by)
    ids = {company.pk for company in edited}
    company_changed.send(Company, companies=ids, fields={change.field for change in log}, now=now)
    return ids


def compared(company: Company, field: str) -> Any:
    """What a condition compares, and `FieldChange` keeps."""
    if field.startswith(CUSTOM):
        return company.custom_folded.get(field.removeprefix(CUSTOM))
    if field == "name":
        return company.normalised_name
    return getattr(company, f"{field}_folded" if field in FOLDED else field)


def _edit(
    company: Company, changes: Mapping[str, Any], customs: Mapping[str, CustomField], log: list[FieldChange]
) -> set[str]:
    columns: set[str] = set()
    for field, value in changes.items():
        cleaned = _cleaned(field, value, customs)
        if _shown(company, field) == cleaned:
            continue
        old = compared(company, field)
        columns |= _put(company, field, cleaned, customs)
        if old != compared(company, field):
            log.append(FieldChange(company=company, field=field, old=old, new=compared(company, field)))
    if columns:
        company.version += 1
    return columns


def _new_company(row: Mapping[str, Any], customs: Mapping[str, CustomField], now: datetime) -> Company:
    company = Company(created_at=now, created_day=clock.day_of(now))
    for field, value in row.items():
        _put(company, field, _cleaned(field, value, customs), customs)
    if not company.name:
        raise LeadqualError("missing", _("a company needs a name"), "company.name")
    return company


def _cleaned(field: str, value: Any, customs: Mapping[str, CustomField]) -> Any:
    if field not in EDITABLE and not field.startswith(CUSTOM):
        raise LeadqualError("unknown_field", _("there is no such field"), f"company.{field}")
    try:
        return clean(field, value, customs)
    except LeadqualError as error:
        raise LeadqualError(error.code, error.message, f"company.{field}") from error


def _put(company: Company, field: str, value: Any, customs: Mapping[str, CustomField]) -> set[str]:
    if field.startswith(CUSTOM):
        put_custom(company, customs[field.removeprefix(CUSTOM)], value)
        return {"custom", "custom_folded"}
    setattr(company, field, value)
    if field == "name":
        company.normalised_name = company_key(value)
        return {"name", "normalised_name"}
    if field in FOLDED:
        setattr(company, f"{field}_folded", folded(value)[: FOLDED[field]])
        return {field, f"{field}_folded"}
    return {field}


def _shown(company: Company, field: str) -> Any:
    return (
        company.custom.get(field.removeprefix(CUSTOM))
        if field.startswith(CUSTOM)
        else getattr(company, field)
    )


def _without_name(row: Mapping[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in row.items() if field != "name"}


def _known_companies(
    wanted: Mapping[str, Mapping[str, Any]], customs: Mapping[str, CustomField]
) -> dict[str, Company]:
    """By normalised name, else by corporate number; of two with the same name the older one."""
    found: dict[str, Company] = {}
    for keys in batches(wanted):
        for company in Company.objects.filter(normalised_name__in=keys).order_by("-pk"):
            found[company.normalised_name] = company
    numbers = {
        number: key
        for key, row in wanted.items()
        if key not in found and (number := clean("corporate_number", row.get("corporate_number"), customs))
    }
    for some in batches(numbers):
        for company in Company.objects.filter(corporate_number__in=some).order_by("-pk"):
            found[numbers[company.corporate_number]] = company
    return found
