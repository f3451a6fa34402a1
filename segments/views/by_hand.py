"""Leads that are in a segment or out of it because somebody said so."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from leadqual.common import clock
from leadqual.common.access import Role, open_to
from leadqual.common.pages import back_to
from segments import membership
from segments.forms import ByHandForm
from segments.models import Segment


@require_POST
@open_to(Role.MARKETER)
def segment_choose(request: HttpRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk)
    form = ByHandForm(request.POST, user=request.user)
    if not form.is_valid():
        messages.error(request, " ".join(str(text) for texts in form.errors.values() for text in texts))
        return redirect("segments:segment", pk=pk)
    lead, decision, why = (form.cleaned_data[name] for name in ("lead", "decision", "why"))
    now = clock.now()
    if decision == "include":
        membership.include(segment, lead, now=now, by=request.user, why=why)
        said = _("%(lead)s is in “%(segment)s” now, whatever the condition says.")
    elif decision == "exclude":
        membership.exclude(segment, lead, now=now, by=request.user, why=why)
        said = _("%(lead)s is out of “%(segment)s” now, whatever the condition says.")
    else:
        membership.forget(segment, lead, now=now)
        said = _("The condition of “%(segment)s” decides about %(lead)s again.")
    messages.success(request, said % {"lead": lead, "segment": segment})
    return redirect(back_to(request, reverse("segments:segment", args=[pk])))
