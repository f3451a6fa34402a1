from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from leadqual.common import clock
from leadqual.common.access import EVERYBODY, open_to
from leadqual.leads.consent import record_consent
from leadqual.leads.models import ConsentBasis, Lead


class ConsentForm(forms.Form):
    given = forms.TypedChoiceField(
        label=gettext_lazy("Marketing mail"),
        choices=[("yes", gettext_lazy("agrees")), ("no", gettext_lazy("does not want any"))],
        coerce=lambda value: value == "yes", widget=forms.RadioSelect(),
    )  # fmt: skip
    basis = forms.ChoiceField(label=gettext_lazy("How do we know"), choices=ConsentBasis.choices)
    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=500, required=False,
        help_text=gettext_lazy("For example: the form, the event, the person who heard it."),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*EVERYBODY)
def consent(request: HttpRequest, public_id: str) -> HttpResponse:
    """Whoever may see the lead may note what it said; nothing is overwritten."""
    lead = get_object_or_404(Lead.objects.visible_to(request.user), public_id=public_id)
    form = ConsentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        record_consent(lead, **form.cleaned_data, now=clock.now(), by=request.user)
        messages.success(request, _("Noted. Earlier answers stay on record."))
        return redirect("desk:lead", lead.public_id)
    return render(request, "desk/consent.html", {"lead": lead, "form": form})
