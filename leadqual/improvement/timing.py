"""Was the timing right? What reps said, against the score and against the days a lead waited after it became hot."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from handoff.models import Timing
from leadqual.improvement.bands import cut
from leadqual.improvement.judgements import Judged, Tally, tally
from leadqual.improvement.statistics import Finding, Interval, Rate, compare, median, median_interval


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How often reps said each, out of those who said anything."""

    too_early: int
    right: int
    too_late: int

    @property
    def said(self) -> int:
        return self.too_early + self.right + self.too_late

    def rate(self, timing: str) -> Rate:
        return Rate(getattr(self, timing), self.said)

    @property
    def rates(self) -> Sequence[Rate]:
        return [self.rate(each) for each in Timing.values]


@dataclass(frozen=True, slots=True)
class Part:
    """Leads whose score, or whose wait in days, was `low` .. `high`."""

    low: int
    high: int
    verdicts: Verdicts


@dataclass(frozen=True, slots=True)
class Middle:
    """Of the leads that got this verdict: the median score and the median wait in days."""

    timing: str
    leads: int
    score: float | None
    score_interval: Interval | None
    waited: float | None
    waited_interval: Interval | None


@dataclass(frozen=True, slots=True)
class TimingReport:
    all: Verdicts
    silent: int  # handed over, nothing said about the timing
    by_score: Sequence[Part]
    by_wait: Sequence[Part]
    middles: Sequence[Middle]

    @property
    def early(self) -> Finding:
        """How often high scores came too early, against low ones."""
        return _upper_against_lower(self.by_score, Timing.TOO_EARLY)

    @property
    def late(self) -> Finding:
        """How often long waits came too late, against short ones."""
        return _upper_against_lower(self.by_wait, Timing.TOO_LATE)


def _upper_against_lower(parts: Sequence[Part], verdict: str) -> Finding:
    half = len(parts) // 2
    upper, lower = parts[len(parts) - half :], parts[:half]
    return compare(_together(upper, verdict), _together(lower, verdict))


def _together(parts: Sequence[Part], verdict: str) -> Rate:
    rates = [part.verdicts.rate(verdict) for part in parts]
    return Rate(sum(rate.hits for rate in rates), sum(rate.of for rate in rates))


def timing(rows: Sequence[Judged]) -> TimingReport:
    said = [row for row in rows if row.timing]
    return TimingReport(
        all=verdicts(said),
        silent=len(rows) - len(said),
        by_score=[
            Part(part[0].score, part[-1].score, verdicts(part))
            for part in cut(said, lambda row: row.score, counted=len(said))
        ],
        by_wait=[
            Part(part[0].waited, part[-1].waited, verdicts(part))
            for part in cut(said, lambda row: row.waited, counted=len(said))
        ],
        middles=[_middle(each.value, [row for row in said if row.timing == each]) for each in Timing],
    )


def verdicts(rows: Iterable[Judged]) -> Verdicts:
    counts = dict.fromkeys(Timing.values, 0)
    for row in rows:
        if row.timing:
            counts[row.timing] += 1
    return Verdicts(**counts)


def _middle(verdict: str, rows: Sequence[Judged]) -> Middle:
    scores, waits = [row.score for row in rows], [row.waited for row in rows]
    return Middle(
        verdict, len(rows), median(scores), median_interval(scores), median(waits), median_interval(waits)
    )


# Days from the first offer until the rep took the lead on: up to and including.
SPEEDS = (0, 1, 3, 7)


@dataclass(frozen=True, slots=True)
class Speed:
    """Taken on `low` .. `high` days after the first offer; no `high`: later still; no `low`: never taken on."""

    low: int | None
    high: int | None
    leads: Tally


def by_speed(rows: Sequence[Judged]) -> Sequence[Speed]:
    """Who was called sooner may have been the better lead: a hint, no proof."""
    found, low = [], 0
    for high in (*SPEEDS, None):
        part = [
            row
            for row in rows
            if row.accepted_after is not None
            and low <= row.accepted_after
            and (high is None or row.accepted_after <= high)
        ]
        found.append(Speed(low, high, tally(part)))
        low = (high or 0) + 1
    return [*found, Speed(None, None, tally(row for row in rows if row.accepted_after is None))]
