from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from handoff.business_time import after_business_hours, is_business_day, last_daily, last_weekly

pytestmark = pytest.mark.django_db
TOKYO = ZoneInfo("Asia/Tokyo")


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        ("2025-06-11", True),
        ("2025-06-14", False),  # Saturday
        ("2025-01-13", False),  # Coming-of-Age Day, a Monday
        ("2025-05-06", False),  # a holiday that falls on a Sunday, moved to Tuesday
        ("2025-02-11", False),
        ("2025-02-12", True),
    ],
)
def test_business_days_know_weekends_and_japanese_holidays(day: str, open_: bool) -> None:
    assert is_business_day(datetime.fromisoformat(day).date()) is open_


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2025-06-11 09:00", 4, "2025-06-11 13:00"),
        ("2025-06-11 14:00", 4, "2025-06-11 18:00"),
        ("2025-06-11 17:00", 4, "2025-06-12 12:00"),
        ("2025-06-11 22:00", 4, "2025-06-12 13:00"),
        ("2025-06-11 06:00", 4, "2025-06-11 13:00"),
        ("2025-06-13 17:00", 4, "2025-06-16 12:00"),  # over a weekend
        ("2025-05-02 17:00", 4, "2025-05-07 12:00"),  # over Golden Week
        ("2025-06-14 12:00", 1, "2025-06-16 10:00"),  # from a Saturday
        ("2025-06-11 09:00", 27, "2025-06-13 18:00"),
    ],
)
def test_business_hours_pass_only_while_the_office_is_open(start: str, hours: int, end: str) -> None:
    assert after_business_hours(tokyo(start), hours) == tokyo(end)


@pytest.mark.parametrize(
    ("moment", "turn"),
    [
        ("2025-06-11 09:00", "2025-06-11 09:00"),
        ("2025-06-11 08:59", "2025-06-10 09:00"),
        ("2025-06-15 12:00", "2025-06-13 09:00"),  # Sunday: Friday's
        ("2025-05-06 12:00", "2025-05-02 09:00"),  # Golden Week
    ],
)
def test_the_last_daily_turn_was_on_a_business_day(moment: str, turn: str) -> None:
    assert last_daily(time(9), tokyo(moment)) == tokyo(turn)


@pytest.mark.parametrize(
    ("moment", "turn"),
    [
        ("2025-06-09 10:00", "2025-06-09 09:30"),
        ("2025-06-09 09:00", "2025-06-02 09:30"),
        ("2025-06-13 09:00", "2025-06-09 09:30"),
        ("2025-01-13 10:00", "2025-01-06 09:30"),  # Monday is a holiday: its turn is Tuesday
        ("2025-01-14 10:00", "2025-01-14 09:30"),
    ],
)
def test_a_weekly_turn_on_a_holiday_is_held_on_the_next_business_day(moment: str, turn: str) -> None:
    assert last_weekly(0, time(9, 30), tokyo(moment)) == tokyo(turn)
