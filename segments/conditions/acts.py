"""The operators of activity nodes: one row each, like `operators.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy


@dataclass(frozen=True, slots=True)
class ActsOperator:
    """`bounds(count)` are the least and the greatest number of acts with which it holds (None: no end).

    `words_within` where a window changes more than is added.
    """

    key: str
    words: Any
    bounds: Callable[[int], tuple[int, int | None]]
    words_within: Any = None
    least_count: int = 0
    takes_count: bool = True

    def holds(self, acts: int, count: int) -> bool:
        low, high = self.bounds(count)
        return low <= acts and (high is None or acts <= high)


_ROWS = [
    ActsOperator(
        "at_least",
        ngettext_lazy("%(activity)s at least once", "%(activity)s at least %(count)d times", "count"),
        lambda count: (count, None),
        least_count=1,
    ),
    ActsOperator(
        "at_most",
        ngettext_lazy("%(activity)s at most once", "%(activity)s at most %(count)d times", "count"),
        lambda count: (0, count),
    ),
    ActsOperator(
        "exactly",
        ngettext_lazy("%(activity)s exactly once", "%(activity)s exactly %(count)d times", "count"),
        lambda count: (count, count),
    ),
    ActsOperator(
        "none",
        _("%(activity)s never"),
        lambda count: (0, 0),
        words_within=_("no %(activity)s"),
        takes_count=False,
    ),
]

ACTS_OPERATORS: dict[str, ActsOperator] = {row.key: row for row in _ROWS}
