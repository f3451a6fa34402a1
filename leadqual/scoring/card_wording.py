"""A card in sentences: why a lead was hot, as judged on the day it became hot."""

from functools import lru_cache
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from leadqual.scoring.cards import Card
from leadqual.scoring.models import RuleKind
from leadqual.scoring.wording import long_date, signed


def card_in_words(card: Card, *, most: int | None = None) -> list[str]:
    """Every line and cut, in the order of the rules; or the `most` that weigh most, those first."""
    lines = card.get("lines", [])
    if most is not None:
        return [_line(line) for line in sorted(lines, key=_weight)[:most]]
    return [_line(line) for line in lines] + [_cut(cut) for cut in card.get("cuts", [])]


def _weight(line: dict[str, Any]) -> int:
    return -abs(line["points"])


def _line(line: dict[str, Any]) -> str:
    """“Pricing page, 3 times, last on 12 December 2025: +18”."""
    values = {"rule": line["name"], "points": signed(line["points"])}
    last = line.get("last_day")
    if last is None or line.get("kind") == RuleKind.ATTRIBUTE:
        return _("%(rule)s: %(points)s") % values
    values["day"] = _date(last, get_language())
    if line.get("kind") == RuleKind.INACTIVITY:
        return _("%(rule)s, silent since %(day)s: %(points)s") % values
    if line["count"] == 1:
        return _("%(rule)s, on %(day)s: %(points)s") % values
    times = ngettext("once", "%(count)d times", line["count"]) % {"count": line["count"]}
    return _("%(rule)s, %(times)s, last on %(day)s: %(points)s") % {**values, "times": times}


def _cut(cut: dict[str, Any]) -> str:
    values = {"group": cut["group"], "points": signed(cut["points"])}
    if cut["points"] < 0:
        return _("%(group)s counts up to its limit only: %(points)s") % values
    return _("%(group)s counts at least its floor: %(points)s") % values


@lru_cache(maxsize=1024)
def _date(day: int, language: str | None) -> str:
    """Formatting a date takes as long as the rest of a line, and the cards of a batch have few different ones."""
    return long_date(day)
