"""The score card as pages and mails show it: what weighs most first, cuts as cuts, what is missing to hot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from leadqual.scoring.evaluator import Line
from leadqual.scoring.explaining import COLD, HOT, WARM, Explanation
from leadqual.scoring.models import Axis, Qualification, RuleKind
from leadqual.scoring.wording import ago, cut_sentence, long_date, signed, to_hot


@dataclass(frozen=True)
class CardLine:
    """One rule: `detail` says how often and when, `then` what becomes of its points by itself."""

    name: str
    points: int
    axis: str
    detail: str = ""
    then: str = ""
    cut: bool = False

    @property
    def signed(self) -> str:
        return signed(self.points)


@dataclass(frozen=True)
class GateSign:
    """One half of the gate, passed or not, in words."""

    passed: bool
    words: str


@dataclass(frozen=True)
class ScoreCard:
    total: int
    fit: int
    engagement: int
    band: str
    lines: list[CardLine]
    hot_at: int | None = None
    cool_at: int | None = None
    model: str = ""
    day: int | None = None
    gate: list[GateSign] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def band_words(self) -> str:
        return band_words(self.band)

    @property
    def scale(self) -> int:
        """The right end of the bars: what makes hot, or more where there is more."""
        return max(self.hot_at or 0, self.fit, self.engagement, self.total, 1)

    @property
    def strongest(self) -> list[CardLine]:
        return [line for line in self.lines if line.points > 0][:3]

    @property
    def bars(self) -> list[tuple[str, int, int]]:
        """(axis, points, per cent of the scale)."""
        return [
            (str(Axis.FIT.label), self.fit, self._share(self.fit)),
            (str(Axis.ENGAGEMENT.label), self.engagement, self._share(self.engagement)),
        ]

    def _share(self, points: int) -> int:
        return round(100 * max(0, points) / self.scale)


def band_words(band: str) -> str:
    return {
        HOT: pgettext("band", "Hot"),
        WARM: pgettext("band", "Warm"),
        COLD: pgettext("band", "Cold"),
    }[band]


def band_of(total: int, *, hot_at: int, cool_at: int) -> str:
    return HOT if total >= hot_at else WARM if total >= cool_at else COLD


def card(told: Explanation) -> ScoreCard:
    lines = [_line(told, line) for line in told.lines]
    lines += [
        CardLine(cut_sentence(cut).rsplit(":", 1)[0], cut.points, cut.group.axis.value, cut=True)
        for cut in told.cuts
    ]
    return ScoreCard(
        total=told.total,
        fit=told.fit,
        engagement=told.engagement,
        band=told.band,
        lines=_heaviest_first(lines),
        hot_at=told.model.hot_at,
        cool_at=told.model.cool_at,
        model=f"{told.model.name} {told.model.version}",
        day=told.day,
        gate=_gate(told),
        missing=to_hot(told),
    )


def judged(qualification: Qualification) -> ScoreCard:
    """The card as it was on the day the lead became hot. Needs `model` selected along."""
    stored: Mapping[str, Any] = qualification.card or {}
    model = qualification.model
    lines = [
        CardLine(
            line["name"],
            line["points"],
            line["axis"],
            _detail(line["kind"], line["count"], line["last_day"], qualification.opened_day),
        )
        for line in stored.get("lines", ())
    ]
    lines += [
        CardLine(_("cut of %s") % cut["group"], cut["points"], cut["axis"], cut=True)
        for cut in stored.get("cuts", ())
    ]
    return ScoreCard(
        total=qualification.score,
        fit=stored.get("fit", 0),
        engagement=stored.get("engagement", 0),
        band=band_of(qualification.score, hot_at=model.hot_at, cool_at=model.cool_at),
        lines=_heaviest_first(lines),
        hot_at=model.hot_at,
        cool_at=model.cool_at,
        model=f"{model.name} {model.version}",
        day=qualification.opened_day,
    )


def _heaviest_first(lines: list[CardLine]) -> list[CardLine]:
    return sorted(lines, key=lambda line: (line.cut, -abs(line.points), line.name))


def _line(told: Explanation, line: Line) -> CardLine:
    return CardLine(
        line.rule.name,
        line.points,
        line.rule.group.axis.value,
        _detail(line.rule.kind, line.count, line.last_day, told.day),
        _then(told, line),
    )


def _detail(kind: str, count: int, last_day: int | None, day: int) -> str:
    if kind == RuleKind.ATTRIBUTE or last_day is None:
        return ""
    if kind == RuleKind.INACTIVITY:
        return _("silent since %s") % long_date(last_day)
    times = ngettext("once", "%(count)d times", count) % {"count": count}
    return _("%(times)s, last %(ago)s") % {"times": times, "ago": ago(day - last_day)}


def _then(told: Explanation, line: Line) -> str:
    if line.next_day is None:
        return ""
    points, values = told.falls_to(line), {"day": long_date(line.next_day)}
    if points == 0:
        return _("ends on %(day)s") % values
    values["points"] = signed(points)
    if points < line.points:
        return _("falls to %(points)s on %(day)s") % values
    return _("rises to %(points)s on %(day)s") % values


def _gate(told: Explanation) -> list[GateSign]:
    gate, state = told.model.gate, told.gate
    signs = []
    if gate.strong_within is not None:
        words = (
            _("no strong act within %d days") % gate.strong_within
            if state.last_strong is None
            else _("a strong act, %s") % ago(told.day - state.last_strong)
        )
        signs.append(GateSign(state.last_strong is not None, words))
    if gate.active_days is not None:
        words = _("active on %(active)d of the %(days)d different days asked within %(within)d days") % {
            "active": state.active_days, "days": gate.active_days, "within": gate.active_within,
        }  # fmt: skip
        signs.append(GateSign(state.active_days >= gate.active_days, words))
    return signs
