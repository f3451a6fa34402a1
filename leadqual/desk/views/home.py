"""Where everybody starts: by role."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from leadqual.common.access import EVERYBODY, open_to


@require_safe
@open_to(*EVERYBODY)
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/home.html")
