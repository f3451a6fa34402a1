"""Which week and month a day number falls in, by whole numbers only, so that Python and both databases agree."""

from leadqual.scoring.models import LimitPeriod

# Days from 1900-03-01, a Thursday, to 1970-01-01. From then until 2100 every fourth year is a leap year.
SHIFT = 25_508


def period_of(period: LimitPeriod, day: int) -> int:
    if period == LimitPeriod.DAY:
        return day
    if period == LimitPeriod.WEEK:
        return (day + SHIFT + 3) // 7
    if period == LimitPeriod.MONTH:
        since = day + SHIFT
        year = (4 * since + 3) // 1461
        return 12 * year + (5 * (since - 1461 * year // 4) + 2) // 153
    return 0


def week_sql(day: str) -> str:
    """Monday to Sunday."""
    return f"(({day} + {SHIFT + 3}) / 7)"


def month_sql(day: str) -> str:
    """Months counted on from March 1900."""
    since = f"({day} + {SHIFT})"
    year = f"((4 * {since} + 3) / 1461)"
    return f"(12 * {year} + (5 * ({since} - 1461 * {year} / 4) + 2) / 153)"
