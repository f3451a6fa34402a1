"""PDCA cycles: list, plan, and the steps from one state to the next."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadqual.common import clock
from leadqual.common.access import Role, open_to
from leadqual.common.errors import LeadqualError
from leadqual.improvement import charts, cycles, wording
from leadqual.improvement.forms import CycleForm, DecisionForm
from leadqual.improvement.models import CycleSave, CycleState, PdcaCycle
from leadqual.improvement.statistics import Finding

SHOWN = 100
HISTORY = 50
FIRST_SHOWN = ("title", "metric", "before", "state")  # of the line that says what was planned


def found(pk: int) -> PdcaCycle:
    rows = PdcaCycle.objects.select_related("owner", "segment", "model").defer("model__frozen")
    return get_object_or_404(rows, pk=pk)


@require_safe
@open_to(Role.MARKETER)
def cycle_list(request: HttpRequest) -> HttpResponse:
    rows = PdcaCycle.objects.select_related("owner", "model").defer("model__frozen")[:SHOWN]
    today = clock.date_of(clock.today())
    shown = [
        {
            "cycle": cycle,
            "before": cycles.before(cycle),
            "after": cycles.after(cycle),
            "overdue": cycle.due < today and cycle.state != CycleState.ACT,
        }
        for cycle in rows
    ]
    return render(request, "improvement/cycles.html", {"rows": shown})


@require_safe
@open_to(Role.MARKETER)
def cycle(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, found(pk), DecisionForm())


def _page(request: HttpRequest, row: PdcaCycle, deciding: DecisionForm) -> HttpResponse:
    before, after, compared = cycles.before(row), cycles.after(row), cycles.comparison(row)
    context = {
        "cycle": row,
        "before": before,
        "after": after,
        "compared": compared,
        "sentence": comparison_sentence(row),
        "chart": charts.before_and_after(before.rate, after.rate if after else None) if before else None,
        "states": CycleState.choices,
        "deciding": deciding,
        "saves": [saved(each) for each in row.saves.select_related("by")[:HISTORY]],
    }
    return render(request, "improvement/cycle.html", context)


def comparison_sentence(row: PdcaCycle) -> str:
    compared = cycles.comparison(row)
    if compared is None:
        return ""
    if compared.ratio is None:
        return _("There is not enough data yet to compare before and after.")
    ratio = wording.times_range(compared.ratio)
    if compared.finding == Finding.NO_DIFFERENCE:
        return _("No difference is seen: after is %s times before.") % ratio
    if compared.better:
        return _("It became better: after is %s times before.") % ratio
    return _("It became worse: after is %s times before.") % ratio


def saved(save: CycleSave) -> dict[str, Any]:
    """One line of the history: who, when, and each field with what it was and is."""
    names = {"before": _("before the change"), "after": _("after the change")}
    words: dict[str, dict[str, str]] = {}
    for field in PdcaCycle._meta.concrete_fields:
        names.setdefault(field.name, str(field.verbose_name))
        words[field.name] = {str(key): str(label) for key, label in field.flatchoices if key != ""}
    planned = save.changed.get("state", [None])[0] == ""
    changed = [
        (names.get(name, name), *(words.get(name, {}).get(value, value) for value in values))
        for name, values in save.changed.items()
        if any(values) and (name in FIRST_SHOWN or not planned)
    ]
    return {"save": save, "changed": changed}


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.MARKETER)
def cycle_new(request: HttpRequest) -> HttpResponse:
    form = CycleForm(
        request.POST or None, initial={"owner": request.user.pk, "model": request.GET.get("model")}
    )
    if request.method == "POST" and form.is_valid():
        row = cycles.open_cycle(form.cleaned_data, now=clock.now(), by=request.user)
        baseline = cycles.before(row)
        assert baseline is not None
        messages.success(request, _("Planned. Before the change: %s.") % wording.rate(baseline.rate))
        return redirect("improvement:cycle", pk=row.pk)
    return render(request, "improvement/cycle_form.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.MARKETER)
def cycle_edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = found(pk)
    form = CycleForm(request.POST or None, instance=PdcaCycle.objects.get(pk=pk))
    if request.method == "POST" and form.is_valid():
        try:
            cycles.change_cycle(row, form.cleaned_data, now=clock.now(), by=request.user)
        except LeadqualError as error:
            form.add_error(error.place, str(error.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("improvement:cycle", pk=pk)
    return render(request, "improvement/cycle_form.html", {"form": form, "cycle": row})


STEPS = {"before": cycles.measure_before, "start": cycles.start, "after": cycles.measure_after}


@require_POST
@open_to(Role.MARKETER)
def cycle_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Measure before, make the change, measure after."""
    row = found(pk)
    try:
        row = STEPS[step](row, now=clock.now(), by=request.user)
    except LeadqualError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _told(row, step))
    return redirect("improvement:cycle", pk=pk)


def _told(row: PdcaCycle, step: str) -> str:
    if step == "start":
        return _("The change counts from %s.") % wording.day(row.started_day or 0)
    measured = cycles.after(row) if step == "after" else cycles.before(row)
    return _("Measured: %s.") % (wording.rate(measured.rate) if measured else "")


@require_POST
@open_to(Role.MARKETER)
def cycle_decide(request: HttpRequest, pk: int) -> HttpResponse:
    row, form = found(pk), DecisionForm(request.POST)
    if form.is_valid():
        try:
            cycles.decide(row, **form.cleaned_data, now=clock.now(), by=request.user)
        except LeadqualError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The decision is recorded."))
            return redirect("improvement:cycle", pk=pk)
    return _page(request, row, form)
