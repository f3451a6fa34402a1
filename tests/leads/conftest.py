from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture
def var(tmp_path: Path, settings: Settings) -> Path:
    """Where this test's imports put their reports."""
    settings.VAR_DIR = tmp_path / "var"
    return tmp_path / "var"
