"""Business days and hours as a Japanese office keeps them, in the organisation's zone."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import jpholiday

from leadqual.common import clock

OPENS, CLOSES = time(9), time(18)
ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=4096)
def is_business_day(day: date) -> bool:
    return day.weekday() < 5 and not jpholiday.is_holiday(day)


def next_business_day(day: date) -> date:
    """The day itself when the office is open, else the first day on which it is."""
    while not is_business_day(day):
        day += ONE_DAY
    return day


def after_business_hours(start: datetime, hours: int) -> datetime:
    """The moment at which so many hours of open office have passed since `start`."""
    return _after(start, hours, clock.zone())


@lru_cache(maxsize=256)
def _after(start: datetime, hours: int, zone: ZoneInfo) -> datetime:
    left = timedelta(hours=hours)
    day = start.astimezone(zone).date()
    while True:
        day = next_business_day(day)
        opened = max(datetime.combine(day, OPENS, zone).astimezone(UTC), start)
        closes = datetime.combine(day, CLOSES, zone).astimezone(UTC)
        if opened + left <= closes:
            return opened + left
        left -= max(closes - opened, timedelta())
        day += ONE_DAY


def last_daily(at: time, moment: datetime) -> datetime:
    """The last time before `moment` that the clock showed `at` on a business day."""
    zone = clock.zone()
    day = moment.astimezone(zone).date()
    while not is_business_day(day) or datetime.combine(day, at, zone) > moment:
        day -= ONE_DAY
    return datetime.combine(day, at, zone).astimezone(UTC)


def last_weekly(weekday: int, at: time, moment: datetime) -> datetime:
    """The same for one weekday; where that is a holiday, the next business day stands in for it."""
    zone = clock.zone()
    today = moment.astimezone(zone).date()
    day = today - timedelta(days=today.weekday()) + timedelta(days=weekday)
    while datetime.combine(next_business_day(day), at, zone) > moment:
        day -= timedelta(days=7)
    return datetime.combine(next_business_day(day), at, zone).astimezone(UTC)


def open_time_between(start: datetime, end: datetime) -> timedelta:
    """How long the office is open from `start` to `end`; nothing when `end` comes first."""
    zone = clock.zone()
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    passed = timedelta()
    while day <= last:
        if is_business_day(day):
            opened = max(datetime.combine(day, OPENS, zone), start)
            closed = min(datetime.combine(day, CLOSES, zone), end)
            passed += max(closed - opened, timedelta())
        day += ONE_DAY
    return passed


def business_days_before(day: date, number: int) -> date:
    """The latest day from which so many business days have begun by `day`."""
    while number:
        if is_business_day(day):
            number -= 1
        day -= ONE_DAY
    return day


def is_open(moment: datetime) -> bool:
    local = moment.astimezone(clock.zone())
    return is_business_day(local.date()) and OPENS <= local.time() < CLOSES
