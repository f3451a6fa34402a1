"""Numbers, dates and yes/no as they stand in files; None for what is none of it."""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from leadqual.common import clock
from leadqual.common.words import folded

TRUE = {"yes", "true", "y", "t", "はい", "有", "あり", "○", "on"}
FALSE = {"no", "false", "n", "f", "いいえ", "無", "なし", "×", "off"}

_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:e[+-]?\d{1,2})?", re.IGNORECASE)
_UNITS = re.compile(r"^[¥$€£]\s*|\s*(?:円|名|人|社|%)$")
_MULTIPLES = {"万": Decimal(10_000), "億": Decimal(100_000_000)}
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*日)?")
_COMPACT = re.compile(r"(19|20)\d{6}")
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_TIME = re.compile(
    r"[T\s]\s*(\d{1,2})[::時](\d{2})(?:[::分](\d{2})(?:[.,](\d{1,9}))?)?秒?\s*(Z|UTC|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
LIMIT = Decimal(10) ** 18


def read_boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    text = folded(str(value))
    return True if text in TRUE or text == "1" else False if text in FALSE or text == "0" else None


def read_number(value: Any) -> Decimal | None:
    """`1,234`, `1234`, `¥1,200`, `300名`, `1.5億` as a number; digits only up to 10^18."""
    if isinstance(value, bool):
        return None
    text = _UNITS.sub("", unicodedata.normalize("NFKC", str(value)).strip())
    factor = _MULTIPLES.get(text[-1:], Decimal(1))
    text = text.rstrip("万億").strip() if factor != 1 else text
    if not text or len(text) > 40 or not _NUMBER.fullmatch(text):
        return None
    try:
        number = Decimal(text.replace(",", "")) * factor
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < LIMIT else None


@lru_cache(maxsize=10_000)
def read_date(text: str) -> date | None:
    """The date with which the text begins: 2024-06-30, 2024/6/30, 2024年6月30日, 20240630, 6/30/2024."""
    text = unicodedata.normalize("NFKC", text).strip()
    if found := _DATE.match(text):
        year, month, day = found.groups()
    elif found := _COMPACT.fullmatch(text):
        year, month, day = text[:4], text[4:6], text[6:]
    elif found := _AMERICAN.match(text):
        month, day, year = found.groups()
    else:
        return None
    if (
        _COMPACT.fullmatch(text) is None
        and text[found.end() :].strip()
        and not _TIME.fullmatch(text[found.end() :])
    ):
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def read_day(value: Any) -> int | None:
    if isinstance(value, datetime):
        return clock.day_of(value)
    if isinstance(value, date):
        return clock.day_number(value)
    day = read_date(str(value))
    return None if day is None else clock.day_number(day)


def read_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A moment in UTC; without a zone of its own it is local to `zone`, without a time the day's first moment.

    Ten digits are seconds since 1970, thirteen milliseconds.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if re.fullmatch(r"\d{10}|\d{13}", text):
        return datetime.fromtimestamp(int(text) / (1 if len(text) == 10 else 1000), UTC)
    day = read_date(text)
    if day is None:
        return None
    try:
        return _with_time(day, _TIME.search(text), zone)
    except (ValueError, OverflowError):
        return None


def _with_time(day: date, time: re.Match[str] | None, zone: ZoneInfo) -> datetime:
    if time is None:
        return datetime.combine(day, datetime.min.time(), tzinfo=zone).astimezone(UTC)
    hour, minute, second, fraction, offset = time.groups()
    microsecond = int((fraction or "0")[:6].ljust(6, "0"))
    moment = datetime(
        day.year,
        day.month,
        day.day,
        int(hour),
        int(minute),
        int(second or 0),
        microsecond,
        _zone_of(offset, zone),
    )
    return moment.astimezone(UTC)


def _zone_of(offset: str | None, zone: ZoneInfo) -> tzinfo:
    if offset is None:
        return zone
    if offset.upper() in {"Z", "UTC"}:
        return UTC
    digits = offset[1:].replace(":", "")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(size if offset[0] == "+" else -size)
