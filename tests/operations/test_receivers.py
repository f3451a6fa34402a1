"""Leads that are touched are read again at once for the segments that live policies use (semantics 26)."""

import pytest
from django.db import transaction

from handoff.direct import hand_over_manually
from handoff.models import SalesRep
from leadqual.common import clock
from leadqual.leads import lifecycle, recording
from leadqual.leads.companies import edit_company
from leadqual.leads.editing import edit_leads
from leadqual.leads.models import Lead
from leadqual.leads.recording import Event
from leadqual.scoring.rescoring import rescore_due
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


def lead_in_a_market_whose_policy_asks(condition: str) -> Lead:
    """With a scoring model under which an executive has ten points."""
    a_design(text=DESIGN.replace("{activity: paper, op: at_least, count: 1, within_days: 30}", condition))
    lead = a_lead(now=NOW)
    rescore_due(day=TODAY, now=NOW)
    refresh(day=TODAY, now=NOW)
    assert segments_of(lead) == set()
    return lead


def change(lead: Lead, what: str) -> None:
    rep = SalesRep.objects.get(user__username="sato")
    match what:
        case "status":
            lifecycle.set_status({lead.pk}, "nurturing", now=NOW)
        case "outcome":
            lifecycle.record_outcome(lead, "won", TODAY - 40, now=NOW)
        case "handoff":
            hand_over_manually(lead, now=NOW, rep=rep)
        case "score":
            edit_leads({lead.pk: {"seniority": "executive"}}, now=NOW)


@pytest.mark.parametrize(
    ("condition", "what"),
    [
        ("{field: status, op: is, value: nurturing}", "status"),
        ("{field: outcome, op: is, value: won}", "outcome"),
        (f"{{field: outcome_day, op: is, value: {clock.date_of(TODAY - 40)}}}", "outcome"),
        ("{field: with_sales, op: is, value: true}", "handoff"),
        ("{field: owner, op: contains, value: sato}", "handoff"),
        ("{field: handed_off, op: is, value: true}", "handoff"),
        ("{field: score, op: at_least, value: 10}", "score"),
    ],
)
def test_what_follows_from_a_change_counts_at_once(condition: str, what: str) -> None:
    lead = lead_in_a_market_whose_policy_asks(condition)
    with transaction.atomic():
        change(lead, what)
    assert segments_of(lead) == {"Reading"}


def test_an_outcome_of_another_day_counts_at_once() -> None:
    lead = lead_in_a_market_whose_policy_asks(
        f"{{field: outcome_day, op: is, value: {clock.date_of(TODAY - 40)}}}"
    )
    for day in (TODAY - 10, TODAY - 40):
        with transaction.atomic():
            lifecycle.record_outcome(lead, "won", day, now=NOW)
    assert segments_of(lead) == {"Reading"}
