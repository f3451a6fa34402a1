"""What each role may do with each model of the admin, as one table; and what its lists cost."""

from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handoff.models import HandoffPolicy, SalesRep, SalesTeam
from handoff.policies import retire
from leadqual.common.access import Role, give_role
from leadqual.common.tokens import create_token
from leadqual.leads.models import ActivityType
from segments.models import Segment
from tests.handoff.factories import offered, policy
from tests.journeys.factories import a_map
from tests.scoring.drafts import a_draft, a_group, behaviour

pytestmark = pytest.mark.django_db

BUDGET = 30
BACKEND = "leadqual.common.signing_in.Backend"
PEOPLE = ("superuser", "admin", "marketer", "rep", "anonymous")
ALL, NONE = "view add change delete", "-"
TABLE = {
    # superuser, admin, marketer, rep, anonymous
    "auth.User": ("view add change", "view add change", NONE, NONE, NONE),
    "auth.Group": (ALL, "view", NONE, NONE, NONE),
    "common.Organisation": ("view change", "view change", NONE, NONE, NONE),
    "common.ApiToken": ("view delete", "view delete", NONE, NONE, NONE),
    "segments.Segment": ("view add change", "view add change", "view add change", NONE, NONE),
    "leads.ActivityType": (ALL, ALL, "view add change", NONE, NONE),
    "scoring.ScoringModel": (ALL, ALL, ALL, NONE, NONE),
    "journeys.JourneyMap": (ALL, ALL, ALL, NONE, NONE),
    "journeys.Stage": (ALL, ALL, ALL, NONE, NONE),
    "journeys.Content": (ALL, ALL, ALL, NONE, NONE),
    "handoff.SalesTeam": (ALL, ALL, "view add change", NONE, NONE),
    "handoff.SalesRep": ("view add change", "view add change", "view add change", NONE, NONE),
    "handoff.HandoffPolicy": ("view add change", "view add change", "view add change", NONE, NONE),
    "handoff.Handoff": ("view", "view", "view", NONE, NONE),
    "handoff.Feedback": ("view", "view", "view", NONE, NONE),
    "mfa.Authenticator": ("view delete", "view delete", NONE, NONE, NONE),
}


def person(name: str) -> User | AnonymousUser:
    if name == "anonymous":
        return AnonymousUser()
    if name == "superuser":
        return User.objects.create_superuser(name, f"{name}@example.com")
    made = User.objects.create_user(name, f"{name}@example.com")
    give_role(made, {"admin": Role.ADMIN, "marketer": Role.MARKETER, "rep": Role.REP}[name])
    return User.objects.get(pk=made.pk)


def test_the_table_of_rights() -> None:
    """Only what no single object narrows further: a live model, say, may be changed by nobody."""
    people = [person(name) for name in PEOPLE]
    found = {}
    for model, page in admin.site._registry.items():
        cells = []
        for user in people:
            request = RequestFactory().get("/admin/")
            request.user = user
            rights = page.get_model_perms(request) if admin.site.has_permission(request) else {}
            cells.append(" ".join(each for each in ALL.split() if rights.get(each)) or NONE)
        found[model._meta.label] = tuple(cells)
    assert found == TABLE


def answers(client: Client, label: str) -> dict[str, int]:
    app, model = label.lower().split(".")
    return {
        action: client.get(reverse(f"admin:{app}_{model}_{route}")).status_code
        for action, route in (("view", "changelist"), ("add", "add"))
    }


@pytest.mark.parametrize("name", PEOPLE)
def test_the_pages_answer_as_the_table_says(name: str) -> None:
    client, user = Client(), person(name)
    if isinstance(user, User):
        client.force_login(user, BACKEND)
    wrong = []
    for label, cells in TABLE.items():
        rights = cells[PEOPLE.index(name)].split()
        refused = 403 if name in {"superuser", "admin", "marketer"} else 302
        expected = {action: 200 if action in rights else refused for action in ("view", "add")}
        if answers(client, label) != expected:
            wrong.append((label, answers(client, label), expected))
    assert wrong == []


