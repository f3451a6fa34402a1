"""Pages that go on after the last row seen, so that page 1,000 costs what page 1 costs; and a count that is cheap.

A page is read in two ranges, the rows that tie with the last one and those behind them, for a range is what an index
can find; one OR of both would read everything in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import QuerySet

SALT = "leadqual.paging"
COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Order:
    """Rows by `value` (never NULL), then by `id` upwards; both are names that the queryset can filter by."""

    value: str
    id: str = "pk"
    descending: bool = False


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    after: str = ""  # where the next page begins, if there is one
    before: str = ""  # where the page before it ends


@dataclass(frozen=True, slots=True)
class Count:
    """Exact up to 10,000; `more` says that there are more, and nobody counted how many."""

    number: int
    more: bool = False


def counted(rows: QuerySet[Any], most: int = COUNTED) -> Count:
    number = rows.order_by()[: most + 1].count()
    return Count(min(number, most), number > most)


def page_of(
    rows: QuerySet[Any], order: Order, *, size: int, after: str = "", before: str = "", shape: str = ""
) -> Page:
    """`shape` names what the marks are good for: a mark of another sort begins anew."""
    mark = _read(after or before, shape)
    backwards = bool(before) and not after and mark is not None
    found = _take(rows, order, mark, size + 1, backwards=backwards)
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page([])
    first, last = _write(found[0], order, shape), _write(found[-1], order, shape)
    has_next, has_previous = (True, more) if backwards else (more, mark is not None)
    return Page(found, last if has_next else "", first if has_previous else "")


def _take(
    rows: QuerySet[Any], order: Order, mark: tuple[Any, int] | None, most: int, *, backwards: bool
) -> list[Any]:
    up = order.descending == backwards
    value, id = ("" if up else "-") + order.value, ("-" if backwards else "") + order.id
    if mark is None:
        return list(rows.order_by(value, id)[:most])
    last, last_id = mark
    ties = rows.filter(**{order.value: last, f"{order.id}__{'lt' if backwards else 'gt'}": last_id})
    found = list(ties.order_by(id)[:most])
    if len(found) < most:
        behind = rows.filter(**{f"{order.value}__{'gt' if up else 'lt'}": last})
        found += behind.order_by(value, id)[: most - len(found)]
    return found


def _write(row: Any, order: Order, shape: str) -> str:
    value = getattr(row, order.value)
    return signing.dumps(
        [shape, value.isoformat() if hasattr(value, "isoformat") else value, row.pk], salt=SALT, compress=True
    )


def _read(text: str, shape: str) -> tuple[Any, int] | None:
    if not text:
        return None
    try:
        kept: Sequence[Any] = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return None
    return (kept[1], kept[2]) if kept[0] == shape else None
