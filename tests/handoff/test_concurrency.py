"""Several at once, in threads with connections of their own, on both databases."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.db.models import Count

from handoff import answering, assignment
from handoff.assignment import assign
from handoff.collecting import collect
from handoff.direct import hand_over_manually
from handoff.escalation import move_on
from handoff.models import Handoff, Means, SalesRep, State
from leadqual.common.errors import LeadqualError
from leadqual.leads.models import Lead
from leadqual.messaging.models import EmailMessage, EmailPart, Notice
from leadqual.scoring.endings import end_by_sales
from tests.handoff import factories
from tests.handoff.factories import DAY, WEDNESDAY

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*steps: Callable[[], object]) -> list[object]:
    """Runs all steps from one starting line; what each returned or raised."""
    line = threading.Barrier(len(steps))
    results: list[object] = [None] * len(steps)

    def run(number: int, step: Callable[[], object]) -> None:
        try:
            line.wait()
            results[number] = step()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return results


def test_four_runs_at_once_hand_each_lead_over_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assignment, "BATCH", 25)
    team = factories.team()
    factories.reps(team, 10, capacity=20)
    factories.policy(team)
    factories.hot(220)
    results = at_once(*[lambda: assign(now=WEDNESDAY, day=DAY)] * 4)
    assert sum(result.assigned for result in results) == 200  # type: ignore[attr-defined]
    loads = SalesRep.objects.annotate(load=Count("handoffs")).values_list("load", flat=True)
    assert list(loads) == [20] * 10
    assert max(Counter(Handoff.objects.values_list("lead", flat=True)).values()) == 1
    assert Notice.objects.count() == Lead.objects.filter(with_sales=True).count() == 200


def test_a_lead_cooling_or_taken_by_hand_during_a_run_is_offered_at_most_once() -> None:
    team = factories.team()
    [rep, *_] = factories.reps(team, 3, capacity=100)
    factories.policy(team)
    people = factories.hot(40)

    def by_hand() -> int:
        taken = 0
        for lead in people[:20]:
            try:
                hand_over_manually(lead, now=WEDNESDAY, rep=rep)
                taken += 1
            except LeadqualError as error:
                assert error.code == "handed_over"
        return taken

    results = at_once(
        by_hand,
        lambda: end_by_sales([lead.pk for lead in people[20:]], day=DAY, now=WEDNESDAY),
        lambda: assign(now=WEDNESDAY, day=DAY),
        lambda: assign(now=WEDNESDAY, day=DAY),
    )
    assert not [result for result in results if isinstance(result, Exception)]
    assert max(Counter(Handoff.objects.values_list("lead", flat=True)).values()) == 1
    handed = set(Handoff.objects.values_list("lead", flat=True))
    assert {lead.pk for lead in people[:20]} <= handed


def test_an_offer_accepted_at_its_last_moment_is_accepted_or_moved_on_but_not_both() -> None:
    team = factories.team()
    first = factories.rep(team, capacity=30)
    factories.policy(team)
    handoffs = [factories.offered(first) for _ in range(10)]
    factories.reps(team, 2)
    late = handoffs[-1].accept_by
    accepted = at_once(
        lambda: move_on(now=late, day=DAY),
        lambda: move_on(now=late, day=DAY),
        *[lambda each=each: answering.accept(each, now=late) for each in handoffs],
    )[2:]
    refused = [result for result in accepted if isinstance(result, LeadqualError)]
    assert all(error.code == "wrong_state" for error in refused)
    # A lead whose answer was under way in a pass is found by the next.
    move_on(now=late, day=DAY)
    states = Counter(Handoff.objects.values_list("state", flat=True))
    assert states[State.ACCEPTED] == 10 - len(refused)
    assert states[State.EXPIRED] == states[State.OFFERED] == len(refused)
    assert Handoff.objects.open().values("lead").distinct().count() == 10


def test_two_answers_at_once_give_one_answer_and_one_error() -> None:
    handoff = factories.offered()
    later = WEDNESDAY + timedelta(hours=1)
    results = at_once(
        lambda: answering.accept(handoff, now=later),
        lambda: answering.reject(handoff, "a student", now=later),
    )
    errors = [result for result in results if isinstance(result, LeadqualError)]
    assert [error.code for error in errors] == ["wrong_state"]
    assert Lead.objects.get().with_sales is (Handoff.objects.get().state == State.ACCEPTED)


def test_the_last_free_place_is_given_once() -> None:
    rep = factories.rep(factories.team(), capacity=1)
    ended = [answering.reject(factories.offered(rep), "a student", now=WEDNESDAY) for _ in range(2)]
    lead = factories.lead()
    results = at_once(
        lambda: answering.reopen(ended[0], now=WEDNESDAY),
        lambda: answering.reopen(ended[1], now=WEDNESDAY),
        lambda: hand_over_manually(lead, now=WEDNESDAY, rep=rep),
    )
    errors = [result for result in results if isinstance(result, LeadqualError)]
    assert [error.code for error in errors] == ["rep_full", "rep_full"]
    assert Handoff.objects.open().count() == 1


def test_two_collectors_tell_each_lead_once() -> None:
    team = factories.team()
    factories.reps(team, 5)
    factories.policy(team, means=[Means.DIGEST.value])
    factories.hot(20)
    assign(now=WEDNESDAY, day=DAY)
    EmailMessage.objects.all().delete()
    Handoff.objects.update(to_collect=True)
    results = at_once(*[lambda: collect(now=WEDNESDAY)] * 3)
    assert sum(results) == 5  # type: ignore[arg-type]
    assert EmailPart.objects.count() == 20


def test_an_empty_run_costs_a_few_statements_however_many_handoffs_there_are(
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    team = factories.team()
    factories.reps(team, 3, capacity=50)
    factories.policy(team, position=1)
    factories.daily(team, position=2)
    for _ in range(2):
        factories.hot(60)
        assign(now=WEDNESDAY, day=DAY)
        with django_assert_max_num_queries(6):  # type: ignore[attr-defined]
            assign(now=WEDNESDAY, day=DAY)


def test_a_lead_costs_a_tenth_of_a_statement() -> None:
    team = factories.team()
    factories.reps(team, 40, capacity=50)
    factories.policy(team, means=[Means.IN_APP.value, Means.MAIL.value])
    factories.hot(1000)
    statements = []

    def count(execute: Callable[..., object], *arguments: object) -> object:
        statements.append(arguments[0])
        return execute(*arguments)

    with connection.execute_wrapper(count):
        assert assign(now=WEDNESDAY, day=DAY).assigned == 1000
    assert len(statements) <= 100
