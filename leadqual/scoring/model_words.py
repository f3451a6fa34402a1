"""A model in words: each rule a sentence, told from what the model froze, so that a version of old says what it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from leadqual.scoring.models import Axis, LimitPeriod, RuleKind
from leadqual.scoring.wording import signed
from segments.conditions import parse_frozen, parse_where, sentences, where_words


@dataclass(frozen=True, slots=True)
class RuleWords:
    """`what` earns the points, `details` say how often and how long they count."""

    id: int
    name: str
    kind: str
    points: int
    what: str
    details: tuple[str, ...] = ()

    @property
    def signed(self) -> str:
        return signed(self.points)

    @property
    def said(self) -> str:
        """What earns the points, how often and how long."""
        return pgettext("between details", ", ").join((self.what, *self.details))

    @property
    def text(self) -> str:
        """All of it, by which two versions of the rule are compared."""
        said = _("%(points)s for %(what)s") % {"points": self.signed, "what": self.what}
        return pgettext("between details", ", ").join((said, *self.details))


@dataclass(frozen=True, slots=True)
class GroupWords:
    id: int
    name: str
    axis: str
    limits: str
    rules: tuple[RuleWords, ...]

    @property
    def axis_words(self) -> str:
        return str(Axis(self.axis).label)

    @property
    def said(self) -> str:
        """Its axis and its limits."""
        return pgettext("between details", ", ").join(filter(None, (self.axis_words, self.limits)))


@dataclass(frozen=True, slots=True)
class ModelWords:
    groups: tuple[GroupWords, ...]
    threshold: str
    cooling: str
    gate: tuple[str, ...]

    @property
    def rules(self) -> list[RuleWords]:
        return [rule for group in self.groups for rule in group.rules]


def model_words(frozen: Mapping[str, Any]) -> ModelWords:
    """One query at most, for the names of all custom fields asked."""
    rows = [row for row in frozen["rules"] if row["group"] is not None]
    asked = [row for row in rows if row["kind"] == RuleKind.ATTRIBUTE]
    said = sentences([parse_frozen(row["condition"]) for row in asked])
    conditions = {row["id"]: words for row, words in zip(asked, said, strict=True)}
    rules = {row["id"]: _rule(row, frozen["types"], conditions) for row in rows}
    groups = tuple(
        GroupWords(
            group["id"],
            group["name"],
            group["axis"],
            _limits(group),
            tuple(rules[row["id"]] for row in rows if row["group"] == group["id"]),
        )
        for group in frozen["groups"]
    )
    return ModelWords(groups, _threshold(frozen), _cooling(frozen), tuple(_gate(frozen["gate"])))


def _rule(
    row: Mapping[str, Any], types: Mapping[str, Mapping[str, Any]], conditions: Mapping[int, str]
) -> RuleWords:
    usual = (row["id"], row["name"], row["kind"], row["points"])
    if row["kind"] == RuleKind.ATTRIBUTE:
        return RuleWords(*usual, conditions[row["id"]])
    if row["kind"] == RuleKind.INACTIVITY:
        days = row["inactive_days"]
        return RuleWords(*usual, ngettext("%d day without an act", "%d days without an act", days) % days)
    label = types.get(row["type"], {}).get("label", row["type"])
    what = _("each “%s”") % label
    where = parse_where(row["where"])
    if where.tests:
        what = _("%(name)s (%(details)s)") % {"name": what, "details": where_words(where)}
    return RuleWords(*usual, what, tuple(_details(row)))


def _details(row: Mapping[str, Any]) -> Sequence[str]:
    said = []
    if row["limit_count"] is not None:
        words = {
            LimitPeriod.DAY: _("at most %d a day"),
            LimitPeriod.WEEK: _("at most %d a week"),
            LimitPeriod.MONTH: _("at most %d a month"),
            LimitPeriod.EVER: _("at most %d ever"),
        }[LimitPeriod(row["limit_period"])]
        said.append(words % row["limit_count"])
    said.append(ngettext("for %d day", "for %d days", row["window_days"]) % row["window_days"])
    if half := row["half_life_days"]:
        said.append(ngettext("halved every day", "halved every %(days)d days", half) % {"days": half})
    return said


def _limits(group: Mapping[str, Any]) -> str:
    cap, floor = group["cap"], group["floor"]
    if cap is not None and floor is not None:
        return _("counts at least %(floor)d and at most %(cap)d points") % {"floor": floor, "cap": cap}
    if cap is not None:
        return _("counts at most %d points") % cap
    if floor is not None:
        return _("counts at least %d points") % floor
    return ""


def _threshold(frozen: Mapping[str, Any]) -> str:
    return _("A lead is hot from %d points on.") % frozen["hot_at"]


def _cooling(frozen: Mapping[str, Any]) -> str:
    cooling = _("It is no longer hot below %d points.") % frozen["cool_at"]
    if not (days := frozen["cool_down_days"]):
        return cooling
    again = ngettext(
        "Then it can be hot again after %d day, or earlier by a strong act.",
        "Then it can be hot again after %d days, or earlier by a strong act.",
        days,
    )
    return _("%(first)s %(second)s") % {"first": cooling, "second": again % days}


def _gate(gate: Mapping[str, Any]) -> Sequence[str]:
    said = []
    if days := gate["strong_within"]:
        said.append(_("A strong act within %d days is needed.") % days)
    if gate["active_days"]:
        words = _("Acts on %(days)d different days within %(within)d days are needed.")
        said.append(words % {"days": gate["active_days"], "within": gate["active_within"]})
    return said
