"""`python -m benchmarks --scale 100k --db postgresql`: CPU ratios against floors measured in the same run."""

import argparse
import importlib
import os
import sys

from benchmarks import place

ONLY = (
    "rescore",
    "nightly",
    "rebuild",
    "drain",
    "inbox",
    "segments",
    "assignment",
    "explain",
    "list",
    "lead",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--scale", choices=place.LEADS, default="100k")
    parser.add_argument("--db", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--only", nargs="*", choices=ONLY, default=list(ONLY), help="rows to measure")
    parser.add_argument("--runs", type=int, help="interleaved runs (5, at 1m 3)")
    parser.add_argument("--save", action="store_true", help="write the table into docs/performance.md")
    parser.add_argument("--profile", choices=ONLY, help="profile one row instead of measuring")
    parser.add_argument(
        "--plans", action="store_true", help="with --profile: plans of slow statements (PostgreSQL)"
    )
    parser.add_argument(
        "--again", action="store_true", help="go on with the copy of the last run, as it was left"
    )
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadqual.settings")
    os.environ.setdefault("LEADQUAL_LOG_LEVEL", "WARNING")
    where = place.place(options.db, options.scale)
    if options.again:
        os.environ["DATABASE_URL"] = where.use_work()
        return importlib.import_module("benchmarks.running").run(options)
    mark = place.fingerprint()
    if not where.base_is(mark):
        generate(where.use_base(), options.scale)
        where.finish_base(mark)
    os.environ["DATABASE_URL"] = where.use_copy()
    return importlib.import_module("benchmarks.running").run(options)


def generate(url: str, scale: str) -> None:
    """In a process of its own: settings are read once per process."""
    import subprocess  # noqa: PLC0415

    code = "import sys, django; django.setup(); from benchmarks.generating import generate; generate(int(sys.argv[1]))"
    environment = os.environ | {"DATABASE_URL": url}
    subprocess.run([sys.executable, "-c", code, str(place.LEADS[scale])], env=environment, check=True)


if __name__ == "__main__":
    sys.exit(main())
