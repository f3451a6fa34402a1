"""Three people in front of the pages: the rep whose leads they are, a colleague, a marketer."""

from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from handoff.models import SalesRep, SalesTeam
from leadqual.common.access import Role, give_role
from leadqual.leads.models import Lead
from leadqual.scoring.models import LeadScore, ScoringModel
from segments.models import Segment
from tests.leads.factories import a_lead
from tests.scoring.drafts import DAY, a_draft, put_live
from tests.segments.factories import a_segment


def a_person(name: str, role: Role) -> User:
    person = User.objects.create_user(name, f"{name}@example.com")
    give_role(person, role)
    if role is Role.REP:
        team, _made = SalesTeam.objects.get_or_create(name="Team")
        SalesRep.objects.create(user=person, team=team)
    return User.objects.get(pk=person.pk)


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def owned(person: User, **fields: Any) -> Lead:
    lead = a_lead(**fields)
    Lead.objects.filter(pk=lead.pk).update(owner=person)
    return lead


def a_live_model(**fields: Any) -> ScoringModel:
    return put_live(a_draft(hot_at=100, cool_at=50, **fields))


def scored(model: ScoringModel, lead: Lead, total: int) -> Lead:
    LeadScore.objects.filter(model=model, lead=lead).delete()
    LeadScore.objects.create(
        model=model, lead=lead, total=total, fit=0, engagement=total, as_of=DAY, last_act=DAY
    )
    return lead


def a_hand_picked_segment(name: str) -> Segment:
    """Nobody fulfils its condition: only who is put into it is in it."""
    return a_segment({"field": "source", "op": "is", "value": "nothing"}, name)
