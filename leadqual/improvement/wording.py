"""Rates, intervals and findings in words and figures, alike in pages, charts and files."""

from math import inf

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from handoff.models import Timing
from leadqual.common import clock
from leadqual.improvement.funnel import Stage
from leadqual.improvement.rules import Verdict
from leadqual.improvement.statistics import LEAST_DECIDED, LEAST_EXPECTED, Finding, Interval, Lift, Rate

STAGES = {
    Stage.NEW: gettext_lazy("new leads"),
    Stage.HOT: gettext_lazy("became hot"),
    Stage.HANDED_OVER: gettext_lazy("handed over"),
    Stage.ACCEPTED: gettext_lazy("accepted by sales"),
    Stage.OPPORTUNITY: gettext_lazy("opportunity"),
    Stage.WON: gettext_lazy("won"),
}
VERDICTS = {
    Verdict.NOT_ENOUGH: gettext_lazy("not enough data"),
    Verdict.NO_DIFFERENCE: gettext_lazy("no difference seen"),
    Verdict.HELPS: gettext_lazy("helps"),
    Verdict.HURTS: gettext_lazy("hurts"),
}
TIMINGS = {timing.value: timing.label for timing in Timing}


def percent(share: float) -> str:
    """Whole percents; a tenth where the share is small."""
    return f"{number_format(share * 100, 1 if 0 < share < 0.0995 else 0)}%"


def percent_range(interval: Interval) -> str:
    return _("%(low)s to %(high)s") % {"low": percent(interval.low), "high": percent(interval.high)}


def out_of(rate: Rate) -> str:
    return _("%(hits)s of %(of)s") % {"hits": count(rate.hits), "of": count(rate.of)}


def count(number: int) -> str:
    return number_format(number, use_l10n=True, force_grouping=True)


def rate(value: Rate) -> str:
    """With its sample; words instead of a share where the sample is too small for one."""
    if not value.of:
        return _("none")
    shown = percent(value.hits / value.of) if value.enough else _("not enough data")
    return f"{shown} ({out_of(value)})"


def times(ratio: float) -> str:
    return "∞" if ratio == inf else number_format(ratio, 2 if ratio < 10 else 0)


def times_range(interval: Interval) -> str:
    return _("%(low)s to %(high)s") % {"low": times(interval.low), "high": times(interval.high)}


def lift(value: Lift) -> str:
    if not value.enough or value.value is None or value.interval is None:
        return _("not enough data")
    return _("%(times)s times (%(range)s)") % {
        "times": times(value.value),
        "range": times_range(value.interval),
    }


def span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}–{high}"


def days(low: int | None, high: int | None) -> str:
    """Days that something took, in words."""
    if low is None:
        return _("never accepted")
    if high is None:
        return _("%s days or more") % low
    if high == 0:
        return _("the same day")
    return ngettext("%s day", "%s days", high) % span(low, high)


def day(number: int, format: str = "DATE_FORMAT") -> str:
    return date_format(clock.date_of(number), format)


def month(first: int) -> str:
    return date_format(clock.date_of(first), pgettext("format of a month", "M Y"))


def enough_rule() -> str:
    """When nothing is said, and why."""
    return _(
        "A rate is shown from %(decided)s decided leads on. Two groups are compared when each has that many and at "
        "least %(expected)s of either outcome would be expected in each if there were no difference."
    ) % {"decided": LEAST_DECIDED, "expected": int(LEAST_EXPECTED)}


def early_sentence(finding: Finding) -> str:
    return {
        Finding.NOT_ENOUGH: _("There is not enough data yet to compare low and high scores."),
        Finding.NO_DIFFERENCE: _("No difference is seen between low and high scores."),
        Finding.HIGHER: _(
            "High scores came too early more often: points alone do not mean that they are ready."
        ),
        Finding.LOWER: _(
            "Low scores came too early more often: a higher threshold would spare sales these calls."
        ),
    }[finding]


def late_sentence(finding: Finding) -> str:
    return {
        Finding.NOT_ENOUGH: _("There is not enough data yet to compare short and long waits."),
        Finding.NO_DIFFERENCE: _("No difference is seen between short and long waits."),
        Finding.HIGHER: _("Leads that waited longer came too late more often: hand them over faster."),
        Finding.LOWER: _(
            "Leads that waited longer came too late less often: they do not suffer from the wait."
        ),
    }[finding]


def band_sentence(finding: Finding) -> str:
    return {
        Finding.NOT_ENOUGH: _("There is not enough data yet to say whether higher scores bring more sales."),
        Finding.NO_DIFFERENCE: _("No difference is seen between leads with higher and with lower scores."),
        Finding.HIGHER: _("Leads with higher scores bought more often: the score sorts well."),
        Finding.LOWER: _("Leads with higher scores bought less often: the score sorts the wrong way round."),
    }[finding]
