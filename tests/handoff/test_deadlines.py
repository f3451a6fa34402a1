"""Until when an offer waits, in words."""

from datetime import timedelta

import pytest
from django.utils import translation

from handoff.business_time import business_days_before, open_time_between
from handoff.deadlines import deadline
from leadqual.common import clock
from tests.handoff.factories import WEDNESDAY

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("hours", "until", "left", "mark"),
    [
        (3, "until 17:00 today", "3 business hours left", "good"),
        (1.5, "until 15:30 today", "1 business hour left", "note"),
        (0.5, "until 14:30 today", "30 minutes left", "note"),
        (20, "until 10:00 tomorrow", "5 business hours left", "good"),
        (44, "until 10:00 on 13 June", "14 business hours left", "good"),
        (0, "was due 14:00 today", "Overdue", "bad"),
        (-2, "was due 12:00 today", "Overdue by 2 business hours", "bad"),
        (-24, "was due 14:00 yesterday", "Overdue by 9 business hours", "bad"),
    ],
)
def test_it_is_said_until_when_and_how_much_is_left(hours: float, until: str, left: str, mark: str) -> None:
    said = deadline(WEDNESDAY + timedelta(hours=hours), WEDNESDAY)
    assert said is not None
    assert (said.until, said.left, said.mark, said.overdue) == (until, left, mark, mark == "bad")


def test_without_a_deadline_nothing_is_said_and_japanese_is_spoken() -> None:
    assert deadline(None, WEDNESDAY) is None
    with translation.override("ja"):
        said = deadline(WEDNESDAY + timedelta(hours=3), WEDNESDAY)
    assert said is not None
    assert "17:00" in said.until
    assert "営業時間" in said.left


def test_only_open_hours_count() -> None:
    saturday = WEDNESDAY + timedelta(days=3)
    assert open_time_between(saturday, saturday + timedelta(days=1)) == timedelta()
    assert open_time_between(WEDNESDAY, WEDNESDAY + timedelta(days=7)) == timedelta(hours=5 * 9)
    assert open_time_between(WEDNESDAY, WEDNESDAY - timedelta(hours=1)) == timedelta()


def test_business_days_are_counted_backwards_over_weekends() -> None:
    wednesday = clock.date_of(clock.day_of(WEDNESDAY))
    assert [str(business_days_before(wednesday, days)) for days in (1, 3, 10)] == [
        "2025-06-10", "2025-06-08", "2025-05-28",
    ]  # fmt: skip
