import random
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from leadqual.leads import recording
from leadqual.leads.models import Activity, Visitor, VisitorTie
from leadqual.leads.recording import Event, Recorded
from tests.leads.acts import a_type, at, heard, recorded
from tests.leads.factories import a_lead

pytestmark = pytest.mark.django_db


def tied(visitor: UUID, lead: int, since: int) -> set[int]:
    with transaction.atomic():
        return recording.tie_visitor(visitor, lead, at(since), now=at(days=30))


def owners() -> dict[str | None, int | None]:
    return dict(Activity.objects.order_by("pk").values_list("event_id", "lead"))


def seen(visitor: UUID, minute: int) -> Event:
    return Event("visit", at(minute), visitor_id=visitor, event_id=str(minute))


def test_an_act_of_somebody_unknown_is_kept_with_the_browser() -> None:
    a_type()
    browser = uuid4()
    with heard() as said:
        assert recorded(seen(browser, 5), seen(browser, 3)) == Recorded(2, 0, set())
    assert [told["leads"] for told in said] == [set()]  # told for the new signature only
    assert Visitor.objects.get().first_seen == at(3)
    assert set(Activity.objects.values_list("visitor", "lead")) == {(browser, None)}


def test_the_first_person_gets_everything_the_browser_did() -> None:
    lead, kind, browser, stranger = a_lead(), a_type(), uuid4(), uuid4()
    recorded(seen(browser, 1), seen(browser, 9), seen(stranger, 2))
    with heard() as said:
        assert tied(browser, lead.pk, 5) == {lead.pk}
    assert said == [
        {"leads": {lead.pk}, "signatures": set(), "types": {lead.pk: {kind.pk}}, "now": at(days=30)}
    ]
    assert owners() == {"1": lead.pk, "9": lead.pk, "2": None}


def test_a_second_person_only_gets_later_acts_and_a_late_one_goes_to_whose_browser_it_was() -> None:
    first, second, browser = a_lead(), a_lead(), uuid4()
    a_type()
    recorded(seen(browser, 1), seen(browser, 15), seen(browser, 25))
    tied(browser, first.pk, 10)
    assert tied(browser, second.pk, 20) == {first.pk, second.pk}
    recorded(seen(browser, 2), seen(browser, 19), seen(browser, 20))
    assert owners() == {
        "1": first.pk, "15": first.pk, "25": second.pk, "2": first.pk, "19": first.pk, "20": second.pk,
    }  # fmt: skip


def test_an_event_with_a_lead_and_a_visitor_ties_them() -> None:
    lead, browser = a_lead(), uuid4()
    a_type()
    recorded(seen(browser, 1))
    named = Event("visit", at(5), lead_id=lead.pk, visitor_id=browser, event_id="named")
    assert recorded(named, seen(browser, 7)) == Recorded(2, 0, {lead.pk})
    assert owners() == {"1": lead.pk, "named": lead.pk, "7": lead.pk}
    assert VisitorTie.objects.values_list("lead", "since").get() == (lead.pk, at(5))


def test_an_act_that_named_its_lead_stays_whosever_the_browser_was() -> None:
    first, second, browser = a_lead(), a_lead(), uuid4()
    a_type()
    recorded(Event("visit", at(5), lead_id=first.pk, visitor_id=browser, event_id="named"))
    tied(browser, second.pk, 3)
    tied(browser, second.pk, 5)
    assert owners() == {"named": first.pk}


def test_knowing_the_same_person_again_moves_nothing() -> None:
    lead, browser = a_lead(), uuid4()
    a_type()
    recorded(seen(browser, 1))
    tied(browser, lead.pk, 5)
    with heard() as said:
        assert tied(browser, lead.pk, 5) == set()
        assert tied(browser, lead.pk, 8) == set()
    assert said == []


def test_two_people_at_the_same_moment_end_the_same_in_either_order() -> None:
    first, second = sorted([a_lead().pk, a_lead().pk])
    a_type()
    for order in ([first, second], [second, first]):
        browser = uuid4()
        recorded(Event("visit", at(1), visitor_id=browser, event_id=str(browser)))
        for lead in order:
            tied(browser, lead, 5)
        assert owners()[str(browser)] == first


def test_the_order_of_arrival_does_not_matter() -> None:
    seed = random.randrange(10**9)
    print("seed", seed)
    chance = random.Random(seed)
    leads = [a_lead().pk for _ in range(3)]
    a_type()
    story = [(minute, chance.choice([None, None, *leads])) for minute in range(5)]
    outcomes = set()
    for order in permutations(story):
        browser = uuid4()
        for minute, lead in order:
            event_id = f"{browser.hex[:20]}-{minute}"
            recorded(Event("visit", at(minute), lead_id=lead, visitor_id=browser, event_id=event_id))
        acts = Activity.objects.filter(event_id__startswith=browser.hex[:20]).order_by("occurred_at")
        outcomes.add(tuple(acts.values_list("lead", flat=True)))
    assert len(outcomes) == 1
