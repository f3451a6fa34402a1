"""Events shuffled, doubled, late and told by four writers at once: the scores are those of a replay."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from leadqual.common.batches import batches
from leadqual.leads import recording
from leadqual.leads.models import Activity
from leadqual.leads.recording import Event
from leadqual.scoring import publishing
from leadqual.scoring.checking import check_ledger
from leadqual.scoring.rescoring import rescore_due
from tests.scoring.drafts import on
from tests.scoring.worlds import PATHS, START, World, live, replayed, stored

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 4
NOTHING = {"missing": 0, "extra": 0, "scores_different": 0}


def events_of(world: World, count: int) -> list[Event]:
    """A tenth are told twice, a third are late."""
    chance = world.random
    events = []
    for number in range(count * 10 // 11):
        late = timedelta(days=chance.choice((0, 0, 0, 1, 20, 90)), minutes=chance.randrange(600))
        events.append(
            Event(
                type=chance.choice(world.types).key,
                occurred_at=on(START) - late,
                lead_id=chance.choice(world.leads),
                path=chance.choice(PATHS) + str(chance.randrange(30)),
                attributes={"tier": chance.choice(("gold", "tin"))},
                event_id=f"event {number}",
                machine=chance.random() < 0.03,
            )
        )
    events += chance.sample(events, count - len(events))
    chance.shuffle(events)
    return events


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    start = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def writer(share: list[Event], seed: int) -> Callable[[], int]:
    def write() -> int:
        sizes, recorded = random.Random(seed), 0
        for batch in batches(share, sizes.choice((40, 100, 250))):
            with transaction.atomic():
                recorded += recording.record(batch, now=on(START)).recorded
        return recorded

    return write


@pytest.mark.soak
def test_four_writers_a_published_edit_and_forty_days_leave_the_ledger_clean(
    figure: Any, soak_record: Any
) -> None:
    seed = random.randrange(10**9)
    print("seed", seed)
    world = World(seed, leads=150)
    publishing.publish(world.draft(12), day=START, now=world.now())
    world.tell(300)
    rescore_due(day=START, now=world.now())
    already = Activity.objects.count()

    count = figure(small=10_000, full=50_000)
    told = events_of(world, count)
    shares = [told[number::WRITERS] for number in range(WRITERS)]
    works: list[Callable[[], Any]] = [writer(share, seed + n) for n, share in enumerate(shares)]
    second = world.draft(12)
    works.append(lambda: publishing.publish(second, day=START, now=world.now()))
    recorded = at_once(works)[:WRITERS]

    different = len({event.event_id for event in told})
    assert sum(recorded) == different
    assert Activity.objects.count() == already + different
    assert live().pk == second.pk
    wrong = sum(stored(live())[lead] != row for lead, row in replayed(live()).items())
    soak_record(f"{count} shuffled, doubled, late events: scores unlike the replay", wrong, "0", wrong == 0)
    assert check_ledger().as_json() == {"leads": len(world.leads)} | NOTHING

    world.today += 40
    rescore_due(day=world.today, now=world.now())
    assert stored(live()) == replayed(live())
    checked = check_ledger()
    found = f"{checked.missing}/{checked.extra}/{checked.scores_different}"
    clean = checked.as_json() == {"leads": len(world.leads)} | NOTHING
    soak_record("check_ledger after a rule edit with publish and 40 days", found, "0/0/0", clean)
