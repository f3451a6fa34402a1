"""New lead, lead edited; new company, company edited; a lead handed over to sales."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from handoff.direct import hand_over_manually
from leadqual.common import clock
from leadqual.common.access import EVERYBODY, Role, open_to
from leadqual.common.errors import LeadqualError
from leadqual.common.pages import back_to
from leadqual.desk.forms import KNOWN, AttributesForm, CompanyForm, HandOverForm, LeadForm, shown_of
from leadqual.desk.saving import (
    EditedMeanwhile,
    bant_of,
    create_company_from,
    create_from,
    differences,
    edit_company_from,
    edit_from,
    known_by,
    twin_of,
)
from leadqual.leads.cleaning import custom_fields
from leadqual.leads.models import Company, Lead, Target
from leadqual.leads.querysets import sees_everybody

FORM = ["GET", "HEAD", "POST"]


@require_http_methods(FORM)
@open_to(*EVERYBODY)
def lead_new(request: HttpRequest) -> HttpResponse:
    customs = custom_fields()
    form = LeadForm(request.POST or None, customs=customs, bant={}, ask_anyway=_may_double(request))
    if request.method == "POST" and form.is_valid() and _is_new(request, form, None):
        try:
            lead = create_from(form, now=clock.now(), by=request.user)
        except LeadqualError as error:
            _put(form, error)
        else:
            messages.success(request, _("%s is a lead now.") % lead)
            return redirect("desk:lead", lead.public_id)
    return render(request, "desk/lead_list/lead_form.html", {"form": form, "cancel": reverse("desk:leads")})


@require_http_methods(FORM)
@open_to(*EVERYBODY)
def lead_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    leads = Lead.objects.visible_to(request.user).select_related("company")
    lead = get_object_or_404(leads, public_id=public_id)
    said = bant_of(lead, day=clock.today())
    form = LeadForm(request.POST or None, ask_anyway=_may_double(request), customs=custom_fields(), bant=said)
    form.initial.update(shown_of(lead, form))
    both: dict[str, tuple[str, str]] = {}
    if request.method == "POST" and form.is_valid() and _is_new(request, form, lead):
        try:
            changed = edit_from(form, lead, now=clock.now(), by=request.user)
        except LeadqualError as error:
            _put(form, error)
        except EditedMeanwhile as meanwhile:
            both = _again(form, meanwhile)
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing was different."))
            return redirect("desk:lead", lead.public_id)
    cancel = reverse("desk:lead", args=[lead.public_id])
    context = {"form": form, "lead": lead, "both": _labelled(form, both), "cancel": cancel}
    return render(request, "desk/lead_list/lead_form.html", context)


@require_http_methods(FORM)
@open_to(Role.MARKETER)
def company_new(request: HttpRequest) -> HttpResponse:
    form = CompanyForm(request.POST or None, customs=custom_fields(Target.COMPANY))
    if request.method == "POST" and form.is_valid():
        if twin := twin_of(form.cleaned_data["name"]):
            form.add_error("name", _linked(_("A company of this name is known:"), "desk:company", twin))
        else:
            try:
                company = create_company_from(form, now=clock.now(), by=request.user)
            except LeadqualError as error:
                _put(form, error)
            else:
                messages.success(request, _("%s is saved.") % company)
                return redirect("desk:company", company.public_id)
    return render(
        request, "desk/lead_list/company_form.html", {"form": form, "cancel": reverse("desk:companies")}
    )


@require_http_methods(FORM)
@open_to(Role.MARKETER)
def company_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    company = get_object_or_404(Company.objects.visible_to(request.user), public_id=public_id)
    form = CompanyForm(request.POST or None, customs=custom_fields(Target.COMPANY))
    form.initial.update(shown_of(company, form))
    both: dict[str, tuple[str, str]] = {}
    if request.method == "POST" and form.is_valid():
        try:
            changed = edit_company_from(form, company, now=clock.now(), by=request.user)
        except LeadqualError as error:
            _put(form, error)
        except EditedMeanwhile as meanwhile:
            both = _again(form, meanwhile)
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing was different."))
            return redirect("desk:company", company.public_id)
    cancel = reverse("desk:company", args=[company.public_id])
    context = {"form": form, "company": company, "both": _labelled(form, both), "cancel": cancel}
    return render(request, "desk/lead_list/company_form.html", context)


@require_http_methods(FORM)
@open_to(Role.MARKETER)
def hand_over(request: HttpRequest, public_id: str) -> HttpResponse:
    """One lead goes to sales: to a rep named here, or to whom the policies find."""
    lead = get_object_or_404(Lead.objects.visible_to(request.user), public_id=public_id)
    form = HandOverForm(request.POST or None)
    address = reverse("desk:lead", args=[lead.public_id])
    if request.method == "POST" and form.is_valid():
        try:
            row = hand_over_manually(
                lead,
                now=clock.now(),
                by=request.user,
                rep=form.cleaned_data["rep"],
                why=form.cleaned_data["why"],
            )
        except LeadqualError as error:
            form.add_error(error.place if error.place in form.fields else None, str(error.message))
        else:
            told = _("%(lead)s was handed over to %(rep)s.") % {"lead": lead, "rep": row.rep}
            waits = _("%s waits for a sales rep; the next assignment finds one.") % lead
            messages.success(request, told if row.rep else waits)
            return redirect(back_to(request, address))
    return render(request, "desk/lead_list/hand_over.html", {"form": form, "lead": lead, "cancel": address})


def _may_double(request: HttpRequest) -> bool:
    """Whether the box to save a known address all the same is there: only after the warning, and for marketers."""
    return request.method == "POST" and sees_everybody(request.user) and KNOWN in request.POST


def _is_new(request: HttpRequest, form: LeadForm, lead: Lead | None) -> bool:
    """Whether nobody has this address; else it says so, to each reader what they may know."""
    email = form.cleaned_data.get("email", "")
    if lead is not None and lead.email == email:
        return True
    known = known_by(email, but=lead)
    if known is None or form.cleaned_data.get(KNOWN):
        return True
    if Lead.objects.visible_to(request.user).filter(pk=known.pk).exists():
        form.add_error("email", _linked(_("This address is known:"), "desk:lead", known))
        if sees_everybody(request.user) and KNOWN not in form.fields:
            again = LeadForm(form.data, customs=form.customs, bant=form.bant, ask_anyway=True)
            form.fields[KNOWN] = again.fields[KNOWN]
    else:
        form.add_error("email", _("This address is already known. Ask marketing."))
    return False


def _linked(words: str, name: str, thing: Any) -> str:
    return format_html('{} <a href="{}">{}</a>', words, reverse(name, args=[thing.public_id]), thing)


def _put(form: AttributesForm, error: LeadqualError) -> None:
    form.add_error(form.name_of(error.place), str(error.message))


def _again(form: AttributesForm, meanwhile: EditedMeanwhile) -> dict[str, tuple[str, str]]:
    """Turns the form to what is stored now, with what was typed: saved once more, it overwrites, and knowingly."""
    data: Any = form.data.copy()  # type: ignore[attr-defined]
    data["version"] = str(meanwhile.thing.version)
    both = differences(form, meanwhile.thing)
    form.data = data
    return both


def _labelled(form: AttributesForm, both: dict[str, tuple[str, str]]) -> list[tuple[str, str, str]]:
    return [(str(form[name].label), stored, typed) for name, (stored, typed) in both.items()]
