"""`python -m benchmarks.busy_pages`: what pages cost in the one-process default while everybody is scored anew.

`manage.py up` serves a market on SQLite; visitors ask for pages, and meanwhile new versions of the model are published,
which the sweep inside the same process builds for every lead. Wall time as a visitor feels it, not CPU.
"""

import argparse
import importlib
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

from benchmarks import place

MOST = 8.0  # times the idle p95


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.busy_pages", description=__doc__)
    parser.add_argument("--scale", choices=place.LEADS, default="100k")
    parser.add_argument("--visitors", type=int, default=3, help="people who ask for pages at once")
    parser.add_argument("--pause", type=float, default=0.25, help="seconds between two pages of a visitor")
    parser.add_argument("--times", type=int, default=2, help="how often everybody is scored anew")
    parser.add_argument("--port", type=int, default=8765)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadqual.settings")
    os.environ.setdefault("LEADQUAL_LOG_LEVEL", "WARNING")
    os.environ["LEADQUAL_VAR"] = str(place.FOLDER)
    where, mark = place.SqlitePlace(options.scale), place.fingerprint()
    if not where.base_is(mark):
        importlib.import_module("benchmarks.__main__").generate(where.use_base(), options.scale)
        where.finish_base(mark)
    os.environ["DATABASE_URL"] = where.use_copy()
    visiting = importlib.import_module("benchmarks.visiting")
    market = visiting.set_up(options.scale)
    server = subprocess.Popen(
        [sys.executable, "manage.py", "up", "--port", str(options.port)], cwd=place.ROOT
    )
    try:
        wait(options.port)
        taken = visiting.visit(market, options)
    finally:
        server.terminate()
        server.wait(30)
    return int(visiting.show(taken, options) > MOST)


def wait(port: int) -> None:
    for _attempt in range(600):
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
            return
        time.sleep(0.1)
    raise TimeoutError("no page within a minute")


if __name__ == "__main__":
    sys.exit(main())
