"""Real publishers at once, each with its own connection."""

import threading
from collections.abc import Callable, Sequence

import pytest
from django.db import connection, transaction

from leadqual.common.errors import LeadqualError
from leadqual.leads import recording
from leadqual.leads.recording import Event
from leadqual.scoring.checking import check_ledger
from leadqual.scoring.models import ScoringModel
from leadqual.scoring.publishing import publish, resume
from tests.scoring.drafts import DAY, on
from tests.scoring.markets import NO_ROWS, Market, replayed, rows_of, totals

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(works: Sequence[Callable[[], object]]) -> list[object]:
    """Runs the works in threads that start together; what each gave back or raised."""
    start, given = threading.Barrier(len(works)), [None] * len(works)

    def run(number: int, work: Callable[[], object]) -> None:
        try:
            start.wait(timeout=30)
            given[number] = work()
        except Exception as error:
            given[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return given


def codes(given: Sequence[object]) -> list[str]:
    """The codes of the refusals; anything else that was raised is a failure."""
    errors = [each for each in given if isinstance(each, Exception)]
    assert all(isinstance(error, LeadqualError) for error in errors), errors
    return sorted(error.code for error in errors if isinstance(error, LeadqualError))


@pytest.mark.parametrize("live_before", [False, True])
def test_of_publishers_of_one_draft_exactly_one_wins_and_the_others_are_told(live_before: bool) -> None:
    market = Market()
    draft = market.first
    if live_before:
        market.open()
        draft = market.draft(15, hot_at=30, cool_at=20)
    given = at_once([lambda: publish(ScoringModel.objects.get(pk=draft.pk), day=DAY, now=on(DAY))] * 4)
    assert codes(given) == ["not_a_draft"] * 3
    draft.refresh_from_db()
    assert (draft.state, draft.build_position) == ("live", None)
    assert ScoringModel.objects.filter(state__in=["live", "building"]).count() == 1
    if live_before:
        assert totals(draft) == [15, 30, 45, 60, 75]
        assert rows_of(market.first) == NO_ROWS
        assert check_ledger().clean


def test_while_one_model_is_built_another_cannot_be_published() -> None:
    market = Market()
    market.open()
    one, other = (market.draft(points, hot_at=30, cool_at=20) for points in (15, 16))
    built, tried = threading.Event(), threading.Event()

    def first() -> object:
        def wait(_preview: object) -> None:
            built.set()
            assert tried.wait(timeout=60)

        return publish(one, day=DAY, now=on(DAY), previewed=wait)

    def second() -> object:
        assert built.wait(timeout=60)
        try:
            return publish(other, day=DAY, now=on(DAY))
        finally:
            tried.set()

    assert codes(at_once([first, second])) == ["publishing_already"]
    states = list(ScoringModel.objects.order_by("version").values_list("state", flat=True))
    assert states == ["retired", "live", "draft"]
    assert rows_of(other) == NO_ROWS
    assert check_ledger().clean


def test_events_of_several_writers_during_a_publication_all_count() -> None:
    market = Market(visits=[1] * 30)
    market.open()
    new = market.draft(20, hot_at=90, cool_at=20)
    done = threading.Event()

    def write(first: int) -> int:
        written = 0
        while not done.is_set() or written < 20:
            lead = market.leads[(first * 7 + written) % 30]
            event = Event(type="inquiry", occurred_at=on(DAY), lead_id=lead.pk, event_id=f"{first}-{written}")
            with transaction.atomic():
                recording.record([event], now=on(DAY))
            written += 1
            if written >= 60:
                break
        return written

    def publishing() -> object:
        try:
            return publish(new, day=DAY, now=on(DAY))
        finally:
            done.set()

    given = at_once([publishing, *(lambda first=n: write(first) for n in range(3))])
    assert codes(given) == []
    new.refresh_from_db()
    assert totals(new) == replayed(new, DAY)
    assert sum(totals(new)) == 30 * 20 + 40 * sum(int(str(each)) for each in given[1:])
    assert check_ledger().clean


def test_the_sweep_and_the_publisher_do_the_work_once_between_them() -> None:
    market = Market(visits=[1, 2, 3] * 10)
    old = market.open()
    new = market.draft(20, hot_at=40, cool_at=20)

    def sweep() -> object:
        for _turn in range(20):
            resume(now=on(DAY))
        return None

    given = at_once([lambda: publish(new, day=DAY, now=on(DAY)), sweep, sweep])
    assert codes(given) == []
    resume(now=on(DAY))
    new.refresh_from_db()
    assert (new.state, new.build_position) == ("live", None)
    assert totals(new) == [20, 40, 60] * 10
    assert new.qualifications.count() == 10
    assert rows_of(old) == NO_ROWS
