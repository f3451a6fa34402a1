"""Sets a market up, measures the rows in turns, prints the table."""

import argparse
import cProfile
import pstats
import statistics
import time
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402 - models need the set-up

from benchmarks import explained, floors, handing_over, intake, pages, people, plans, scoring  # noqa: E402
from benchmarks.bench import Bench, Row  # noqa: E402
from benchmarks.design import design  # noqa: E402
from benchmarks.market import LAST_DAY  # noqa: E402
from benchmarks.measuring import Measured, measure  # noqa: E402
from benchmarks.place import LEADS  # noqa: E402
from benchmarks.report import Line, show  # noqa: E402
from benchmarks.writing import settle  # noqa: E402

SMALL = 100_000  # up to here fixed costs allow 1.6 times
ALL = [*scoring.ROWS, *intake.ROWS, *people.ROWS, *explained.ROWS, *pages.ROWS, *handing_over.ROWS]


def run(options: argparse.Namespace) -> int:
    bench = Bench(options.db, LEADS[options.scale], LAST_DAY)
    rows = [row for row in ALL if row.key in options.only or row.key == options.profile]
    if options.again:
        bench.day = scoring.stands_at()
    else:
        set_up(bench)
    if options.profile:
        return profile(
            next(row for row in rows if row.key == options.profile), bench, plans_too=options.plans
        )
    runs = options.runs or (3 if bench.leads > SMALL else 5)
    together, alone = [row for row in rows if not row.alone], [row for row in rows if row.alone]
    taken = [one_run(together, bench, number, runs) for number in range(runs)]
    for row in alone:
        for number, one in enumerate(taken):
            measure_row(row, bench, one, f"run {number + 1}/{runs}")
    return show([_line(row, bench, taken) for row in rows], _floors(taken), options, runs)


def set_up(bench: Bench) -> None:
    """The model published, everybody scored, segments filled: through the product, and not measured."""
    began = time.monotonic()
    design(day=bench.day, now=bench.now, capacity=handing_over.capacity(bench))
    scoring.score_everybody(bench)
    people.refresh(day=bench.day, now=bench.now)
    floors.empty_floor()
    settle()
    print(f"set up after {time.monotonic() - began:.0f} s", flush=True)


Taken = dict[str, Any]


def one_run(rows: list[Row], bench: Bench, number: int, runs: int) -> Taken:
    bench.run = number
    floors.empty_floor()
    settle()
    taken: Taken = {"F": measure(floors.write_floor)}
    settle()
    taken["F1"] = measure(floors.commit_single_rows)
    each = taken["F1"].total / floors.COMMITS
    print(f"run {number + 1}/{runs} F {taken['F'].total:.3f} s, F1 {each * 1e6:.0f} µs", flush=True)
    for row in rows:
        measure_row(row, bench, taken, f"run {number + 1}/{runs}")
    return taken


def measure_row(row: Row, bench: Bench, taken: Taken, which: str) -> None:
    bench.day += 1
    row.prepare(bench)
    if connection.vendor == "postgresql" or row.floor == "F":
        settle()
    measured = measure(lambda: row.work(bench))
    measured.extra |= row.after(bench)
    own = row.own_floor(bench) if row.own_floor else None
    taken[row.key] = (measured, own)
    print(f"{which} {row.key}: {_told(measured, own)}", flush=True)


def ratio(row: Row, bench: Bench, taken: Taken) -> float:
    measured, own = taken[row.key]
    if row.floor == "own":
        return measured.total / own.total
    floor = taken["F"].total if row.floor == "F" else taken["F1"].total / floors.COMMITS
    return measured.total / row.per(bench) / floor


def _line(row: Row, bench: Bench, taken: list[Taken]) -> Line:
    ratios = [ratio(row, bench, one) for one in taken]
    bound = row.bounds.get(bench.db)
    if bound is not None and row.scaled and bench.leads <= SMALL:
        bound *= 1.6
    seconds = statistics.median(one[row.key][0].total for one in taken) / row.per(bench)
    wall = statistics.median(one[row.key][0].wall for one in taken) / row.per(bench)
    return Line(row.key, row.title, row.floor, statistics.median(ratios), ratios, bound, seconds, wall,
                taken[-1][row.key][0].extra)  # fmt: skip


def _floors(taken: list[Taken]) -> dict[str, float]:
    return {
        "F": statistics.median(one["F"].total for one in taken),
        "F1": statistics.median(one["F1"].total for one in taken) / floors.COMMITS,
    }


def _told(measured: Measured, own: Measured | None) -> str:
    text = f"{measured.cpu:.3f} s + backend {measured.backend:.3f} s, wall {measured.wall:.2f} s {measured.extra or ''}"
    return text + (f" floor {own.total:.4f} s" if own else "")


def profile(row: Row, bench: Bench, *, plans_too: bool) -> int:
    """Python's part by function; and the statements by time, as this process waited for them."""
    bench.day += 1
    row.prepare(bench)
    settle()
    spent: dict[str, list[float]] = {}

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent.setdefault(" ".join(str(sql).split())[:150], []).append(time.perf_counter() - began)

    told = plans.listen(50) if plans_too and connection.vendor == "postgresql" else []
    profiler = cProfile.Profile()
    with connection.execute_wrapper(note):
        profiler.runcall(row.work, bench)
    print("\n\n".join(told))
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(35)
    for sql, times in sorted(spent.items(), key=lambda pair: -sum(pair[1]))[:25]:
        print(f"{sum(times) * 1000:9.1f} ms {len(times):5} times  {sql}")
    return 0
