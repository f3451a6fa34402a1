"""Bulk actions: what will happen is said in numbers, then done; the page of what was done has the way back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from leadqual.common import clock
from leadqual.common.access import EVERYBODY, Role, has_role, open_to
from leadqual.common.errors import LeadqualError
from leadqual.desk.bulk import MOST, Act, Picked, Wish, can_undo, carry_out, foreseen, undo
from leadqual.desk.bulk_wording import happened, title, will_happen
from leadqual.desk.exporting import AT_ONCE, FORMATS
from leadqual.desk.forms import HandOverForm
from leadqual.desk.listing import SIZE
from leadqual.desk.models import BulkAction
from leadqual.desk.paging import counted
from leadqual.desk.views.exports import start_export
from segments.models import Segment, SegmentState

LONGEST = 8000
LATEST = 5


class SegmentForm(forms.Form):
    segment = forms.ModelChoiceField(
        Segment.objects.filter(state=SegmentState.LIVE).order_by("name"), label=gettext_lazy("Segment")
    )
    why = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)


class ReasonForm(forms.Form):
    why = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class FormatForm(forms.Form):
    format = forms.ChoiceField(
        label=gettext_lazy("File"),
        choices=[("xlsx", gettext_lazy("Excel workbook")), ("csv", gettext_lazy("CSV, opens in Excel"))],
    )


FORMS: dict[Act, type[forms.Form]] = {
    Act.INCLUDE: SegmentForm, Act.EXCLUDE: SegmentForm, Act.HAND_OVER: HandOverForm,
    Act.DISQUALIFY: ReasonForm, Act.EXPORT: FormatForm,
}  # fmt: skip


@require_POST
@open_to(*EVERYBODY)
def bulk(request: HttpRequest) -> HttpResponse:
    """First what will happen to the leads that were picked; with `confirmed` it happens."""
    act = _act(request)
    picked = Picked(
        request.user,
        tuple(request.POST.getlist("lead")[: SIZE * 4]),
        request.POST.get("query", "")[:LONGEST],
        "everything" in request.POST,
    )
    back = f"{reverse('desk:leads')}?{picked.query}"
    total = _total(picked, act)
    if not total:
        messages.warning(request, _("Tick the leads first."))
        return redirect(back)
    form = FORMS[act](request.POST if "confirmed" in request.POST else None)
    if form.is_bound and form.is_valid():
        try:
            if act is Act.EXPORT:
                return start_export(request, picked, form.cleaned_data["format"], total)
            leads = picked.ids_of()
            if not picked.everything or request.POST.get("shown") == str(len(leads)):
                done = carry_out(_wish(act, form), leads, now=clock.now(), by=request.user)
                return redirect("desk:bulk_action", done.public_id)
            form.add_error(
                None, _("The list has changed meanwhile: look at the numbers, then confirm again.")
            )
            total = len(leads)
        except LeadqualError as error:
            form.add_error(error.place if error.place in form.fields else None, str(error.message))
    context = {
        "act": act, "title": title(act), "form": form, "picked": picked, "back": back,
        "foreseen": _foreseen(picked, act, form, total), "formats": FORMATS, "at_once": AT_ONCE,
        "total": total, "latest": _latest(request),
    }  # fmt: skip
    return render(request, "desk/lead_list/bulk.html", context)


@require_safe
@open_to(*EVERYBODY)
def bulk_action(request: HttpRequest, public_id: str) -> HttpResponse:
    row = get_object_or_404(BulkAction, public_id=public_id, by=request.user)
    context = {"row": row, "title": title(Act(row.action)), "told": happened(row), "can_undo": can_undo(row)}
    return render(request, "desk/lead_list/bulk_action.html", context)


@require_POST
@open_to(*EVERYBODY)
def bulk_undo(request: HttpRequest, public_id: str) -> HttpResponse:
    row = get_object_or_404(BulkAction, public_id=public_id, by=request.user)
    try:
        number = undo(row, now=clock.now(), by=request.user)
    except LeadqualError as error:
        messages.error(request, str(error.message))
    else:
        told = ngettext("Undone for %d lead.", "Undone for %d leads.", number) % number
        messages.success(request, told)
    return redirect("desk:bulk_action", row.public_id)


def _latest(request: HttpRequest) -> list[tuple[str, BulkAction]]:
    """The reader's own, also one whose request broke off before it could answer: the way to undo it."""
    rows = BulkAction.objects.filter(by=request.user.pk).order_by("-pk")[:LATEST]
    return [(title(Act(row.action)), row) for row in rows]


def _act(request: HttpRequest) -> Act:
    """Reps take their own leads out as a file, nothing else."""
    asked = request.POST.get("action", "")
    act = Act(asked) if asked in set(Act) else Act.EXPORT
    if act is not Act.EXPORT and not has_role(request.user, Role.MARKETER):
        raise PermissionDenied
    return act


def _total(picked: Picked, act: Act) -> int:
    if act is Act.EXPORT:
        return picked.leads.order_by().count()
    return counted(picked.leads, MOST).number


def _foreseen(picked: Picked, act: Act, form: forms.Form, total: int) -> list[str]:
    if act is Act.EXPORT:
        return will_happen(act, {"": total})
    try:
        segment: Any = form.cleaned_data.get("segment") if form.is_bound and form.is_valid() else None
        return will_happen(act, foreseen(act, picked.ids_of(), segment))
    except LeadqualError as error:
        return [str(error.message)]


def _wish(act: Act, form: forms.Form) -> Wish:
    data = form.cleaned_data
    return Wish(act, data.get("segment"), data.get("rep"), data.get("why", ""))
