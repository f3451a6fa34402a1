"""For whoever looks after the installation, and everybody's own page."""

from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from leadqual.common import clock
from leadqual.common.access import EVERYBODY, Role, open_to
from leadqual.desk.health import signs
from leadqual.desk.notices import told
from leadqual.messaging.models import Notice

NOTICES = 30


@require_safe
@open_to(Role.ADMIN)
def health(request: HttpRequest) -> HttpResponse:
    people = User.objects.filter(is_active=True).aggregate(
        all=Count("pk", distinct=True),
        second_factor=Count("pk", filter=Q(authenticator__isnull=False), distinct=True),
    )
    return render(request, "desk/health.html", {"signs": signs(now=clock.now()), "people": people})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*EVERYBODY)
def me(request: HttpRequest) -> HttpResponse:
    """Account, language and what the product told this person lately."""
    own = Notice.objects.filter(user=request.user.pk)
    if request.method == "POST":
        own.filter(read_at=None).update(read_at=clock.now())
    return render(request, "desk/me.html", {"notices": told(own.order_by("-created_at", "-pk")[:NOTICES])})
