"""The reports: one page each, with the leads they are about chosen above."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from leadqual.common.access import EVERYBODY, Role, open_to
from leadqual.improvement import charts, wording
from leadqual.improvement.answers import answers_by_rep
from leadqual.improvement.bands import by_score
from leadqual.improvement.forms import ScopeForm
from leadqual.improvement.funnel import Stage, funnel, stages_of
from leadqual.improvement.judgements import judged, tally
from leadqual.improvement.models import CycleState, PdcaCycle
from leadqual.improvement.rules import by_rule
from leadqual.improvement.scope import Scope, judging_models, published_among
from leadqual.improvement.timing import by_speed, timing

OPEN_CYCLES = 3


def asked(request: HttpRequest, *, by_version: bool) -> tuple[Scope, dict[str, Any]]:
    """The leads that the reader wants to see, and what every report's page needs. Two queries."""
    models = list(judging_models())
    form = ScopeForm(request.GET.dict(), models=models, by_version=by_version)
    scope = form.scope()
    context = {
        "filters": form,
        "scope": scope,
        "marks": published_among(models, scope),
        "enough": wording.enough_rule(),
        "query": request.GET.urlencode(),
    }
    return scope, context


@require_safe
@open_to(Role.MARKETER)
def home(request: HttpRequest) -> HttpResponse:
    scope, context = asked(request, by_version=False)
    report = funnel(scope)
    hot, won = (charts.stage_rate(report.cohorts, stage) for stage in (Stage.HOT, Stage.WON))
    context |= {
        "report": report,
        "stages": stages_of(report.all),
        "labels": wording.STAGES,
        "funnel_chart": charts.funnel_chart(report.all),
        "hot_chart": charts.months_chart(hot, context["marks"]),
        "won_chart": charts.months_chart(won, context["marks"]),
        "cycles": PdcaCycle.objects.exclude(state=CycleState.ACT).select_related("owner")[:OPEN_CYCLES],
    }
    return render(request, "improvement/home.html", context)


@require_safe
@open_to(Role.MARKETER)
def scores(request: HttpRequest) -> HttpResponse:
    scope, context = asked(request, by_version=True)
    report = by_score(judged(scope) if scope.model else [])
    context |= {
        "report": report,
        "tally": report.all,
        "finding": wording.band_sentence(report.finding),
        "chart": charts.band_chart(report.bands, report.all.rate),
    }
    return render(request, "improvement/scores.html", context)


@require_safe
@open_to(Role.MARKETER)
def rules(request: HttpRequest) -> HttpResponse:
    scope, context = asked(request, by_version=True)
    if scope.model is not None:
        report = by_rule(judged(scope), scope.model)
        context |= {
            "report": report,
            "tally": report.base,
            "verdicts": wording.VERDICTS,
            "chart": charts.rule_chart(report.rules),
        }
    return render(request, "improvement/rules.html", context)


@require_safe
@open_to(Role.MARKETER)
def timings(request: HttpRequest) -> HttpResponse:
    scope, context = asked(request, by_version=True)
    rows = judged(scope) if scope.model else []
    report, speeds, leads = timing(rows), by_speed(rows), tally(rows)
    context |= {
        "report": report,
        "speeds": speeds,
        "tally": leads,
        "labels": wording.TIMINGS,
        "early": wording.early_sentence(report.early),
        "late": wording.late_sentence(report.late),
        "early_chart": charts.timing_chart(report.by_score, "too_early"),
        "late_chart": charts.timing_chart(report.by_wait, "too_late", in_days=True),
        "speed_chart": charts.speed_chart(speeds, leads.rate),
    }
    return render(request, "improvement/timings.html", context)


@require_safe
@open_to(*EVERYBODY)
def answers(request: HttpRequest) -> HttpResponse:
    """Marketers see all reps, a team's manager those of the team, a rep their own line."""
    scope, context = asked(request, by_version=False)
    reps = answers_by_rep(scope, user=request.user)
    context |= {
        "reps": reps,
        "due": sum(each.answers.due for each in reps),
        "unanswered": sum(each.answers.unanswered for each in reps),
    }
    return render(request, "improvement/answers.html", context)
