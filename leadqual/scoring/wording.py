"""An explanation in sentences, and as data for programs."""

from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadqual.common import clock
from leadqual.scoring.evaluator import Cut, Line
from leadqual.scoring.explaining import Explanation
from leadqual.scoring.models import Axis, RuleKind


def sentences(told: Explanation) -> list[str]:
    """Everything there is to say, the lines first."""
    said = [_heading(told)]
    if told.before_first_model:
        said.append(
            _("No model was live on that day; this is how %(model)s, live since %(day)s, would have seen it.")
            % {"model": model_name(told), "day": long_date(told.first_live_day)}
        )
    if told.exists_since is not None:
        said.append(
            _("On that day the lead did not exist yet: it is known since %s.") % long_date(told.exists_since)
        )
        return said
    said += [line_sentence(told, line) for line in told.lines]
    said += [cut_sentence(cut) for cut in told.cuts]
    return said + to_hot(told)


def _heading(told: Explanation) -> str:
    return _("%(total)d points on %(day)s under %(model)s: fit %(fit)d, engagement %(engagement)d") % {
        "total": told.total,
        "day": long_date(told.day),
        "model": model_name(told),
        "fit": told.fit,
        "engagement": told.engagement,
    }


def model_name(told: Explanation) -> str:
    return f"{told.model.name} {told.model.version}"


def line_sentence(told: Explanation, line: Line) -> str:
    """“Pricing page, 3 times, 2 days ago: +18, falls to +9 on 12 December”."""
    values = {"rule": line.rule.name, "points": signed(line.points)}
    if line.rule.kind == RuleKind.ATTRIBUTE:
        return _("%(rule)s: %(points)s") % values
    assert line.last_day is not None
    if line.rule.kind == RuleKind.INACTIVITY:
        return _("%(rule)s, silent since %(day)s: %(points)s") % {**values, "day": long_date(line.last_day)}
    times = ngettext("once", "%(count)d times", line.count) % {"count": line.count}
    said = _("%(rule)s, %(times)s, %(ago)s: %(points)s") % {
        **values, "times": times, "ago": ago(told.day - line.last_day)
    }  # fmt: skip
    return said if line.next_day is None else said + _then(told, line, line.next_day)


def _then(told: Explanation, line: Line, day: int) -> str:
    points = told.falls_to(line)
    if points == 0:
        return _(", ends on %s") % long_date(day)
    if points < line.points:
        return _(", falls to %(points)s on %(day)s") % {"points": signed(points), "day": long_date(day)}
    return _(", rises to %(points)s on %(day)s") % {"points": signed(points), "day": long_date(day)}


def cut_sentence(cut: Cut) -> str:
    if cut.points < 0:
        return _("%(group)s counts at most %(limit)d: %(points)s") % {
            "group": cut.group.name, "limit": cut.group.cap, "points": signed(cut.points)
        }  # fmt: skip
    return _("%(group)s counts at least %(limit)d: %(points)s") % {
        "group": cut.group.name, "limit": cut.group.floor, "points": signed(cut.points)
    }  # fmt: skip


def to_hot(told: Explanation) -> list[str]:
    """What is missing; nothing is said where the lead has it all."""
    said = []
    if told.missing_points:
        said.append(
            ngettext("%(points)d point is missing to hot (%(hot_at)d)",
                     "%(points)d points are missing to hot (%(hot_at)d)", told.missing_points)
            % {"points": told.missing_points, "hot_at": told.model.hot_at}
        )  # fmt: skip
    gate, state = told.model.gate, told.gate
    if gate.strong_within is not None and state.last_strong is None:
        said.append(_("The gate asks for a strong act within %d days: there is none") % gate.strong_within)
    if gate.active_days is not None and state.active_days < gate.active_days:
        said.append(
            _(
                "The gate asks for acts on %(days)d different days within %(within)d days: there are %(active)d"
            )
            % {"days": gate.active_days, "within": gate.active_within, "active": state.active_days}
        )
    return said


def ago(days: int) -> str:
    if days == 0:
        return _("today")
    return ngettext("yesterday", "%(days)d days ago", days) % {"days": days}


def signed(points: int) -> str:
    return f"{points:+d}".replace("-", "−")


def long_date(day: int) -> str:
    return formats.date_format(clock.date_of(day), _("j F Y"))


def as_json(told: Explanation) -> dict[str, Any]:
    """`lines` add up to `total`: one per rule, one of kind `cut` per group that was cut."""
    gate, state = told.model.gate, told.gate
    return {
        "day": clock.date_of(told.day).isoformat(),
        "model": told.model.name,
        "version": told.model.version,
        "exists": told.exists_since is None,
        "total": told.total,
        "fit": told.fit,
        "engagement": told.engagement,
        "band": told.band,
        "lines": [_line_json(told, line) for line in told.lines] + [_cut_json(cut) for cut in told.cuts],
        "gate": {
            "passed": state.passed,
            "strong_within": gate.strong_within,
            "last_strong": _iso(state.last_strong),
            "active_days_asked": gate.active_days,
            "active_within": gate.active_within,
            "active_days": state.active_days,
        },
        "to_hot": {"missing_points": told.missing_points, "sentences": to_hot(told)},
        "sentences": sentences(told),
    }


def _line_json(told: Explanation, line: Line) -> dict[str, Any]:
    return {
        "rule": line.rule.name,
        "kind": line.rule.kind.value,
        "group": line.rule.group.name,
        "axis": line.rule.group.axis.value,
        "count": line.count,
        "points": line.points,
        "last_day": _iso(line.last_day),
        "next_day": _iso(line.next_day),
        "next_points": None if line.next_day is None else told.falls_to(line),
    }


def _cut_json(cut: Cut) -> dict[str, Any]:
    axis: Axis = cut.group.axis
    return {
        "rule": None, "kind": "cut", "group": cut.group.name, "axis": axis.value, "count": 0, "points": cut.points,
    }  # fmt: skip


def _iso(day: int | None) -> str | None:
    return None if day is None else clock.date_of(day).isoformat()
