"""Everybody's score: from the ledger, the due ones of a night, and everything from raw."""

from typing import Any

from django.db import connection

from benchmarks.bench import Bench, Row
from leadqual.scoring import rescoring

POINTS = "scoring_leadscore"


def score_everybody(bench: Bench) -> None:
    rescoring.rescore_due(day=bench.day, now=bench.now)


def stands_at() -> int:
    segments = _one("SELECT MAX(refreshed_day) FROM segments_segment")
    return max(segments, _one("SELECT as_of FROM scoring_scoringmodel WHERE state = 'live'"))


def _rescore(bench: Bench) -> dict[str, Any]:
    done = rescoring.rescore_all(day=bench.day, now=bench.now)
    assert done.rescored == bench.leads
    return {"became hot": done.became_hot, "cooled": done.cooled}


def _rebuild(bench: Bench) -> dict[str, Any]:
    done = rescoring.rebuild_all(day=bench.day, now=bench.now)
    assert done.rescored == bench.leads
    return {"hits": _one("SELECT COUNT(*) FROM scoring_rulehit")}


def _remember(bench: Bench) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_before")
        cursor.execute(
            f"CREATE TABLE bench_before AS SELECT lead_id, total, fit, engagement, facts, facts_until FROM {POINTS}"
        )


def _nightly(bench: Bench) -> dict[str, Any]:
    done = rescoring.rescore_due(day=bench.day, now=bench.now)
    return {"visited": done.rescored, "share": f"{done.rescored / bench.leads:.1%}"}


def _compare(bench: Bench) -> dict[str, Any]:
    """Of the leads visited, not because of a date in an attribute: how many have other points than the day before."""
    changed = _one(
        f"SELECT COUNT(*) FROM {POINTS} s JOIN bench_before b ON b.lead_id = s.lead_id"
        " WHERE s.total <> b.total OR s.fit <> b.fit OR s.engagement <> b.engagement"
    )
    return {"changed": changed}


def _one(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


ROWS = [
    Row("rescore", "full rescore from the ledger, all rows written", "F", {"postgresql": 1.5, "sqlite": 5.0}, _rescore),
    Row("nightly", "nightly run, due leads only", "F", {"postgresql": 0.40, "sqlite": 0.9}, _nightly,
        prepare=_remember, after=_compare),
    Row("rebuild", "ledger and scores rebuilt from raw", "F", {"postgresql": 3.5, "sqlite": 14.0}, _rebuild),
]  # fmt: skip
