from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from leadqual.scoring import building
from leadqual.scoring.signals import lead_became_hot, qualification_ended


@pytest.fixture
def told() -> Iterator[list[Any]]:
    """What the two signals about qualifications say, inside the writer's transaction."""
    heard: list[Any] = []

    def listen(sender: Any, signal: Any, **said: Any) -> None:
        assert connection.in_atomic_block
        assert isinstance(said.pop("now"), datetime)
        heard.append(said)

    for signal in (lead_became_hot, qualification_ended):
        signal.connect(listen)
    yield heard
    for signal in (lead_became_hot, qualification_ended):
        signal.disconnect(listen)


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publishing takes two leads in a transaction, so that a market of five has several."""
    for name, size in (("LEAST", 2), ("START", 2), ("MOST", 2), ("JUDGED", 1)):
        monkeypatch.setattr(building, name, size)


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """`between["build_range"] = [None, act]`: what happens before the first, second ... such step of publishing."""
    plan: dict[str, Any] = {}

    def hook(name: str) -> None:
        usual = getattr(building, name)

        def interrupted(*args: Any, **options: Any) -> Any:
            if plan.get(name) and (happening := plan[name].pop(0)):
                happening()
            return usual(*args, **options)

        monkeypatch.setattr(building, name, interrupted)

    for name in ("build", "build_range", "swap", "settle", "clear"):
        hook(name)
    yield plan
