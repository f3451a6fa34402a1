"""Saves what a form of a lead or company says, through their only writers; nobody's edit is lost to another's."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from leadqual.common.locks import Lock, lock_alone
from leadqual.desk.forms import AttributesForm, CompanyForm, LeadForm, shown_of
from leadqual.leads import bant
from leadqual.leads.cleaning import company_key
from leadqual.leads.companies import create_company, edit_company, ensure_companies
from leadqual.leads.editing import create_leads, edit_lead
from leadqual.leads.models import BantAnswer, Company, Lead
from leadqual.leads.ownership import hand_over, release
from leadqual.leads.querysets import sees_everybody


class EditedMeanwhile(Exception):
    """Somebody saved since the form was opened; `thing` is as it is now."""

    def __init__(self, thing: Any) -> None:
        super().__init__()
        self.thing = thing


def known_by(email: str, *, but: Lead | None = None) -> Lead | None:
    """The lead that has this address already, whoever may see it."""
    others = Lead.objects.filter(email=email).order_by("pk") if email else Lead.objects.none()
    return others.exclude(pk=but.pk).first() if but is not None else others.first()


def bant_of(lead: Lead, *, day: int) -> dict[str, str]:
    """What holds on the day, by letter."""
    rows = BantAnswer.objects.filter(Q(until_day=None) | Q(until_day__gte=day), lead=lead, day__lte=day)
    return dict(rows.order_by("day", "pk").values_list("letter", "value"))


@transaction.atomic
def create_from(form: LeadForm, *, now: datetime, by: Any) -> Lead:
    """A rep's own find stays with the rep, who would not see it otherwise."""
    row = _with_company(form.changes, now=now, by=by)
    lead = create_leads([row], now=now, by=by)[0]
    for letter, value in form.answers.items():
        bant.answer(lead, letter, value, now=now, by=by)
    if not sees_everybody(by):
        hand_over({lead.pk: by.pk}, now=now, why="entered by the rep", by=by)
        release([lead.pk], now=now, why="entered by the rep", keep_owner=True, by=by)
    return lead


@transaction.atomic
def edit_from(form: LeadForm, lead: Lead, *, now: datetime, by: Any) -> bool:
    """Whether anything changed. The version is compared under the lock of the row."""
    lock_alone(Lock.PEOPLE)
    held = Lead.objects.select_for_update(of=("self",), no_key=True).select_related("company").get(pk=lead.pk)
    if held.version != form.cleaned_data["version"]:
        raise EditedMeanwhile(held)
    changes = form.changes
    if changes.get("company", "") == str(held.company or ""):
        changes.pop("company", None)
    changed = edit_lead(held, _with_company(changes, now=now, by=by), now=now, by=by)
    for letter, value in form.answers.items():
        bant.answer(held, letter, value, now=now, by=by)
    return changed or bool(form.answers)


@transaction.atomic
def create_company_from(form: CompanyForm, *, now: datetime, by: Any) -> Company:
    return create_company(form.changes, now=now, by=by)


@transaction.atomic
def edit_company_from(form: CompanyForm, company: Company, *, now: datetime, by: Any) -> bool:
    held = Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    if held.version != form.cleaned_data["version"]:
        raise EditedMeanwhile(held)
    return edit_company(held, form.changes, now=now, by=by)


def twin_of(name: str) -> Company | None:
    """A company whose name says the same: 株式会社山田 and 山田㈱."""
    key = company_key(name)
    return Company.objects.filter(normalised_name=key).order_by("pk").first() if key else None


def differences(form: AttributesForm, thing: Any) -> dict[str, tuple[str, str]]:
    """{field of the form: (as it is stored now, as typed)} where the two differ."""
    stored = shown_of(thing, form)
    found = {}
    for name in form.attributes:
        there, typed = str(stored[name] if stored[name] is not None else ""), str(form[name].value() or "")
        if there != typed:
            found[name] = (there, typed)
    return found


def _with_company(changes: Mapping[str, Any], *, now: datetime, by: Any) -> dict[str, Any]:
    row = dict(changes)
    if "company" in row:
        name = row["company"]
        made = ensure_companies([{"name": name}], now=now, by=by) if name else {}
        row["company"] = next(iter(made.values()), None)
    return row
