"""What a card says to people."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.translation import override

from leadqual.common import clock
from leadqual.scoring.card_wording import card_in_words

DAY = clock.parse_day("2025-06-11")


def line(name: str, points: int, *, count: int = 1, kind: str = "behaviour", last: int | None = DAY) -> Any:
    return {"rule": 1, "name": name, "kind": kind, "axis": "engagement", "group": "Web",
            "count": count, "points": points, "last_day": last}  # fmt: skip


CARD = {
    "total": 40,
    "lines": [
        line("Manager", 5, kind="attribute", last=None),
        line("Pricing page", 30, count=3),
        line("Seminar", 20),
        line("Silent", -10, kind="inactivity", last=DAY - 40),
    ],
    "cuts": [
        {"group": "Web", "axis": "engagement", "points": -5},
        {"group": "Company", "axis": "fit", "points": 3},
    ],
}


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with override("en"):
        yield


def test_every_line_and_every_cut_is_said_in_the_order_of_the_rules() -> None:
    assert card_in_words(CARD) == [
        "Manager: +5",
        "Pricing page, 3 times, last on 11 June 2025: +30",
        "Seminar, on 11 June 2025: +20",
        "Silent, silent since 2 May 2025: −10",
        "Web counts up to its limit only: −5",
        "Company counts at least its floor: +3",
    ]


def test_where_room_is_short_the_heaviest_lines_are_said() -> None:
    assert card_in_words(CARD, most=2) == [
        "Pricing page, 3 times, last on 11 June 2025: +30",
        "Seminar, on 11 June 2025: +20",
    ]


def test_one_language_does_not_remember_the_dates_of_another() -> None:
    english = card_in_words(CARD)
    with override("ja"):
        assert "2025年6月11日" in card_in_words(CARD)[2]
    assert card_in_words(CARD) == english


def test_a_card_without_lines_says_nothing() -> None:
    assert card_in_words({}) == []
