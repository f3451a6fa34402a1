"""The rep's inbox and one handoff of it."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from handoff import inbox
from handoff.frame import manages_team
from handoff.inbox_cards import cards
from handoff.models import Handoff
from handoff.one_handoff import shown
from leadqual.common import clock
from leadqual.common.access import EVERYBODY, Role, open_to


@require_safe
@open_to(Role.REP)
@never_cache
def inbox_list(request: HttpRequest) -> HttpResponse:
    """One part at a time; a manager without leads of their own looks after a team instead."""
    now = clock.now()
    which = _part(request.GET.get("show", ""))
    due = inbox.due_now(now)
    counts = inbox.count(request.user, due=due, now=now)
    before = _moment(request.GET.get("before", ""))
    rows = inbox.part(request.user, which, due=due, now=now, before=before)
    if not rows and not counts.accepted and manages_team(request) and not _is_rep(request):
        return redirect("handoff:team")
    older = rows[inbox.PAGE - 1].closed_at if which is inbox.Part.DONE and len(rows) > inbox.PAGE else None
    context = {
        "part": which,
        "counts": counts,
        "cards": cards(rows[: inbox.PAGE] if which is inbox.Part.DONE else rows, now=now),
        "older": older.isoformat() if older else "",
        "mark": inbox.mark(request.user),
        "drawn": (now - inbox.SLACK).isoformat(),
    }
    return render(request, "inbox/list.html", context)


@require_safe
@open_to(Role.REP)
@never_cache
def changes(request: HttpRequest) -> HttpResponse:
    """Asked every few seconds: 204 while nothing has changed, else what has come and what is gone."""
    mark = inbox.mark(request.user)
    if mark.digest == request.GET.get("digest"):
        return HttpResponse(status=204)
    now = clock.now()
    which = _part(request.GET.get("show", ""))
    news = inbox.arrived(request.user, _moment(request.GET.get("since", "")))
    drawn = _moment(request.GET.get("drawn", "")) or now
    context = {
        "part": which,
        "counts": inbox.count(request.user, due=inbox.due_now(now), now=now),
        "news": cards(news, now=now),
        "gone": inbox.gone(request.user, drawn),
        "mark": mark,
        "drawn": (now - inbox.SLACK).isoformat(),
    }
    return render(request, "inbox/_changes.html", context)


@require_safe
@open_to(*EVERYBODY)
@never_cache
def handoff(request: HttpRequest, public_id: str) -> HttpResponse:
    row = find(request, public_id)
    return render(request, "inbox/handoff.html", shown(row, request.user, now=clock.now()))


def find(request: HttpRequest, public_id: str) -> Handoff:
    """404 for what is not the reader's, like for what does not exist."""
    rows = inbox.with_everything(Handoff.objects.visible_to(request.user)).select_related(
        "lead__company", "qualification__model", "policy", "team", "rep__user", "by",
        "moved_from__rep__user", "moved_to__rep__user",
    )  # fmt: skip
    found: Handoff = get_object_or_404(rows, public_id=public_id)
    return found


def _part(text: str) -> inbox.Part:
    return inbox.Part(text) if text in set(inbox.Part) else inbox.Part.ANSWER


def _moment(text: str) -> datetime | None:
    """None for none and for what is no moment with a zone."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _is_rep(request: HttpRequest) -> Any:
    return hasattr(request.user, "sales_rep")
