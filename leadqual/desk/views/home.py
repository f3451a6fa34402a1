"""Where everybody starts, by role; and what nobody has decided yet."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from leadqual.common import clock, undecided
from leadqual.common.access import EVERYBODY, Role, has_role, open_to
from leadqual.desk.steps import address, funnel, steps
from leadqual.scoring.models import Qualification

NEWEST = 8


@require_safe
@open_to(*EVERYBODY)
def home(request: HttpRequest) -> HttpResponse:
    """Marketers see the six steps, reps their inbox, admins the health of the system."""
    if has_role(request.user, Role.ADMIN):
        return redirect("desk:health")
    if not has_role(request.user, Role.MARKETER):
        inbox = address("inbox:list")
        return redirect(inbox) if inbox else render(request, "desk/home.html", {})
    now = clock.now()
    return render(request, "desk/home.html", context(now=now))


@require_safe
@open_to(Role.MARKETER)
def loop(request: HttpRequest) -> HttpResponse:
    """The six steps, for admins too, whose start is another page."""
    return render(request, "desk/home.html", context(now=clock.now()))


def context(*, now: datetime) -> dict[str, object]:
    day = clock.day_of(now)
    questions = undecided.undecided()
    newest = (
        Qualification.objects.filter(ended_day=None)
        .select_related("lead__company", "lead__owner", "model")
        .defer("model__frozen")
        .order_by("-opened_at", "-pk")[:NEWEST]
    )
    return {
        "steps": steps(questions, day=day, now=now),
        "questions": len(questions),
        "funnel": funnel(),
        "newest": newest,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.MARKETER)
def decisions(request: HttpRequest) -> HttpResponse:
    """The register of what is undecided; POST checks again at once."""
    if request.method == "POST":
        new = undecided.check(day=clock.today())
        messages.success(
            request,
            ngettext("Checked: %(number)d new question", "Checked: %(number)d new questions", len(new))
            % {"number": len(new)}
            if new
            else _("Checked: nothing new."),
        )
        return redirect("desk:decisions")
    rows = [(each, clock.date_of(each.since)) for each in undecided.undecided()]
    return render(request, "desk/decisions.html", {"rows": rows})
