"""What the charts draw, as data: values in per cent or times, and words to print; see `improvement/charts.js`."""

from collections.abc import Iterable, Sequence
from math import inf
from typing import Any

from django.utils.translation import gettext as _

from leadqual.improvement import wording
from leadqual.improvement.bands import Band
from leadqual.improvement.funnel import STAGES, Cohort, Counts, Stage
from leadqual.improvement.rules import RuleReport, Verdict
from leadqual.improvement.scope import Published
from leadqual.improvement.statistics import Rate
from leadqual.improvement.timing import Part, Speed

Chart = dict[str, Any]
ROW, FRAME = 38, 44  # pixels
TONES = {Verdict.HELPS: "good", Verdict.HURTS: "bad"}


def bars(rows: Iterable[tuple[str, Rate]], base: Rate | None = None) -> Chart:
    """A bar for each rate with its interval; grey words where there is not enough data. `base`: a line across."""
    drawn = [_bar(label, rate) for label, rate in rows]
    line = None
    if base is not None and base.enough and base.value is not None:
        line = {"value": base.value * 100, "text": _("all: %s") % wording.percent(base.value)}
    return {"kind": "bars", "rows": drawn, "line": line, "height": FRAME + ROW * len(drawn)}


def _bar(label: str, rate: Rate) -> dict[str, Any]:
    if not rate.enough or rate.interval is None or rate.value is None:
        return {"label": label, "words": wording.rate(rate)}
    return {
        "label": label,
        "value": rate.value * 100,
        "low": rate.interval.low * 100,
        "high": rate.interval.high * 100,
        "text": wording.rate(rate),
    }


def funnel_chart(counts: Counts) -> Chart:
    return bars((str(wording.STAGES[stage]), counts.step(stage)) for stage in STAGES[1:])


def months_chart(rates: Sequence[tuple[Cohort, Rate]], marks: Iterable[Published]) -> Chart:
    """A point for each month with its interval; a line where another version went live."""
    points = [{**_bar(wording.month(cohort.first), rate), "sample": rate.of} for cohort, rate in rates]
    placed = [
        {"at": _place(mark.day, [cohort for cohort, _rate in rates]), "text": mark.name} for mark in marks
    ]
    return {"kind": "months", "rows": points, "marks": placed, "height": 260 + 16 * len(placed)}


def _place(day: int, cohorts: Sequence[Cohort]) -> float:
    """Where a day lies on the axis of months: 1.5 is in the middle of the second."""
    for number, cohort in enumerate(cohorts):
        if cohort.first <= day <= cohort.last:
            return number + (day - cohort.first) / (cohort.last - cohort.first + 1)
    return 0.0


def band_chart(bands: Sequence[Band], base: Rate) -> Chart:
    return bars(((wording.span(band.low, band.high), band.rate) for band in reversed(bands)), base)


def rule_chart(rules: Iterable[RuleReport]) -> Chart:
    rows = [_lift(rule) for rule in rules]
    return {"kind": "lifts", "rows": rows, "height": FRAME + ROW * len(rows)}


def _lift(rule: RuleReport) -> dict[str, Any]:
    value, interval = rule.lift.value, rule.lift.interval
    if not rule.lift.enough or value is None or interval is None:
        return {"label": rule.name, "words": f"{_('not enough data')} ({wording.out_of(rule.fired.rate)})"}
    return {
        "label": rule.name,
        "value": value,
        "low": interval.low,
        "high": None if interval.high == inf else interval.high,
        "text": f"{wording.times(value)} ({wording.out_of(rule.fired.rate)})",
        "tone": TONES.get(rule.verdict, ""),
    }


def timing_chart(parts: Sequence[Part], verdict: str, *, in_days: bool = False) -> Chart:
    words = wording.days if in_days else wording.span
    return bars((words(part.low, part.high), part.verdicts.rate(verdict)) for part in parts)


def speed_chart(speeds: Sequence[Speed], base: Rate) -> Chart:
    return bars(((wording.days(speed.low, speed.high), speed.leads.rate) for speed in speeds), base)


def before_and_after(before: Rate, after: Rate | None) -> Chart:
    rows = [(_("before the change"), before)] + (
        [(_("after the change"), after)] if after is not None else []
    )
    return bars(rows)


def stage_rate(cohorts: Sequence[Cohort], stage: Stage) -> list[tuple[Cohort, Rate]]:
    """By month: for won, of the decided, so that what is still open does not look lost; else of the stage before."""
    return [
        (cohort, cohort.counts.decided if stage == Stage.WON else cohort.counts.step(stage))
        for cohort in cohorts
    ]
