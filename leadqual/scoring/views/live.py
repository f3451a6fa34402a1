"""The live model in words with what its rules do now, and any version with what it changed."""

from typing import Any

from django.contrib import messages
from django.db.models import Case, Count, F, Q, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leadqual.common import clock
from leadqual.common.access import Role, open_to
from leadqual.leads.models import Lead
from leadqual.scoring import building
from leadqual.scoring.compiled import compiled
from leadqual.scoring.differences import differences
from leadqual.scoring.distribution import distribution
from leadqual.scoring.firing import Fired, Firing, firing
from leadqual.scoring.freezing import freeze
from leadqual.scoring.model_words import ModelWords, model_words
from leadqual.scoring.models import EndedReason, ModelState, OpenedReason, Qualification, ScoringModel
from leadqual.scoring.publishing import draft_from

VERSIONS = 30
# However many drafts there are, what is live is among those shown.
BY_STATE = Case(
    When(state=ModelState.LIVE, then=Value(0)),
    When(state=ModelState.BUILDING, then=Value(1)),
    When(state=ModelState.DRAFT, then=Value(2)),
    default=Value(3),
)


@require_safe
@open_to(Role.MARKETER)
def live(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    versions = list(
        ScoringModel.objects.select_related("by", "based_on")
        .defer("frozen", "based_on__frozen")
        .order_by(BY_STATE, F("published_at").desc(nulls_last=True), "-created_at", "-pk")[:VERSIONS]
    )
    row = next((each for each in versions if each.state == ModelState.LIVE), None)
    context: dict[str, Any] = {
        "versions": versions,
        "building": next((each for each in versions if each.state == ModelState.BUILDING), None),
        "drafts": [each for each in versions if each.state == ModelState.DRAFT],
    }
    if row is not None:
        rules = compiled(ScoringModel.objects.get(pk=row.pk))
        words = model_words(frozen_of(row))
        day = row.as_of if row.as_of is not None else clock.day_of(now)
        counted = firing(rules, day=day, now=now)
        open_ones = Qualification.objects.filter(ended_day=None)
        context |= {
            "model": row,
            "words": words,
            "groups": with_firing(words, counted),
            "counted_at": counted.at,
            "distribution": distribution(row),
            "hot": open_ones.aggregate(all=Count("pk"), kept=Count("pk", filter=Q(released=False))),
            "day": clock.date_of(day),
            "overdue": row.review_date is not None and row.review_date < clock.date_of(clock.day_of(now)),
        }
    return render(request, "scoring/live.html", context)


def frozen_of(row: ScoringModel) -> dict[str, Any]:
    """What a version says: what it froze, or what the draft says now."""
    return freeze(row) if row.frozen is None else dict(row.frozen)


def with_firing(words: ModelWords, counted: Firing) -> list[dict[str, Any]]:
    return [
        {
            "group": group,
            "rules": [
                (rule, counted.by_rule.get(rule.id, Fired()), counted.share(rule.id)) for rule in group.rules
            ],
        }
        for group in words.groups
    ]


@require_safe
@open_to(Role.MARKETER)
def version(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(ScoringModel.objects.select_related("by", "based_on"), pk=pk)
    frozen = frozen_of(row)
    before = row.based_on or (
        ScoringModel.objects.filter(name=row.name, version__lt=row.version, frozen__isnull=False)
        .order_by("-version")
        .first()
    )
    context = {
        "model": row,
        "words": model_words(frozen),
        "before": before,
        "differences": differences(frozen_of(before), frozen) if before else [],
        "outcome": outcome(row) if row.published_at else None,
        **how_far(row),
    }
    return render(request, "scoring/version.html", context)


def how_far(row: ScoringModel) -> dict[str, int]:
    """While it is on its way to being live: leads done, of all."""
    if row.build_position is None:
        return {"done": 0, "of": 0}
    done = Lead.objects.filter(pk__lte=row.build_position)
    return {"done": done.count(), "of": Lead.objects.count()}


def outcome(row: ScoringModel) -> dict[str, int]:
    """What became of publishing: whom the model made hot, whom it cooled, who still waits for release."""
    own = Qualification.objects.filter(model=row, opened_reason=OpenedReason.PUBLISH)
    opened = own.aggregate(all=Count("pk"), kept=Count("pk", filter=Q(released=False, ended_day=None)))
    ended = Qualification.objects.filter(
        ended_reason=EndedReason.MODEL, ended_day__gte=building.built_for(row), ended_at__gte=row.published_at
    )
    if row.retired_at is not None:
        ended = ended.filter(ended_at__lt=row.retired_at)
    return {"opened": opened["all"], "kept": opened["kept"], "ended": ended.count()}


@require_POST
@open_to(Role.MARKETER)
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """What is published is never edited: a draft based on it is."""
    row = get_object_or_404(ScoringModel, pk=pk)
    if row.state == ModelState.DRAFT:
        return redirect("admin:scoring_scoringmodel_change", row.pk)
    made = draft_from(row, by=request.user)
    messages.success(request, _("%(draft)s is a draft based on %(model)s.") % {"draft": made, "model": row})
    return redirect("admin:scoring_scoringmodel_change", made.pk)
