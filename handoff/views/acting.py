"""What a rep does with a handoff: each a POST that goes back to its page."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from handoff import answering
from handoff.forms import NextActionForm, ReasonForm
from handoff.models import Handoff, State
from handoff.one_handoff import shown
from handoff.planning import plan_next
from handoff.views.inbox import find
from leadqual.common import clock
from leadqual.common.access import EVERYBODY, open_to
from leadqual.common.errors import LeadqualError


@require_POST
@open_to(*EVERYBODY)
def accept(request: HttpRequest, public_id: str) -> HttpResponse:
    row = find(request, public_id)
    words = _("%s is yours. Call soon: the lead is waiting.") % row.lead
    return _do(request, row, words, lambda now: answering.accept(row, now=now, by=request.user))


@require_POST
@open_to(*EVERYBODY)
def opportunity(request: HttpRequest, public_id: str) -> HttpResponse:
    row = find(request, public_id)
    words = _("%s is an opportunity now.") % row.lead
    return _do(request, row, words, lambda now: answering.opportunity(row, now=now, by=request.user))


@require_POST
@open_to(*EVERYBODY)
def decline(request: HttpRequest, public_id: str) -> HttpResponse:
    """The offer is declined, with a reason."""
    return _give_up(request, public_id, answering.reject, _("Declined. Marketing has %s again."))


@require_POST
@open_to(*EVERYBODY)
def hand_back(request: HttpRequest, public_id: str) -> HttpResponse:
    return _give_up(request, public_id, answering.hand_back, _("Handed back. Marketing has %s again."))


@require_POST
@open_to(*EVERYBODY)
def next_action(request: HttpRequest, public_id: str) -> HttpResponse:
    row = find(request, public_id)
    form = NextActionForm(request.POST)
    if not form.is_valid():
        return _again(request, row, next_form=form)
    given = form.cleaned_data
    try:
        plan_next(row, given["next_action"], given["next_action_on"], now=clock.now(), by=request.user)
    except LeadqualError as error:
        return _refused(request, row, error, next_form=form)
    planned = given["next_action"]
    messages.success(request, _("Noted in your inbox.") if planned else _("Nothing is planned any more."))
    return redirect("inbox:handoff", row.public_id)


def _give_up(request: HttpRequest, public_id: str, step: Callable[..., Handoff], words: str) -> HttpResponse:
    row = find(request, public_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _again(request, row, reason_form=form)
    return _do(request, row, words % row.lead, lambda now: step(row, form.said, now=now, by=request.user))


def _do(request: HttpRequest, row: Handoff, words: str, step: Callable[[datetime], object]) -> HttpResponse:
    """Whoever taps twice, or comes second, is told how it stands."""
    try:
        step(clock.now())
    except LeadqualError as error:
        if error.code == "wrong_state":
            messages.info(request, how_it_stands(row, request.user))
        else:
            messages.error(request, str(error.message))
    else:
        messages.success(request, words)
    return redirect("inbox:handoff", row.public_id)


def how_it_stands(row: Handoff, reader: Any) -> str:
    """For somebody whose tap came too late."""
    row.refresh_from_db(fields=["state"])
    mine = row.rep is not None and row.rep.user_id == reader.pk
    words = {
        State.ACCEPTED: _("You have accepted this lead already.")
        if mine
        else _("This lead is accepted already."),
        State.REJECTED: _("This lead is declined already."),
        State.RECYCLED: _("This lead is handed back already."),
        State.EXPIRED: _("The time was up: the lead has gone on to somebody else."),
        State.WITHDRAWN: _("This handoff was taken back."),
        State.CLOSED: _("This handoff is closed already."),
        State.OFFERED: _("Please accept the lead first."),
    }
    return words.get(State(row.state), _("Nothing was changed."))


def _refused(request: HttpRequest, row: Handoff, error: LeadqualError, **forms: Form) -> HttpResponse:
    [form] = forms.values()
    form.add_error(error.place if error.place in form.fields else None, str(error.message))
    return _again(request, row, **forms)


def _again(request: HttpRequest, row: Handoff, **forms: Form) -> HttpResponse:
    return render(request, "inbox/handoff.html", shown(row, request.user, now=clock.now(), **forms))
