"""Ten acts of every lead over four hundred days, in the order in which they happened."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import connection

from benchmarks.market import FIRST_DAY, LAST_DAY, SEED
from benchmarks.writing import without_indexes, write
from leadqual.common import clock
from leadqual.leads.models import Activity, ActivityType, Signature
from leadqual.leads.signatures import wanted

PER_LEAD = 10
PAGES = 2000

# key, intent, weight, number of pages or contents, url globs
TYPES: list[tuple[str, str, int, int, list[str]]] = [
    ("page_view", "weak", 40, 1200, []),
    ("pricing_view", "medium", 8, 30, ["/pricing*"]),
    ("case_view", "weak", 8, 200, ["/cases*"]),
    ("mail_open", "weak", 14, 100, []),
    ("mail_click", "medium", 7, 100, []),
    ("download", "medium", 6, 120, []),
    ("seminar_entry", "medium", 4, 60, []),
    ("seminar_visit", "strong", 3, 60, []),
    ("exhibition", "medium", 3, 20, []),
    ("trial", "strong", 2, 5, []),
    ("inquiry", "strong", 2, 5, []),
    ("unsubscribe", "weak", 3, 1, []),
]
AREAS = {
    "page_view": ["/products/", "/company/", "/blog/", "/support/"],
    "pricing_view": ["/pricing/"],
    "case_view": ["/cases/"],
}


def write_acts(leads: int) -> None:
    signatures = _write_signatures()
    with without_indexes(Activity):
        write(Activity, COLUMNS, _acts(leads, signatures))


def _write_signatures() -> list[int]:
    """The signature of each of a thousand equally likely acts."""
    likely: list[int] = []
    for key, intent, weight, pages, globs in TYPES:
        kind = ActivityType.objects.create(
            key=key, label=key, intent=intent, url_globs=globs, declared_attributes=["kind"], by_person=True
        )
        rows = []
        for n in range(pages):
            areas = AREAS.get(key, [""])
            asked = wanted(kind.pk, f"{areas[n % len(areas)]}{key}-{n}", {"kind": f"k{n % 7}"})
            rows.append(
                Signature(type=kind, path=asked.path, attributes={"kind": f"k{n % 7}"}, digest=asked.digest)
            )
        ids = [row.pk for row in Signature.objects.bulk_create(rows)]
        # few pages are seen often, most of them seldom
        chance = random.Random(SEED + kind.pk)
        likely += [ids[int(pages * chance.random() ** 3)] for _ in range(weight * 100)]
    return likely


COLUMNS = [
    "lead_id", "visitor_id", "signature_id", "day", "occurred_at", "received_at", "event_id", "machine", "attributes",
]  # fmt: skip


def _acts(leads: int, likely: list[int]) -> Iterator[tuple[Any, ...]]:
    chance = random.Random(SEED + 1)
    actors = list(range(1, leads + 1)) * PER_LEAD
    chance.shuffle(actors)
    days = LAST_DAY - FIRST_DAY + 1
    per_day = len(actors) / days
    pick, false = chance.choice, "f" if connection.vendor == "postgresql" else 0
    machine = "t" if connection.vendor == "postgresql" else 1
    for n, lead in enumerate(actors):
        offset = int(n / per_day)
        moment = _moments(FIRST_DAY + offset)[n % 96]
        is_machine = machine if n % 50 == 0 else false
        yield lead, None, pick(likely), FIRST_DAY + offset, moment, moment, f"b{n}", is_machine, None


_known: dict[int, list[str]] = {}


def _moments(day: int) -> list[str]:
    """The quarter hours of a day, in UTC."""
    if day not in _known:
        start = clock.start_of(day)
        _known[day] = [
            (start + timedelta(minutes=15 * n)).strftime("%Y-%m-%d %H:%M:%S+00")
            if connection.vendor == "postgresql"
            else (start + timedelta(minutes=15 * n)).strftime("%Y-%m-%d %H:%M:%S")
            for n in range(96)
        ]
    return _known[day]
