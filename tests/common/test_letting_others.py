"""SQLite's lock goes to whoever asks when it is free: long series must pause."""

import time

import pytest
from django.db import connection

from leadqual.common.locks import POLLED, let_others


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    return pauses


def test_a_long_transaction_is_followed_by_a_pause_on_sqlite_only(slept: list[float]) -> None:
    let_others(0.5)
    assert [pause > POLLED for pause in slept] == ([True] if connection.vendor == "sqlite" else [])


def test_a_short_one_is_not(slept: list[float]) -> None:
    let_others(0.05)
    assert slept == []


@pytest.mark.django_db
def test_inside_a_transaction_nobody_would_be_let_in(slept: list[float]) -> None:
    let_others(0.5)
    assert slept == []
