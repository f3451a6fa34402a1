from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    """Uploads and exports of these tests lie in a folder of their own."""
    settings.VAR_DIR = tmp_path / "var"
