"""Time as the organisation counts it: moments in UTC, whole days as integers in its own zone."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone

from leadqual.common.models import Organisation

EPOCH = date(1970, 1, 1)


@lru_cache(maxsize=1)
def zone() -> ZoneInfo:
    """The organisation's zone; cached for the process, `forget_zone` after changing the row."""
    return ZoneInfo(Organisation.objects.get(pk=Organisation.ONLY).time_zone)


def forget_zone() -> None:
    zone.cache_clear()


def now() -> datetime:
    return timezone.now()


def day_of(moment: datetime) -> int:
    """The day number (days since 1970-01-01) on which `moment` falls in the organisation's zone."""
    return day_number(moment.astimezone(zone()).date())


def today(at: datetime | None = None) -> int:
    return day_of(at or now())


def day_number(day: date) -> int:
    return (day - EPOCH).days


def date_of(day: int) -> date:
    return EPOCH + timedelta(days=day)


def start_of(day: int) -> datetime:
    """The first moment of the day, in UTC."""
    local = datetime.combine(date_of(day), datetime.min.time(), tzinfo=zone())
    return local.astimezone(UTC)


def parse_day(text: str) -> int:
    """`2024-06-30` as a day number; ValueError when it is not an ISO date."""
    return day_number(date.fromisoformat(text))
