from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.leads import recording
from leadqual.leads.models import Activity, ActivityType, Signature
from leadqual.leads.recording import Event, Recorded
from tests.leads.acts import a_type, at, heard, recorded
from tests.leads.factories import a_lead

pytestmark = pytest.mark.django_db


def test_an_act_is_written_with_its_day_in_the_organisations_zone() -> None:
    lead, kind = a_lead(), a_type()
    late = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)  # already the 11th in Tokyo
    assert recorded(Event("visit", late, lead_id=lead.pk)) == Recorded(1, 0, {lead.pk})
    act = Activity.objects.get()
    assert (act.lead_id, act.signature.type_id, act.occurred_at) == (lead.pk, kind.pk, late)
    assert act.day == clock.parse_day("2026-03-11")
    assert act.received_at == at(days=30)
    assert (act.machine, act.visitor_id, act.event_id, act.attributes) == (False, None, None, None)


def test_an_act_of_the_future_happened_when_it_was_received() -> None:
    lead = a_lead()
    a_type()
    recorded(Event("visit", at(days=40), lead_id=lead.pk), now=at(days=30))
    recorded(Event("visit", at(days=5), lead_id=lead.pk, received_at=at(days=3)), now=at(days=30))
    acts = Activity.objects.order_by("pk").values_list("occurred_at", "received_at", "day")
    assert list(acts) == [
        (at(days=30), at(days=30), clock.day_of(at(days=30))),
        (at(days=3), at(days=3), clock.day_of(at(days=3))),
    ]


def test_a_known_event_id_is_passed_over_and_counted() -> None:
    lead, other = a_lead(), a_lead()
    a_type()
    one, two = (
        Event("visit", at(), lead_id=lead.pk, event_id="one"),
        Event("visit", at(), lead_id=lead.pk, event_id="two"),
    )
    assert recorded(one, one) == Recorded(1, 1, {lead.pk})
    again = Event("visit", at(9), lead_id=other.pk, event_id="one")
    assert recorded(two, again) == Recorded(1, 1, {lead.pk})
    assert set(Activity.objects.values_list("event_id", "lead")) == {("one", lead.pk), ("two", lead.pk)}


def test_acts_without_an_event_id_are_all_kept() -> None:
    lead = a_lead()
    a_type()
    same = Event("visit", at(), lead_id=lead.pk)
    assert recorded(same, same) == Recorded(2, 0, {lead.pk})


def test_only_repeated_events_touch_nobody() -> None:
    lead = a_lead()
    a_type()
    event = Event("visit", at(), lead_id=lead.pk, event_id="one")
    recorded(event)
    with heard() as said:
        assert recorded(event) == Recorded(0, 1, set())
    assert said == []


def test_an_unknown_type_is_refused_and_nothing_is_written() -> None:
    lead = a_lead()
    a_type()
    with pytest.raises(LeadqualError) as refused:
        recorded(Event("visit", at(), lead_id=lead.pk), Event("never", at(), lead_id=lead.pk))
    assert (refused.value.code, refused.value.place) == ("unknown_type", "type")
    assert not Activity.objects.exists()


def test_types_are_made_only_when_asked_and_once_per_key() -> None:
    lead = a_lead()
    recorded(
        Event("Page View", at(), lead_id=lead.pk),
        Event("page_view", at(1), lead_id=lead.pk),
        Event("資料請求", at(2), lead_id=lead.pk),
        create_types=True,
    )
    assert set(ActivityType.objects.values_list("key", flat=True)) == {"page_view", "資料請求"}
    assert Activity.objects.filter(signature__type__key="page_view").count() == 2


def test_the_signal_tells_leads_new_signatures_and_types() -> None:
    one, two = a_lead(), a_lead()
    visit, inquiry = a_type("visit"), a_type("inquiry")
    with heard() as said:
        recorded(
            Event("visit", at(), lead_id=one.pk, path="/a"),
            Event("inquiry", at(), lead_id=one.pk),
            Event("visit", at(), lead_id=two.pk, path="/a"),
        )
        recorded(Event("visit", at(5), lead_id=two.pk, path="/a"))
    signatures = set(Signature.objects.values_list("pk", flat=True))
    assert len(signatures) == 2
    assert said == [
        {
            "leads": {one.pk, two.pk},
            "signatures": signatures,
            "types": {one.pk: {visit.pk, inquiry.pk}, two.pk: {visit.pk}},
            "now": at(days=30),
        },
        {"leads": {two.pk}, "signatures": set(), "types": {two.pk: {visit.pk}}, "now": at(days=30)},
    ]


def test_moved_acts_keep_their_day_and_tell_both_leads() -> None:
    lead, other = a_lead(), a_lead()
    a_type()
    recorded(Event("visit", at(days=-9), lead_id=lead.pk), Event("visit", at(), lead_id=lead.pk))
    first, second = Activity.objects.order_by("occurred_at")
    with heard() as said, transaction.atomic():
        assert recording.move_activities([first.pk], other.pk, now=at()) == {lead.pk, other.pk}
        assert recording.move_activities([first.pk], other.pk, now=at()) == set()
    assert said == [{"leads": {lead.pk, other.pk}, "signatures": set(), "types": {}, "now": at()}]
    assert Activity.objects.get(pk=first.pk).lead_id == other.pk
    assert Activity.objects.get(pk=first.pk).day == first.day
    assert Activity.objects.get(pk=second.pk).lead_id == lead.pk


def test_a_machine_flag_is_set_and_taken_away() -> None:
    lead = a_lead()
    a_type()
    recorded(Event("visit", at(), lead_id=lead.pk), Event("visit", at(1), lead_id=lead.pk, machine=True))
    ids = list(Activity.objects.values_list("pk", flat=True))
    with transaction.atomic():
        assert recording.flag_machine(ids, now=at()) == {lead.pk}
        assert recording.flag_machine(ids, now=at()) == set()
        assert Activity.objects.filter(machine=True).count() == 2
        assert recording.flag_machine(ids, now=at(), machine=False) == {lead.pk}
    assert Activity.objects.filter(machine=False).count() == 2


def test_erasing_takes_all_acts_of_one_person_only() -> None:
    lead, other = a_lead(), a_lead()
    a_type()
    recorded(
        Event("visit", at(), lead_id=lead.pk),
        Event("visit", at(), lead_id=lead.pk, machine=True),
        Event("visit", at(), lead_id=other.pk),
    )
    with heard() as said, transaction.atomic():
        assert recording.erase_activities(lead.pk, now=at()) == 2
        assert recording.erase_activities(lead.pk, now=at()) == 0
    assert [told["leads"] for told in said] == [{lead.pk}]
    assert list(Activity.objects.values_list("lead", flat=True)) == [other.pk]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_recorded_outside_a_transaction() -> None:
    lead = a_lead()
    with pytest.raises(RuntimeError):
        recording.record([Event("visit", at(), lead_id=lead.pk)], now=at())


def test_a_batch_takes_few_statements(django_assert_max_num_queries: object) -> None:
    leads = [a_lead() for _ in range(5)]
    a_type()
    events = [Event("visit", at(n), lead_id=leads[n % 5].pk, event_id=str(n)) for n in range(200)]
    with django_assert_max_num_queries(40), transaction.atomic():  # type: ignore[operator]
        recording.record(events, now=at(days=1))
    assert connection.in_atomic_block
    assert Activity.objects.count() == 200
