"""Leads that are touched are read again at once for the segments that live policies use (semantics 26)."""

import pytest
from django.db import transaction

from leadqual.leads import recording
from leadqual.leads.companies import edit_company
from leadqual.leads.editing import edit_leads
from leadqual.leads.models import Lead
from leadqual.leads.recording import Event
from segments.membership import refresh
from segments.models import Membership
from tests.leads.factories import a_company, a_lead
from tests.operations.factories import DESIGN, NOW, TODAY, a_design

pytestmark = pytest.mark.django_db

ASKING = DESIGN.replace(
    "  Reading: {condition: {activity: paper, op: at_least, count: 1, within_days: 30}}",
    """  Bosses: {condition: {field: title, op: is, value: boss}}
  Unused: {condition: {field: title, op: is, value: boss}}
  Reading:
    condition:
      any:
        - {activity: paper, op: at_least, count: 1, within_days: 30}
        - {field: company.industry, op: is, value: it}
        - {segment: Bosses}""",
)


@pytest.fixture
def lead() -> Lead:
    a_design(text=ASKING)
    lead = a_lead(now=NOW)
    refresh(day=TODAY, now=NOW)
    assert segments_of(lead) == set()
    return lead


def segments_of(lead: Lead) -> set[str]:
    return set(Membership.objects.filter(lead=lead).values_list("segment__name", flat=True))


def test_an_act_counts_at_once(lead: Lead) -> None:
    with transaction.atomic():
        recording.record([Event("paper", NOW, lead_id=lead.pk)], now=NOW)
    assert segments_of(lead) == {"Reading"}


def test_an_attribute_counts_at_once_also_through_a_segment_asked_and_only_where_a_policy_asks(
    lead: Lead,
) -> None:
    with transaction.atomic():
        edit_leads({lead.pk: {"title": "boss"}}, now=NOW)
    assert segments_of(lead) == {"Bosses", "Reading"}


def test_another_employer_counts_at_once(lead: Lead) -> None:
    with transaction.atomic():
        edit_leads({lead.pk: {"company": a_company(industry="it")}}, now=NOW)
    assert segments_of(lead) == {"Reading"}


def test_what_the_employer_does_counts_at_once(lead: Lead) -> None:
    company = a_company(industry="retail")
    with transaction.atomic():
        edit_leads({lead.pk: {"company": company}}, now=NOW)
        assert segments_of(lead) == set()
        edit_company(company, {"industry": "it"}, now=NOW)
    assert segments_of(lead) == {"Reading"}
