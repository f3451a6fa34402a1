"""The same small world for every route: a lead that is one rep's, and five who look at it."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from handoff.models import SalesRep, SalesTeam
from leadqual.common.access import Role, give_role
from leadqual.leads.models import Company, Lead
from tests.leads.factories import a_company, a_lead

# The columns of the table, in this order.
PRINCIPALS = ("anonymous", "owner", "other", "marketer", "admin")


@dataclass
class World:
    """`owner` and `other` are reps; `lead` of `company` is the owner's. Modules of routes add `things` of their own."""

    people: dict[str, User]
    lead: Lead
    company: Company
    things: dict[str, Any] = field(default_factory=dict)

    def client(self, principal: str) -> Client:
        client = Client(raise_request_exception=False)
        if principal != "anonymous":
            client.force_login(self.people[principal], "leadqual.common.signing_in.Backend")
        return client


def build() -> World:
    people = {name: User.objects.create_user(name, f"{name}@example.com") for name in PRINCIPALS[1:]}
    for name, role in (
        ("owner", Role.REP),
        ("other", Role.REP),
        ("marketer", Role.MARKETER),
        ("admin", Role.ADMIN),
    ):
        give_role(people[name], role)
    team = SalesTeam.objects.create(name="Team", manager=people["marketer"])
    for name in ("owner", "other"):
        SalesRep.objects.create(user=people[name], team=team)
    company = a_company("Canary Works")
    lead = a_lead(family_name="Canary", company=company, email="canary@example.com")
    Lead.objects.filter(pk=lead.pk).update(owner=people["owner"])
    return World(people, lead, company, {"team": team})
