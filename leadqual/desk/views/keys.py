"""Everybody's own keys for programs."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from leadqual.common import clock
from leadqual.common.access import EVERYBODY, open_to
from leadqual.common.models import ApiToken
from leadqual.common.tokens import LONGEST_DAYS, create_token


class KeyForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("What the key is for"),
        max_length=100,
        help_text=gettext_lazy("For example: website, CRM"),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Good for days"), min_value=1, max_value=LONGEST_DAYS, initial=90,
        help_text=gettext_lazy("At most a year; after that a new one is made."),
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*EVERYBODY)
def keys(request: HttpRequest) -> HttpResponse:
    """The list, and the form; a new key is shown on the answer to its making and never again."""
    form, secret = KeyForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        made = create_token(request.user, **form.cleaned_data, now=clock.now())
        form, secret = KeyForm(), made.secret
    context: dict[str, Any] = {
        "form": form,
        "secret": secret,
        "keys": ApiToken.objects.filter(user=request.user.pk).order_by("-created_at", "-pk"),
        "now": clock.now(),
    }
    return render(request, "desk/keys.html", context)


@require_POST
@open_to(*EVERYBODY)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(ApiToken, user=request.user.pk, pk=pk)
    key.delete()
    messages.success(request, _("The key “%s” opens nothing any more.") % key.name)
    return redirect("desk:keys")
