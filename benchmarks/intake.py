"""Events in: the durable insert of one, and the drain of a thousand."""

import time
from itertools import count
from typing import Any

from benchmarks.acts import AREAS, TYPES
from benchmarks.bench import Bench, Row
from leadqual.leads import inbox
from leadqual.leads.models import Inbox

BATCH = 1000
INSERTS = 1000

# event ids of another process on the same copy must not meet ours
_numbers = count(time.time_ns() // 1000)


def _events(bench: Bench, number: int) -> list[dict[str, Any]]:
    """Acts of the last two days by leads all over the market; one page in a hundred was never seen before."""
    keys = [row[0] for row in TYPES]
    weights = [row[2] for row in TYPES]
    pages = {row[0]: row[3] for row in TYPES}
    events = []
    for key in bench.chance.choices(keys, weights, k=number):
        n = next(_numbers)
        page = pages[key] + n if n % 100 == 0 else bench.chance.randrange(pages[key])
        seconds = bench.chance.randrange(2 * 86400)
        event = {
            "type": key,
            "event_id": f"d{n}",
            "occurred_at": bench.now.timestamp() - seconds,
            "lead": {"external_id": f"u{bench.chance.randrange(bench.leads) + 1}"},
            "attributes": {"kind": f"k{page % 7}", "session": f"s{n // 3}"},
        }
        if areas := AREAS.get(key):
            address = f"{areas[page % len(areas)]}{key}-{page}"
            events.append(event | {"url": f"https://www.example.jp{address}?utm_source=mail"})
        else:
            events.append(event | {"path": f"{key}-{page}"})
    return events


def _fill_inbox(bench: Bench) -> None:
    inbox.receive_many(_events(bench, BATCH), now=bench.now)


def _drain(bench: Bench) -> dict[str, Any]:
    drained = inbox.drain(now=bench.now, limit=BATCH)
    assert drained.recorded == BATCH, drained
    return {"leads": len(drained.leads)}


def _prepare_inserts(bench: Bench) -> None:
    Inbox.objects.all().delete()
    bench.notes["events"] = _events(bench, INSERTS)


def _insert(bench: Bench) -> None:
    for event in bench.notes["events"]:
        inbox.receive(event, now=bench.now)


def _forget_inserts(bench: Bench) -> None:
    Inbox.objects.all().delete()


ROWS = [
    Row("drain", "one drained event, in batches of 1,000", "F1", {"postgresql": 1.2}, _drain,
        prepare=lambda bench: (_forget_inserts(bench), _fill_inbox(bench))[0], per=lambda bench: BATCH),
    Row("inbox", "one event received (durable insert)", "F1", {"postgresql": 1.4}, _insert,
        prepare=_prepare_inserts, per=lambda bench: INSERTS),
]  # fmt: skip