def grow(rows: int) -> None:
    """So many more of every model that the admin lists."""
    for _ in range(rows):
        number = User.objects.count()
        user = User.objects.create_user(f"person{number}", f"person{number}@example.com")
        create_token(user, "key", days=1, now=datetime(2026, 1, 1, tzinfo=UTC))
        kind = ActivityType.objects.create(key=f"kind{number}", label=f"Kind {number}")
        behaviour(a_group(a_draft(f"model {number}")), kind, points=7)
        a_map(live=False)
        team = SalesTeam.objects.create(name=f"team {number}", manager=user)
        policy(team)
        offered(SalesRep.objects.create(user=user, team=team))


def test_lists_cost_the_same_with_many_rows() -> None:
    user = person("superuser")
    assert isinstance(user, User)
    client = Client()
    client.force_login(user, BACKEND)
    grow(3)
    few = costs(client)
    grow(12)
    many = costs(client)
    assert Segment.objects.count() >= 12
    assert {label: count for label, count in many.items() if count > few[label]} == {}
    assert {label: count for label, count in many.items() if count > BUDGET} == {}


def costs(client: Client) -> dict[str, int]:
    """Queries of the list and of the first row's own page, by model."""
    found = {}
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        addresses = [reverse(f"admin:{name}_changelist")]
        first = model._default_manager.order_by("pk").first()
        if first is not None:
            addresses.append(reverse(f"admin:{name}_change", args=[first.pk]))
        for address in addresses:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200, address
            found[address] = len(queries)
    return found


def test_nobody_sees_or_takes_away_the_second_factor_of_a_superuser() -> None:
    above = person("superuser")
    secret = generate_totp_secret()
    TOTP.activate(above, secret)
    row = Authenticator.objects.get()
    assert secret not in str(row.data)
    client = Client()
    client.force_login(person("admin"), BACKEND)
    shown = client.get(reverse("admin:mfa_authenticator_change", args=[row.pk]))
    assert shown.status_code == 200
    assert secret not in shown.content.decode() and row.data["secret"] not in shown.content.decode()
    assert (
        client.post(reverse("admin:mfa_authenticator_delete", args=[row.pk]), {"post": "yes"}).status_code
        == 403
    )
    assert Authenticator.objects.count() == 1


def test_a_page_of_the_past_changes_nothing() -> None:
    """Going back by the history would pass over the checks of going live."""
    row = policy(SalesTeam.objects.create(name="Past"), state="live")
    retire(row)
    client = Client()
    client.force_login(person("marketer"), BACKEND)
    first = HandoffPolicy.history.filter(id=row.pk).earliest()
    address = reverse("admin:handoff_handoffpolicy_simple_history", args=[row.pk, first.history_id])
    shown = client.get(address)
    assert shown.status_code == 200
    client.post(address, {"name": row.name, "position": 0})
    row.refresh_from_db()
    assert row.state == "retired"


def test_a_marketer_makes_a_team_and_a_rep_of_people_chosen_by_name() -> None:
    somebody = User.objects.create_user("somebody", last_name="Sato", first_name="Ken")
    client = Client()
    client.force_login(person("marketer"), BACKEND)
    management = {
        f"reps-{key}": "0" for key in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
    }
    client.post(reverse("admin:handoff_salesteam_add"), {"name": "New", "manager": somebody.pk} | management)
    team = SalesTeam.objects.get(name="New")
    assert team.manager == somebody
    page = client.get(reverse("admin:handoff_salesrep_add")).content.decode()
    assert "Ken Sato (somebody)" in page
    client.post(
        reverse("admin:handoff_salesrep_add"),
        {
            "user": somebody.pk,
            "team": team.pk,
            "weight": 1,
            "capacity": 20,
            "active": "on",
            "territory": "null",
        },
    )
    assert SalesRep.objects.get(user=somebody).team == team
