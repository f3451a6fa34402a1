from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadqual.common import clock
from leadqual.common.access import EVERYBODY, open_to
from leadqual.desk.custom import custom_facts
from leadqual.desk.profile import handoffs, score_card, standing
from leadqual.desk.timeline import ACTS, CHANGES, timeline
from leadqual.leads.models import Lead


@require_safe
@open_to(*EVERYBODY)
def lead(request: HttpRequest, public_id: str) -> HttpResponse:
    """Who it is, why it has its points (on `as_of`, too), where it stands, what happened."""
    found = get_object_or_404(
        Lead.objects.visible_to(request.user).select_related("company", "owner"), public_id=public_id
    )
    as_of, problem = asked_day(request)
    card, no_card = score_card(found, day=as_of)
    show = request.GET.get("show", "")
    show = show if show in (ACTS, CHANGES) else ""
    happened, older = timeline(found, show=show, before=request.GET.get("before", ""))
    if request.htmx and "before" in request.GET:  # type: ignore[attr-defined]
        return render(
            request,
            "desk/_timeline_rows.html",
            {"lead": found, "happened": happened, "older": older, "show": show},
        )
    passed = handoffs(found)
    context = {
        "lead": found,
        "card": card,
        "no_card": problem or no_card,
        "as_of": clock.date_of(as_of) if as_of is not None else None,
        "as_of_problem": problem,
        "standing": standing(found, day=clock.today()),
        "handoffs": passed,
        "current": next((row for row in passed if row.is_open), None),
        "custom": custom_facts(found.custom, "lead"),
        "happened": happened,
        "older": older,
        "show": show,
    }
    return render(request, "desk/lead.html", context)


def asked_day(request: HttpRequest) -> tuple[int | None, str]:
    """The day in `?as_of=`, and what is wrong with it; a day to come is not known yet."""
    text = request.GET.get("as_of", "")
    if not text:
        return None, ""
    try:
        day = clock.day_number(date.fromisoformat(text))
    except ValueError:
        return None, _("%s is not a date") % text
    if day > clock.today():
        return None, _("What will be on a day to come is not known yet")
    return day, ""
