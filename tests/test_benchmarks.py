"""The benchmark itself: that it runs, and says what it should. Its figures at this size mean nothing."""

import json
import subprocess
import sys
from pathlib import Path

from tests import workers


def test_a_small_market_is_generated_and_measured(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--scale", "1k", "--db", "sqlite", "--runs", "1"]
    done = subprocess.run(
        command,
        cwd=workers.PROJECT,
        env=workers.environment(BENCH_FOLDER=str(tmp_path)),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode in {0, 1}, done.stderr  # 1: a bound was missed
    result = json.loads((tmp_path / "result-sqlite-1k.json").read_text())
    lines = {line["key"]: line for line in result["lines"]}
    assert set(lines) == {
        "rescore", "nightly", "rebuild", "drain", "inbox", "segments", "explain", "assignment", "list", "lead",
    }  # fmt: skip
    assert all(line["ratio"] > 0 for line in lines.values())
    given = lines["assignment"]["extra"]
    assert (given["lost"], given["double"], given["over capacity"]) == (0, 0, 0)
