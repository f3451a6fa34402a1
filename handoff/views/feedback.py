"""What became of a lead: the form for who is signed in, and the two taps behind the link in a mail."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from handoff.feedback import current, give_feedback
from handoff.feedback_links import answer, note_guess, too_many, usable
from handoff.forms import FeedbackForm, TwoTapsForm, as_said_before
from handoff.models import Bought, Feedback, Handoff, Timing
from handoff.one_handoff import ANSWERABLE, may_answer
from handoff.views.inbox import find
from leadqual.common import clock
from leadqual.common.access import EVERYBODY, open_to
from leadqual.common.errors import LeadqualError

TOO_MANY = 429


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*EVERYBODY)
@never_cache
def feedback(request: HttpRequest, public_id: str) -> HttpResponse:
    """A correction is a new answer; the earlier ones stay."""
    row = find(request, public_id)
    if row.state not in ANSWERABLE or not may_answer(row, request.user):
        messages.info(request, _("There is nothing to say about this handoff yet."))
        return redirect("inbox:handoff", row.public_id)
    before = current(row)
    form = FeedbackForm(request.POST or None, initial=as_said_before(before) or _asked(request))
    if (
        request.method == "POST"
        and form.is_valid()
        and (_repeats(before, form) or _given(request, row, form))
    ):
        messages.success(request, _("Thank you. This is what the scoring learns from."))
        return redirect("inbox:handoff", row.public_id)
    context = {"handoff": row, "form": form, "said": before, "timings": _timings(form)}
    return render(request, "inbox/feedback.html", context)


def _repeats(before: Feedback | None, form: FeedbackForm) -> bool:
    """Tapped twice: the same answer again corrects nothing."""
    return before is not None and all(getattr(before, name) == value for name, value in form.said.items())


def _given(request: HttpRequest, row: Handoff, form: FeedbackForm) -> bool:
    try:
        give_feedback(row, now=clock.now(), by=request.user, **form.said)
    except LeadqualError as error:
        form.add_error(error.place if error.place in form.fields else None, str(error.message))
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@never_cache
def answer_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Mail scanners open every link, so looking changes nothing: only the tap on this page does."""
    address = get_adapter().get_client_ip(request)
    if too_many(address):
        return _private(render(request, "inbox/link_spent.html", {"too_many": True}, status=TOO_MANY))
    now = clock.now()
    link = usable(token, now=now)
    if link is None:
        note_guess(token, address)
        return _private(render(request, "inbox/link_spent.html", status=404))
    form = TwoTapsForm(request.POST or None, initial=_asked(request))
    if request.method == "POST" and form.is_valid():
        try:
            answer(link, now=now, bought=form.cleaned_data["bought"], timing=form.cleaned_data["timing"])
        except LeadqualError:
            return _private(render(request, "inbox/link_spent.html", status=404))
        return _private(render(request, "inbox/link_thanks.html"))
    context = {"lead": link.handoff.lead, "form": form, "timings": _timings(form)}
    return _private(render(request, "inbox/link.html", context))


def _asked(request: HttpRequest) -> dict[str, Any]:
    """What a link in a mail answers in advance; the tap that sends it is still to come."""
    bought = request.GET.get("bought", "")
    return {"bought": bought} if bought in Bought.values else {}


def _timings(form: TwoTapsForm) -> list[tuple[str, str, bool]]:
    """(value, words, whether it was said before)."""
    said = form["timing"].value()
    return [(value, str(words), value == said) for value, words in Timing.choices]


def _private(response: HttpResponse) -> HttpResponse:
    """The address is the key: no index, and no other site hears of it.

    Not `no-referrer`: browsers then send the form with an origin of null, which the CSRF check refuses.
    """
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    return response
