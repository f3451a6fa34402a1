"""Hot leads to reps by four workers, each a process that tells what it and its backend used."""

import json
import subprocess
import sys
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Count

from benchmarks.bench import Bench, Row
from benchmarks.market import REPS
from benchmarks.measuring import Measured, backend_cpu, backend_pid, measure
from handoff.assignment import assign
from handoff.models import OPEN, Handoff, SalesRep
from leadqual.leads.models import Lead, StatusChange
from leadqual.messaging.models import EmailMessage, Notice
from leadqual.scoring.models import ModelState, Qualification, ScoringModel

WORKERS = 4
WORKER = """
import sys, django
django.setup()
from benchmarks.handing_over import work_as_worker
work_as_worker(int(sys.argv[1]))
"""
HOT = 10_000


def hot_leads(bench: Bench) -> int:
    return min(HOT, bench.leads // 10)


def capacity(bench: Bench) -> int:
    """A quarter more places than leads."""
    return -(-hot_leads(bench) * 5 // (4 * REPS)) + 1


def _make_hot(bench: Bench) -> None:
    """The same number of leads with an open qualification, nobody with a rep."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_handoff")
    for model in (EmailMessage, Notice, Handoff, Qualification, StatusChange):
        model.objects.all().delete()
    Lead.objects.exclude(status="new", owner=None, with_sales=False).update(
        status="new", owner=None, with_sales=False
    )
    live = ScoringModel.objects.get(state=ModelState.LIVE)
    chosen = bench.chance.sample(range(1, bench.leads + 1), hot_leads(bench))
    with transaction.atomic():
        for start in range(0, len(chosen), 500):
            Lead.objects.filter(pk__in=chosen[start : start + 500]).update(status="hot")
        Qualification.objects.bulk_create(
            [
                Qualification(
                    lead_id=pk, model=live, opened_day=bench.day, opened_at=bench.now, opened_reason="score",
                    score=75 + pk % 40, card={},
                )
                for pk in chosen
            ],
            batch_size=1000,
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _hand_over(bench: Bench) -> Measured:
    """Worker n of four, all on the same database; this process only waits."""
    command = [sys.executable, "-c", WORKER, str(bench.day)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(WORKERS)]
    told = [json.loads(worker.communicate()[0].splitlines()[-1]) for worker in started]
    assert all(worker.returncode == 0 for worker in started)
    hot = hot_leads(bench)
    given = Handoff.objects.filter(state__in=OPEN)
    doubles = given.values("lead").annotate(n=Count("pk")).filter(n__gt=1).count()
    loads = dict(given.values_list("rep").annotate(n=Count("pk")))
    over = sum(loads.get(rep, 0) > places for rep, places in SalesRep.objects.values_list("pk", "capacity"))
    return Measured(
        cpu=sum(each["cpu"] for each in told),
        backend=sum(each["backend"] for each in told),
        extra={
            "handed over": given.count(),
            "SQL per lead": round(sum(each["statements"] for each in told) / hot, 3),
            "double": doubles,
            "over capacity": over,
            "lost": hot - given.count(),
            "workers locked out": sum(each["locked"] for each in told),
        },
    )


def _insert_bare(bench: Bench) -> Measured:
    """The same rows once more, into a table of the same shape and indexes, by one `executemany`."""
    table, columns = Handoff._meta.db_table, [field.column for field in Handoff._meta.concrete_fields]
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {table}")
        rows = cursor.fetchall()
        _empty_copy(cursor, table)

    def work() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO bench_handoff ({names}) VALUES ({marks})", rows)

    return measure(work)


def _empty_copy(cursor: Any, table: str) -> None:
    cursor.execute("DROP TABLE IF EXISTS bench_handoff")
    if connection.vendor == "postgresql":
        cursor.execute(f"CREATE TABLE bench_handoff (LIKE {table} INCLUDING ALL)")
        return
    cursor.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL", [table]
    )
    for kind, name, sql in sorted(cursor.fetchall(), key=lambda row: row[0] != "table"):
        copy = sql.replace(f'"{table}"', '"bench_handoff"')
        cursor.execute(copy.replace(f'"{name}"', f'"bench_{name}"', 1) if kind == "index" else copy)


def work_as_worker(day: int) -> None:
    """Until nothing is left that it can hand over. Its own start is not counted."""
    bench = Bench(connection.vendor, 0, day)
    statements = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(sql, params, many, context)

    pid = backend_pid()
    before = backend_cpu(pid)

    locked = 0

    def work() -> None:
        nonlocal locked
        with connection.execute_wrapper(count):
            try:
                assign(now=bench.now, day=day)
            except OperationalError:
                locked = (
                    1  # it waited for the others longer than the time-out allows; told, and the others go on
                )

    measured = measure(work)
    backend = backend_cpu(pid) - before
    print(json.dumps({"cpu": measured.cpu, "backend": backend, "statements": statements, "locked": locked}))


ROWS = [
    Row("assignment", "10,000 hot leads to 200 reps, 4 workers (floor: bare insert of the rows)", "own",
        {"postgresql": 25.0, "sqlite": 25.0}, _hand_over, prepare=_make_hot, own_floor=_insert_bare, alone=True),
]  # fmt: skip
