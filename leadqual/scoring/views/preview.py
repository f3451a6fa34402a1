"""A draft before it goes live: what it changes in words and in numbers, and the step itself."""

from collections.abc import Mapping
from contextlib import suppress
from time import monotonic
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from leadqual.common import clock
from leadqual.common.access import Role, open_to
from leadqual.common.errors import LeadqualError
from leadqual.leads.models import Lead
from leadqual.scoring import publishing, whatif
from leadqual.scoring.building import OutOfTime
from leadqual.scoring.differences import differences
from leadqual.scoring.freezing import freeze
from leadqual.scoring.models import ModelState, ScoringModel, Trial
from leadqual.scoring.qualification import release
from leadqual.scoring.rescoring import rescore_due
from leadqual.scoring.room import free_places
from leadqual.scoring.validation import Problem, problems
from leadqual.scoring.views.live import how_far

SECONDS = 2.0  # of work within one request
SHOWN = 50
AT_ONCE = 50_000  # leads that the first model scores while its publisher waits


@require_safe
@open_to(Role.MARKETER)
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    draft, live = draft_and_live(pk)
    if draft.state != ModelState.DRAFT:
        return redirect("scoring:version", pk=pk)
    found = told(draft)
    blocking = [each for each in found if each.blocking]
    context: dict[str, Any] = {
        "model": draft,
        "live": live,
        "blocking": blocking,
        "advice": [each for each in found if not each.blocking],
    }
    if not blocking:
        frozen, now = freeze(draft), clock.now()
        trial = whatif.still_good(getattr(draft, "trial", None), frozen, live, now=now)
        context |= numbers(trial, request, day=whatif.day_of_publishing(live, now), frozen=frozen)
        context["differences"] = differences(live.frozen or {}, frozen) if live else []
    return render(request, "scoring/preview.html", context)


def draft_and_live(pk: int) -> tuple[ScoringModel, ScoringModel | None]:
    """In one query, with what was stored of trying the draft."""
    rows = ScoringModel.objects.filter(Q(pk=pk) | Q(state=ModelState.LIVE)).select_related("trial")
    models = {row.pk: row for row in rows}
    if pk not in models:
        raise Http404
    return models[pk], next((row for row in models.values() if row.state == ModelState.LIVE), None)


def told(draft: ScoringModel) -> list[Problem]:
    """What is wrong with it and what to think about, from its rules read once."""
    rules = list(draft.rules.select_related("activity_type", "group"))
    groups = {rule.group for rule in rules if rule.group is not None and rule.group.model_id == draft.pk}
    return problems(draft, groups=sorted(groups, key=lambda group: group.pk), rules=rules)


def numbers(
    trial: Trial | None, request: HttpRequest, *, day: int, frozen: Mapping[str, Any]
) -> dict[str, Any]:
    """The numbers and, once it is complete, the leads behind them."""
    context: dict[str, Any] = {"trial": trial, "places": free_places(day=day)}
    if trial is None or trial.finished_at is None:
        return context
    named = {*trial.newly_hot[:SHOWN], *trial.ending[:SHOWN], *(lead for lead, _was, _now in trial.moved)}
    people = Lead.objects.visible_to(request.user).select_related("company").in_bulk(list(named))
    context["idle"] = whatif.idle_rules(trial, frozen)
    context["newly_hot"] = [people[lead] for lead in trial.newly_hot[:SHOWN] if lead in people]
    context["ending"] = [people[lead] for lead in trial.ending[:SHOWN] if lead in people]
    context["moved"] = [(people[lead], was, now) for lead, was, now in trial.moved if lead in people]
    return context


@require_POST
@open_to(Role.MARKETER)
def attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """Works on the numbers for two seconds; asked again until they are complete. `again` begins anew."""
    (draft, live), now, problem = draft_and_live(pk), clock.now(), ""
    trial: Trial | None = None if "again" in request.POST else getattr(draft, "trial", None)
    frozen: Mapping[str, Any] = {}
    try:
        frozen = freeze(draft)
        trial = whatif.still_good(trial, frozen, live, now=now)
        trial = trial or whatif.begin_trial(draft, now=now, by=request.user)
        trial = whatif.advance(trial, now=now, seconds=SECONDS)
    except LeadqualError as error:
        trial, problem = None, str(error.message)
    if not request.headers.get("HX-Request"):
        if problem:
            messages.error(request, problem)
        return redirect("scoring:preview", pk=pk)
    day = whatif.day_of_publishing(live, now)
    context = {
        "model": draft,
        "live": live,
        "problem": problem,
        **numbers(trial, request, day=day, frozen=frozen),
    }
    return render(request, "scoring/_trial.html", context)


@require_POST
@open_to(Role.MARKETER)
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Begins, and goes on for a moment; the rest is done by the page that shows it, or by the next sweep."""
    (draft, live), now = draft_and_live(pk), clock.now()
    try:
        begun = publishing.begin(
            draft,
            day=whatif.day_of_publishing(live, now),
            now=now,
            by=request.user,
            release_hot=request.POST.get("release") == "on",
        )
        if begun.state == ModelState.LIVE:
            _score_first(request, begun)
        else:
            with suppress(OutOfTime):
                publishing.finish(begun, now=now, until=monotonic() + SECONDS)
    except LeadqualError as error:
        messages.error(request, str(error))
        return redirect("scoring:preview", pk=pk)
    return redirect("scoring:version", pk=pk)


def _score_first(request: HttpRequest, model: ScoringModel) -> None:
    if Lead.objects.count() > AT_ONCE:
        messages.warning(request, _("The model is live; the next daily run gives everybody a score."))
        return
    scored = rescore_due(day=model.published_day or 0, now=clock.now())
    words = ngettext(
        "The model is live: %d lead has a score.",
        "The model is live: %d leads have a score.",
        scored.rescored,
    )
    messages.success(request, words % scored.rescored)


@require_POST
@open_to(Role.MARKETER)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far publishing has come; does some of the work itself, so that who watches does not wait for a sweep."""
    publishing.resume(now=clock.now(), seconds=SECONDS)
    row = get_object_or_404(ScoringModel.objects.defer("frozen"), pk=pk)
    if not request.headers.get("HX-Request"):
        return redirect("scoring:version", pk=pk)
    answer = render(request, "scoring/_progress.html", {"model": row, **how_far(row)})
    if row.build_position is None:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@open_to(Role.MARKETER)
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives up a publication that is still being built."""
    row = get_object_or_404(ScoringModel, pk=pk)
    try:
        publishing.discard(row, now=clock.now())
    except LeadqualError as error:
        messages.error(request, str(error))
        return redirect("scoring:version", pk=pk)
    messages.success(request, _("%s is a draft again.") % row)
    return redirect("scoring:preview", pk=pk)


@require_POST
@open_to(Role.MARKETER)
def release_kept(request: HttpRequest) -> HttpResponse:
    """Hands over the hot leads that were kept back when a model went live."""
    released = release()
    words = ngettext("%d hot lead goes to sales now.", "%d hot leads go to sales now.", len(released))
    messages.success(request, words % len(released))
    return redirect("scoring:live")
