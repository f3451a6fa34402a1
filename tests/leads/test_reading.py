from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from leadqual.leads.phones import to_e164
from leadqual.leads.reading import read_boolean, read_date, read_moment, read_number

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234", 1234), ("１２３４", 1234), ("-36.4", Decimal("-36.4")), ("¥1,200", 1200), ("300名", 300),
        ("1.5億", 150_000_000), ("20万円", 200_000), (".5", Decimal("0.5")), ("1e3", 1000), ("12%", 12), (7, 7),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: object, number: object) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize(
    "text", ["", "abc", "1,23", "--1", "1.2.3", "nan", "inf", "1e99", "9" * 41, ".", "e5", True]
)
def test_what_is_no_number_is_nothing(text: object) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "2024-06-30",
        "2024/6/30",
        "2024年6月30日",
        "20240630",
        "6/30/2024",
        "２０２４/０６/３０",
        "2024-06-30T12:00:00Z",
    ],
)
def test_dates_are_read_as_people_write_them(text: str) -> None:
    assert read_date(text) == date(2024, 6, 30)


@pytest.mark.parametrize(
    "text", ["", "2024-13-01", "2024-02-30", "30.6.", "tomorrow", "2024-06-30 and more", "99999999"]
)
def test_what_is_no_date_is_nothing(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-03-13 10:21:14", datetime(2024, 3, 13, 1, 21, 14, tzinfo=UTC)),
        ("2024-03-13T10:21:14Z", datetime(2024, 3, 13, 10, 21, 14, tzinfo=UTC)),
        ("2024-03-13T10:21:14.5+02:00", datetime(2024, 3, 13, 8, 21, 14, 500_000, tzinfo=UTC)),
        ("2024/03/13 9:05", datetime(2024, 3, 13, 0, 5, tzinfo=UTC)),
        ("2024-03-13", datetime(2024, 3, 12, 15, tzinfo=UTC)),
        ("1710295274", datetime(2024, 3, 13, 2, 1, 14, tzinfo=UTC)),
        ("1710295274000", datetime(2024, 3, 13, 2, 1, 14, tzinfo=UTC)),
    ],
)
def test_moments_without_a_zone_are_local_and_come_out_in_utc(text: str, moment: datetime) -> None:
    assert read_moment(text, TOKYO) == moment


@pytest.mark.parametrize(
    "text", ["", "2024-03-13 25:00:00", "2024-03-13 10:61", "now", "2024-03-13T10:00:00+99:99"]
)
def test_what_is_no_moment_is_nothing(text: str) -> None:
    assert read_moment(text, TOKYO) is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [("はい", True), ("YES", True), ("1", True), ("なし", False), ("f", False), ("perhaps", None)],
)
def test_yes_and_no_are_read_in_both_languages(text: str, answer: bool | None) -> None:
    assert read_boolean(text) is answer


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("090-1234-5678", "+819012345678"),
        ("０３（１２３４）５６７８", "+81312345678"),
        ("+81-90-6538-0835", "+819065380835"),
        ("+1 650 253 0000", "+16502530000"),
        ("12", None),
        ("call me", None),
    ],
)
def test_telephone_numbers_become_e164_with_japan_as_home(text: str, number: str | None) -> None:
    assert to_e164(text) == number
