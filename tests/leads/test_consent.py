from datetime import timedelta

import pytest
from django.utils import timezone

from leadqual.common.errors import LeadqualError
from leadqual.leads.consent import consent_of, record_consent
from leadqual.leads.models import ConsentEvent
from tests.leads.factories import a_lead
from tests.permissions import world

pytestmark = pytest.mark.django_db


def test_nobody_has_agreed_who_never_said_so() -> None:
    assert consent_of(a_lead()) is None


def test_the_newest_answer_counts_and_every_answer_stays() -> None:
    lead, now = a_lead(), timezone.now()
    record_consent(lead, given=True, basis="card", now=now, note="exhibition")
    record_consent(lead, given=False, basis="written", now=now + timedelta(hours=1))
    found = consent_of(lead)
    assert found is not None and not found.given
    assert list(ConsentEvent.objects.order_by("pk").values_list("given", "basis", "note")) == [
        (True, "card", "exhibition"), (False, "written", ""),
    ]  # fmt: skip


def test_a_way_nobody_knows_is_refused() -> None:
    lead = a_lead()
    with pytest.raises(LeadqualError) as caught:
        record_consent(lead, given=True, basis="dream", now=timezone.now())
    assert caught.value.place == "basis"
    assert not ConsentEvent.objects.exists()


def test_the_page_takes_down_who_said_what_and_the_lead_page_shows_it() -> None:
    around = world.build()
    client, address = around.client("owner"), f"/leads/{around.lead.public_id}/"
    assert "No answer on record" in client.get(address).content.decode()
    wrong = client.post(address + "consent/", {"basis": "card", "note": "typed"})
    assert wrong.status_code == 200 and "typed" in wrong.content.decode()
    assert not ConsentEvent.objects.exists()
    client.post(address + "consent/", {"given": "no", "basis": "spoken", "note": "by phone"})
    row = ConsentEvent.objects.get()
    assert (row.given, row.basis, row.by) == (False, "spoken", around.people["owner"])
    shown = client.get(address).content.decode()
    assert "wants no marketing mail" in shown and "Wants no marketing mail" in shown
    assert "said so, by phone" in shown
