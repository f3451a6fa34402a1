"""A manager's page: who has how much, who is away, and all leads of one rep to the others in one step."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from handoff.forms import AbsenceForm
from handoff.frame import know_that_manages, managed
from handoff.models import Reassignment, SalesRep
from handoff.overview import overdue, team_loads
from handoff.pool import is_away
from handoff.reassigning import UNDO_WITHIN, Plan, end_absence, preview, reassign, set_absence, undo
from handoff.team_figures import answered_shares, answering_times
from leadqual.common import clock
from leadqual.common.access import EVERYBODY, Role, has_role, open_to
from leadqual.common.errors import LeadqualError

OVERDUE_SHOWN = 20


@require_safe
@open_to(*EVERYBODY)
def team(request: HttpRequest) -> HttpResponse:
    """404 for whoever manages no team."""
    now = clock.now()
    mine = _teams(request)
    teams = team_loads(mine, day=clock.day_of(now))
    reps = [each.rep.pk for one in teams for each in one.reps]
    context = {
        "teams": teams,
        "shares": answered_shares(reps, now=now),
        "times": answering_times(reps, now=now),
        "today": clock.date_of(clock.day_of(now)),
        "overdue": overdue(now, OVERDUE_SHOWN, mine),
        "reassignments": _undoable(mine, now),
    }
    return render(request, "handoff/team.html", context)


@require_safe
@open_to(*EVERYBODY)
def rep(request: HttpRequest, pk: int) -> HttpResponse:
    return _rep_page(
        request, _rep(request, pk), AbsenceForm(initial={"begins": clock.date_of(clock.today())})
    )


@require_POST
@open_to(*EVERYBODY)
def give_away(request: HttpRequest, pk: int) -> HttpResponse:
    """All open leads of the rep to the colleagues; twice does it once."""
    found = _rep(request, pk)
    form = AbsenceForm(request.POST)
    if not form.is_valid():
        return _rep_page(request, found, form)
    try:
        _made, plan = reassign(found, form.absence, now=clock.now(), by=request.user)
    except LeadqualError as error:
        return _refused(request, found, form, error)
    messages.success(request, f"{plan_in_words(plan)} {_('You can take it back for a day.')}")
    return redirect("handoff:team")


@require_POST
@open_to(*EVERYBODY)
def absence(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing new goes to the rep; what is there stays."""
    found = _rep(request, pk)
    form = AbsenceForm(request.POST)
    if not form.is_valid():
        return _rep_page(request, found, form)
    try:
        set_absence(found, form.absence, by=request.user)
    except LeadqualError as error:
        return _refused(request, found, form, error)
    messages.success(request, _("Noted. %s gets no new leads in this time.") % found)
    return redirect("handoff:team")


@require_POST
@open_to(*EVERYBODY)
def back(request: HttpRequest, pk: int) -> HttpResponse:
    found = _rep(request, pk)
    end_absence(found, by=request.user)
    messages.success(request, _("%s gets leads again.") % found)
    return redirect("handoff:team")


@require_POST
@open_to(*EVERYBODY)
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Reassignment.objects.filter(rep__team__in=_teams(request)).select_related("rep__team", "rep__user")
    found = get_object_or_404(rows, pk=pk)
    try:
        given_back, staying = undo(found, now=clock.now(), by=request.user)
    except LeadqualError as error:
        messages.error(request, str(error.message))
        return redirect("handoff:team")
    words = _("%(rep)s has %(back)d leads back; %(staying)d stay with the colleagues who accepted them.")
    messages.success(request, words % {"rep": found.rep, "back": given_back, "staying": staying})
    return redirect("handoff:team")


def plan_in_words(plan: Plan, names: Mapping[int, str] | None = None) -> str:
    """“12 open leads: 5 to A, 4 to B, 3 find no place”."""
    if names is None:
        reps = SalesRep.objects.filter(pk__in=[rep for rep, _n in plan.by_rep()]).select_related("user")
        names = {each.pk: str(each) for each in reps}
    parts = [_("%(count)d to %(rep)s") % {"count": n, "rep": names[rep]} for rep, n in plan.by_rep()]
    if left := len(plan.no_place):
        parts.append(ngettext("%(count)d finds no place", "%(count)d find no place", left) % {"count": left})
    leads = ngettext("%(count)d open lead", "%(count)d open leads", plan.leads) % {"count": plan.leads}
    return _("%(leads)s: %(parts)s.") % {"leads": leads, "parts": pgettext("between reps", ", ").join(parts)}


def _rep_page(request: HttpRequest, found: SalesRep, form: AbsenceForm) -> HttpResponse:
    now = clock.now()
    plan = preview(found, now=now)
    context: dict[str, Any] = {
        "rep": found,
        "away": is_away(found, clock.day_of(now)),
        "plan": plan,
        "preview": plan_in_words(plan) if plan.leads else "",
        "form": form,
    }
    return render(request, "handoff/rep.html", context)


def _refused(request: HttpRequest, found: SalesRep, form: AbsenceForm, error: LeadqualError) -> HttpResponse:
    form.add_error(error.place if error.place in form.fields else None, str(error.message))
    return _rep_page(request, found, form)


def _teams(request: HttpRequest) -> list[int]:
    """Of the teams the reader looks after; 404 where there are none."""
    teams = list(managed(request.user).values_list("pk", flat=True))
    if teams:
        know_that_manages(request)
    elif not has_role(request.user, Role.MARKETER):
        raise Http404
    return teams


def _rep(request: HttpRequest, pk: int) -> SalesRep:
    """Only of a team that the reader looks after; which answers the navigation's question, too."""
    rows = SalesRep.objects.filter(team__in=managed(request.user)).select_related("user", "team")
    found: SalesRep = get_object_or_404(rows, pk=pk)
    know_that_manages(request)
    return found


def _undoable(teams: list[int], now: datetime) -> list[Reassignment]:
    rows = Reassignment.objects.filter(rep__team__in=teams, undone_at=None, at__gt=now - UNDO_WITHIN)
    return list(rows.select_related("rep__user").order_by("-at"))
