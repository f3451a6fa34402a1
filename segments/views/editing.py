"""Writing a segment: the form with its rows, the number beside it, and taking back."""

import hashlib
import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from leadqual.common import clock
from leadqual.common.access import Role, open_to
from leadqual.common.errors import LeadqualError
from segments.changing import change_segment, restore_version, retire_segment, revive_segment
from segments.drafting import EVERYBODY, Drafting
from segments.forms import SegmentForm
from segments.models import Segment, SegmentState, SegmentVersion
from segments.shelf import Shelf
from segments.uses import uses
from segments.versions import latest, number_of


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.MARKETER)
def segment_new(request: HttpRequest) -> HttpResponse:
    return _write(request, Shelf.filled(), None)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.MARKETER)
def segment_edit(request: HttpRequest, pk: int) -> HttpResponse:
    version = number_of(latest(pk))  # before the segment: never newer than what is shown
    shelf = Shelf.filled()
    return _write(request, shelf, shelf.segment(pk), version)


def _write(
    request: HttpRequest, shelf: Shelf, segment: Segment | None, version: int | None = None
) -> HttpResponse:
    if request.method != "POST":
        tree = segment.condition if segment else EVERYBODY
        drafting = Drafting.of(tree, as_json=request.GET.get("as") == "json")
        return _form(request, shelf, segment, SegmentForm.of(segment, version=version), drafting)
    drafting = Drafting.typed(request.POST, request.POST.get("do", ""))
    if "do" in request.POST:
        return _form(request, shelf, segment, SegmentForm.of(segment, request.POST), drafting, pressed=True)
    form = SegmentForm.of(segment, request.POST)
    if drafting.check() and form.is_valid():
        if _has_seen(request, shelf, segment, drafting):
            saved = _save(request, segment, form, drafting)
            if saved is not None:
                return redirect("segments:segment", pk=saved.pk)
        else:
            return _form(request, shelf, segment, form, drafting, ask=True)
    form.is_valid()
    return _form(request, shelf, segment, form, drafting)


def _has_seen(request: HttpRequest, shelf: Shelf, segment: Segment | None, drafting: Drafting) -> bool:
    """Who moves leads by changing a condition has seen who leaves and who comes in, here or while writing."""
    if segment is None or drafting.stored() == segment.condition:
        return True
    if request.POST.get("seen") == mark(drafting):
        return True
    tally = drafting.count(segment, day=shelf.day(clock.now()))
    return tally is not None and not (tally.joining or tally.leaving)


def mark(drafting: Drafting) -> str:
    """Of the condition whose number was shown."""
    written = json.dumps(drafting.stored(), sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def _save(
    request: HttpRequest, segment: Segment | None, form: SegmentForm, drafting: Drafting
) -> Segment | None:
    try:
        saved = change_segment(
            segment, **form.cleaned_data, tree=drafting.stored(), now=clock.now(), by=request.user
        )
    except LeadqualError as error:
        if segment is not None and error.place == "expected":
            _turn(form, segment, error)
        elif error.place in form.fields:
            form.add_error(error.place, str(error.message))
        else:
            drafting.tell(error)
        return None
    if saved.size is None:
        messages.success(request, _("Saved. A draft has no members; those of a live segment follow tonight."))
    else:
        words = ngettext(
            "Saved. The segment has %d member.", "Saved. The segment has %d members.", saved.size
        )
        messages.success(request, words % saved.size)
    return saved


def _turn(form: SegmentForm, segment: Segment, error: LeadqualError) -> None:
    history = reverse("segments:history", args=[segment.pk])
    words = _("Nothing is saved yet; what you typed is still here. Save once more to replace the change.")
    form.add_error(
        None,
        format_html(
            '{} {} <a href="{}" target="_blank">{}</a>', error.message, words, history, _("See the change")
        ),
    )
    form.turn_to(number_of(latest(segment.pk)))


def _form(
    request: HttpRequest,
    shelf: Shelf,
    segment: Segment | None,
    form: SegmentForm,
    drafting: Drafting,
    *,
    pressed: bool = False,
    ask: bool = False,
) -> HttpResponse:
    context: dict[str, Any] = {
        "segment": segment,
        "form": form,
        "drafting": drafting,
        "ask": ask,
        **drafting.choices(shelf, segment),
    }
    if pressed and request.headers.get("HX-Request"):
        answer = render(request, "segments/_builder.html", context)
        answer["HX-Trigger-After-Swap"] = "rows-changed"
        return answer
    context["used"] = uses([segment.pk], shelf.rows.values()).get(segment.pk, []) if segment else []
    if pressed:  # half a form is not scolded for what is still missing
        form.errors.clear()
    elif request.method == "POST":
        context |= counted(shelf, segment, drafting)
    return render(request, "segments/form.html", context)


def counted(shelf: Shelf, segment: Segment | None, drafting: Drafting) -> dict[str, Any]:
    """The number and the sentence of what is written so far; nothing of them while it is faulty."""
    if drafting.condition is None and not drafting.check():
        return {"tally": None, "faulty": True}
    number = drafting.count(segment, day=shelf.day(clock.now()))
    return {"tally": number, "sentence": drafting.sentence, "seen": mark(drafting)}


@require_POST
@open_to(Role.MARKETER)
def segment_count(request: HttpRequest) -> HttpResponse:
    """Beside the form while it is written; `segment` says whose members of now it is compared with."""
    number = request.POST.get("segment", "")
    shelf, drafting = Shelf.filled(), Drafting.typed(request.POST)
    segment = shelf.rows.get(int(number)) if number.isascii() and number.isdigit() else None
    return render(request, "segments/_count.html", {"segment": segment, **counted(shelf, segment, drafting)})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.MARKETER)
def segment_retire(request: HttpRequest, pk: int) -> HttpResponse:
    shelf, problem = Shelf.filled(), ""
    segment = shelf.segment(pk)
    if request.method == "POST":
        try:
            retire_segment(segment, now=clock.now(), by=request.user)
        except LeadqualError as error:
            problem = str(error.message)
        else:
            messages.success(request, _("“%s” is retired. It can be brought back at any time.") % segment)
            return redirect("segments:segment", pk=pk)
    used = uses([pk], shelf.rows.values()).get(pk, [])
    members = segment.memberships.count()
    context = {"segment": segment, "uses": used, "members": members, "problem": problem}
    return render(request, "segments/retire.html", context)


@require_POST
@open_to(Role.MARKETER)
def segment_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Back to a version, or with no number back into use."""
    segment = get_object_or_404(Segment, pk=pk)
    number = request.POST.get("version", "")
    try:
        if number:
            rows = SegmentVersion.objects.select_related("segment")
            valid = int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 0
            version = get_object_or_404(rows, segment=segment, number=valid)
            restore_version(version, now=clock.now(), by=request.user)
            messages.success(request, _("The segment is again as in version %s.") % number)
        elif segment.state == SegmentState.ARCHIVED:
            revive_segment(segment, now=clock.now(), by=request.user)
            messages.success(request, _("The segment is live again."))
    except LeadqualError as error:
        messages.error(request, str(error))
    return redirect("segments:segment", pk=pk)
