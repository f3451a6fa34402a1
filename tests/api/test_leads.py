from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from leadqual.leads.models import Company, FieldChange, Lead
from tests.api.conftest import errors
from tests.leads.factories import a_lead
from tests.permissions.world import World

pytestmark = pytest.mark.django_db
LEADS = "/api/v1/leads/"


def test_a_rep_sees_the_leads_handed_to_them_and_no_other(
    people: World, program: Callable[[str], APIClient]
) -> None:
    a_lead(family_name="Somebody")
    own = program("owner").get(LEADS).json()["results"]
    assert [lead["family_name"] for lead in own] == ["Canary"]
    assert program("other").get(LEADS).json()["results"] == []
    assert program("other").get(f"{LEADS}{people.lead.public_id}/").status_code == 404
    assert "Canary" not in program("other").get("/api/v1/companies/").content.decode()
    assert len(program("marketer").get(LEADS).json()["results"]) == 2


def test_a_lead_is_made_with_its_company_and_a_known_address_is_refused(
    people: World, program: Callable[[str], APIClient]
) -> None:
    client = program("marketer")
    body = {"family_name": "山田", "email": "yamada@example.com", "company": "株式会社見本"}
    made = client.post(LEADS, body, format="json")
    assert made.status_code == 201
    assert made.json()["company"]["name"] == "株式会社見本"
    again = client.post(LEADS, body | {"email": "YAMADA@example.com"}, format="json")
    assert (again.status_code, errors(again)) == (400, [("email", "known")])
    assert Lead.objects.filter(family_name="山田").count() == 1
    assert Company.objects.filter(name="株式会社見本").count() == 1


@pytest.mark.parametrize("field", ["status", "owner", "outcome", "score", "with_sales", "public_id"])
def test_what_has_an_action_of_its_own_cannot_be_written(
    people: World, program: Callable[[str], APIClient], field: str
) -> None:
    answer = program("marketer").patch(f"{LEADS}{people.lead.public_id}/", {field: "x"}, format="json")
    assert answer.status_code == 400
    assert [place for place, _code in errors(answer)] == [field]


def test_a_change_is_logged_and_an_old_version_is_refused(
    people: World, program: Callable[[str], APIClient]
) -> None:
    client, address = program("marketer"), f"{LEADS}{people.lead.public_id}/"
    version = client.get(address).json()["version"]
    assert (
        client.patch(address, {"title": "部長", "version": version}, format="json").json()["title"] == "部長"
    )
    change = FieldChange.objects.get(lead=people.lead, field="title")
    assert change.by == people.people["marketer"]
    late = client.patch(address, {"title": "課長", "version": version}, format="json")
    assert (late.status_code, errors(late)) == (409, [("version", "wrong_state")])
    assert client.get(address).json()["title"] == "部長"


def test_a_cursor_shows_every_lead_once_while_others_arrive(
    people: World, program: Callable[[str], APIClient]
) -> None:
    known = {str(a_lead().public_id) for _n in range(7)} | {str(people.lead.public_id)}
    client, address, seen = program("marketer"), f"{LEADS}?page_size=3", []
    while address:
        page = client.get(address).json()
        seen += [lead["id"] for lead in page["results"]]
        address = page["next"]
        a_lead()
    assert sorted(seen) == sorted(known)


def test_queries_do_not_grow_with_the_leads(people: World, program: Callable[[str], APIClient]) -> None:
    client, counted = program("marketer"), []
    client.get(LEADS)  # the first use of a key on a day is noted
    for more in (2, 30):
        for _n in range(more):
            a_lead()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(LEADS)
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 12
