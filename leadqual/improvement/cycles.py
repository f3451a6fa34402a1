"""A PDCA cycle from plan to decision. Values come from the reports; each save leaves one line of history."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.common.names import person_name
from leadqual.improvement.metrics import FALLING, Metric, measure
from leadqual.improvement.models import CycleSave, CycleState, Decision, PdcaCycle
from leadqual.improvement.scope import Scope
from leadqual.improvement.statistics import Finding, Interval, Rate, compare, ratio_of_rates

BASELINE_DAYS = 180
PLANNED = ("title", "step", "hypothesis", "change", "model", "segment", "owner", "metric", "due")
MEASURED = ("hits", "of", "first", "last")


@dataclass(frozen=True, slots=True)
class Measurement:
    """The days are inclusive."""

    rate: Rate
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """After against before; `ratio` is after : before."""

    finding: Finding
    better: bool | None
    ratio: Interval | None


def before(cycle: PdcaCycle) -> Measurement | None:
    return _stored(cycle, "before")


def after(cycle: PdcaCycle) -> Measurement | None:
    return _stored(cycle, "after")


def comparison(cycle: PdcaCycle) -> Comparison | None:
    one, other = before(cycle), after(cycle)
    if one is None or other is None:
        return None
    finding = compare(other.rate, one.rate)
    better = None
    if finding in (Finding.HIGHER, Finding.LOWER):
        better = (finding == Finding.HIGHER) != (cycle.metric in FALLING)
    ratio = ratio_of_rates(other.rate, one.rate) if finding != Finding.NOT_ENOUGH else None
    return Comparison(finding, better, ratio)


def open_cycle(values: Mapping[str, Any], *, now: datetime, by: Any = None) -> PdcaCycle:
    """A plan with its baseline, measured at once over the last `BASELINE_DAYS`."""
    with transaction.atomic():
        cycle = PdcaCycle(**{name: values[name] for name in PLANNED if name in values}, created_at=now)
        _measure(cycle, "before", *_baseline_days(clock.day_of(now)))
        cycle.save()
        _log(cycle, {}, now=now, by=by)
    return cycle


def change_cycle(cycle: PdcaCycle, values: Mapping[str, Any], *, now: datetime, by: Any = None) -> PdcaCycle:
    """What is measured, and of whom, is fixed once the change is made: else before and after would differ."""
    with _held(cycle, now=now, by=by) as row:
        for name in PLANNED:
            if name in values and values[name] != getattr(row, name):
                if name in ("metric", "segment") and row.state != CycleState.PLAN:
                    raise LeadqualError(
                        "measured_already", _("what is measured stays as it was before the change"), name
                    )
                setattr(row, name, values[name])
                if name in ("metric", "segment"):
                    _measure(row, "before", *_baseline_days(clock.day_of(now)))
    return row


def measure_before(
    cycle: PdcaCycle, *, now: datetime, by: Any = None, first: int | None = None, last: int | None = None
) -> PdcaCycle:
    """The baseline anew, up to yesterday unless said otherwise; only while it is a plan."""
    usual = _baseline_days(clock.day_of(now))
    with _held(cycle, now=now, by=by) as row:
        _need(row, CycleState.PLAN)
        _measure(row, "before", usual[0] if first is None else first, usual[1] if last is None else last)
    return row


def start(cycle: PdcaCycle, *, now: datetime, by: Any = None) -> PdcaCycle:
    """The change is made. From the day its version went live, if it has one that did; else from today."""
    today = clock.day_of(now)
    with _held(cycle, now=now, by=by) as row:
        _need(row, CycleState.PLAN)
        if not row.change.strip():
            raise LeadqualError("no_change", _("say what was changed"), "change")
        live_since = row.model.published_day if row.model else None
        row.started_day = today if live_since is None else live_since
        baseline = before(row)
        if baseline is None or baseline.last >= row.started_day:
            _measure(row, "before", row.started_day - BASELINE_DAYS, row.started_day - 1)
        row.state = CycleState.DO
    return row


def measure_after(cycle: PdcaCycle, *, now: datetime, by: Any = None, last: int | None = None) -> PdcaCycle:
    """From the day of the change to today, or to `last`; may be done again until it is decided."""
    with _held(cycle, now=now, by=by) as row:
        _need(row, CycleState.DO, CycleState.CHECK)
        assert row.started_day is not None
        _measure(row, "after", row.started_day, clock.day_of(now) if last is None else last)
        row.state = CycleState.CHECK
    return row


def decide(cycle: PdcaCycle, decision: str, *, learnt: str = "", now: datetime, by: Any = None) -> PdcaCycle:
    with _held(cycle, now=now, by=by) as row:
        _need(row, CycleState.CHECK)
        if not decision or decision not in Decision.values:
            raise LeadqualError("not_a_choice", _("say whether to keep the change"), "decision")
        row.decision, row.learnt, row.state = decision, learnt.strip(), CycleState.ACT
    return row


def _baseline_days(today: int) -> tuple[int, int]:
    return today - BASELINE_DAYS, today - 1


def _measure(cycle: PdcaCycle, name: str, first: int, last: int) -> None:
    if last < first:
        raise LeadqualError("empty_period", _("the last day is before the first"), "last")
    rate = measure(Metric(cycle.metric), Scope(first, last, segment=cycle.segment))
    for part, value in zip(MEASURED, (rate.hits, rate.of, first, last), strict=True):
        setattr(cycle, f"{name}_{part}", value)


def _stored(cycle: PdcaCycle, name: str) -> Measurement | None:
    hits, of, first, last = (getattr(cycle, f"{name}_{part}") for part in MEASURED)
    return None if of is None else Measurement(Rate(hits, of), first, last)


def _need(cycle: PdcaCycle, *states: CycleState) -> None:
    if cycle.state not in states:
        raise LeadqualError("wrong_state", _("this cycle stands at: %s") % cycle.get_state_display(), "state")


@contextmanager
def _held(cycle: PdcaCycle, *, now: datetime, by: Any) -> Iterator[PdcaCycle]:
    """The cycle as it stands, nobody else changing it; saved with its line when something differs."""
    with transaction.atomic():
        row = PdcaCycle.objects.select_for_update().get(pk=cycle.pk)
        was = shown(row)
        yield row
        row.save()
        _log(row, was, now=now, by=by)


def _log(row: PdcaCycle, was: Mapping[str, str], *, now: datetime, by: Any) -> None:
    changed = {name: [was.get(name, ""), new] for name, new in shown(row).items() if was.get(name, "") != new}
    if changed:
        CycleSave.objects.create(cycle=row, at=now, by=by, state=row.state, changed=changed)


def shown(cycle: PdcaCycle) -> dict[str, str]:
    """What the history remembers, as text that no later change of names touches. Choices keep their keys."""
    texts = {name: "" if (value := getattr(cycle, name)) is None else str(value) for name in PLANNED}
    texts["owner"] = person_name(cycle.owner) if cycle.owner else ""
    texts |= {"state": str(cycle.state), "decision": str(cycle.decision), "learnt": cycle.learnt}
    for name in ("before", "after"):
        if measured := _stored(cycle, name):
            days = f"{clock.date_of(measured.first)} – {clock.date_of(measured.last)}"
            texts[name] = f"{measured.rate.hits}/{measured.rate.of}, {days}"
    return texts
