"""A bulk action whose request dies on the way: what it did until then is on record and can be undone."""

from collections.abc import Callable
from typing import Any

import pytest

from handoff.models import Handoff, State
from leadqual.common import clock
from leadqual.common.access import Role
from leadqual.common.errors import LeadqualError
from leadqual.desk import bulk
from leadqual.desk.bulk import Act, Wish, carry_out, undo
from leadqual.desk.models import BulkAction
from leadqual.leads.models import Lead, Status
from segments.models import ManualMember
from tests.desk.people import a_hand_picked_segment, a_person, browser
from tests.leads.factories import a_lead

pytestmark = pytest.mark.django_db


class Killed(Exception):
    pass


@pytest.fixture
def marketer() -> Any:
    return a_person("marketer", Role.MARKETER)


@pytest.fixture
def leads() -> list[int]:
    return [a_lead().pk for _number in range(5)]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 2)
    monkeypatch.setattr(bulk, "AT_ONCE", 2)


def dying(real: Callable[..., Any], after: int) -> Callable[..., Any]:
    """Does its work, and then the worker is gone: in the middle of the batch."""
    calls = []

    def does(*args: Any, **options: Any) -> Any:
        calls.append(1)
        answer = real(*args, **options)
        if len(calls) > after:
            raise Killed
        return answer

    return does


def killed(wish: Wish, leads: list[int], by: Any) -> BulkAction:
    with pytest.raises(Killed):
        carry_out(wish, leads, now=clock.now(), by=by)
    return BulkAction.objects.get()


def test_leads_disqualified_before_the_end_get_their_status_back(
    marketer: Any, leads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(bulk, "set_status", dying(bulk.set_status, 2))
        row = killed(Wish(Act.DISQUALIFY, why="x"), leads, marketer)
    gone = Lead.objects.filter(status=Status.DISQUALIFIED)
    assert (row.done, gone.count(), bulk.can_undo(row)) == (4, 4, True)
    assert undo(row, now=clock.now(), by=marketer) == 4
    assert not gone.exists()


def test_what_broke_off_is_found_where_the_next_is_begun(
    marketer: Any, leads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(bulk, "set_status", dying(bulk.set_status, 2))
        row = killed(Wish(Act.DISQUALIFY, why="x"), leads, marketer)
    lead = str(Lead.objects.get(pk=leads[4]).public_id)
    data = {"action": "disqualify", "lead": [lead]}
    address = f'href="/leads/bulk/{row.public_id}/"'
    assert address in browser(marketer).post("/leads/bulk/", data).content.decode()
    colleague = browser(a_person("colleague", Role.MARKETER))
    assert address not in colleague.post("/leads/bulk/", data).content.decode()


def test_leads_put_into_a_segment_before_the_end_are_taken_out_again(
    marketer: Any, leads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = a_hand_picked_segment("Few")
    with monkeypatch.context() as patch:
        patch.setattr(bulk, "choose_many", dying(bulk.choose_many, 1))
        row = killed(Wish(Act.INCLUDE, segment=segment), leads, marketer)
    assert (row.done, ManualMember.objects.count()) == (2, 2)
    assert undo(row, now=clock.now(), by=marketer) == 2
    assert not ManualMember.objects.exists()


def test_leads_handed_over_before_the_end_are_withdrawn(
    marketer: Any, leads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "hand_over_manually", dying(bulk.hand_over_manually, 3))
    row = killed(Wish(Act.HAND_OVER, why="x"), leads, marketer)
    assert (row.done, Handoff.objects.filter(state=State.WAITING).count()) == (2, 2)
    assert undo(row, now=clock.now(), by=marketer) == 2


def test_what_is_undone_while_it_runs_goes_no_further(
    marketer: Any, leads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = bulk.set_status

    def undone(*args: Any, **options: Any) -> Any:
        BulkAction.objects.update(undone_at=clock.now())
        return real(*args, **options)

    monkeypatch.setattr(bulk, "set_status", undone)
    with pytest.raises(LeadqualError):
        carry_out(Wish(Act.DISQUALIFY, why="x"), leads, now=clock.now(), by=marketer)
    assert Lead.objects.filter(status=Status.DISQUALIFIED).count() == 2
