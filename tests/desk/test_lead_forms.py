"""Leads and companies entered and edited: mistakes at their field, nothing typed is lost, nobody's edit is lost."""

from typing import Any

import pytest
from django.db import transaction

from leadqual.common import clock
from leadqual.common.access import Role
from leadqual.leads.editing import edit_lead
from leadqual.leads.models import BantAnswer, Company, FieldChange, Lead
from tests.desk.people import a_person, browser
from tests.leads.factories import a_company, a_custom_field, a_lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer() -> Any:
    return browser(a_person("marketer", Role.MARKETER))


def test_a_lead_is_entered_with_company_custom_fields_and_bant(marketer: Any) -> None:
    a_custom_field("size", "number")
    a_custom_field("plan", "choice", ("Gold", "Tin"))
    known = a_company("株式会社山田")
    answer = marketer.post(
        "/leads/new/",
        {
            "family_name": "山田", "given_name": "太郎", "email": "Taro@Example.com", "phone": "03-1234-5678",
            "company": "山田㈱", "interests": "cloud, AI", "custom_size": "1,200", "custom_plan": "Gold",
            "bant_budget": "yes", "bant_need": "",
        },
    )  # fmt: skip
    lead = Lead.objects.get()
    assert answer["Location"] == f"/leads/{lead.public_id}/"
    assert (lead.email, lead.company, lead.interests) == ("taro@example.com", known, ["cloud", "AI"])
    assert lead.custom == {"size": 1200, "plan": "Gold"}
    assert lead.owner is None
    assert list(BantAnswer.objects.values_list("letter", "value")) == [("budget", "yes")]


def test_every_mistake_stands_at_its_field_and_what_was_typed_stays(marketer: Any) -> None:
    a_custom_field("size", "number")
    typed = {"family_name": "Name", "email": "not an address", "phone": "12", "custom_size": "many"}
    answer = marketer.post("/leads/new/", typed)
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"email", "phone", "custom_size"}
    page = answer.content.decode()
    for value in typed.values():
        assert f'value="{value}"' in page
    assert not Lead.objects.exists()
    assert "family_name" in marketer.post("/leads/new/", {"title": "x"}).context["form"].errors


def test_a_taken_external_id_is_told_at_its_field(marketer: Any) -> None:
    a_lead(external_id="7")
    answer = marketer.post("/leads/new/", {"family_name": "Name", "external_id": "7"})
    assert "external_id" in answer.context["form"].errors


def test_a_marketer_is_led_to_the_known_lead_and_may_save_another_all_the_same(marketer: Any) -> None:
    known = a_lead(email="same@example.com")
    typed = {"family_name": "Other", "email": "same@example.com"}
    page = marketer.post("/leads/new/", typed).content.decode()
    assert f"/leads/{known.public_id}/" in page and 'name="anyway"' in page
    assert Lead.objects.count() == 1
    marketer.post("/leads/new/", typed | {"anyway": "on"})
    assert Lead.objects.filter(email="same@example.com").count() == 2


def shown(client: Any, address: str) -> dict[str, Any]:
    form = client.get(address).context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def test_saving_the_form_as_it_was_shown_changes_nothing(marketer: Any) -> None:
    a_custom_field("on", "date")
    a_custom_field("rich", "boolean")
    lead = a_lead(
        family_name="A", email="a@example.com", phone="03-1234-5678", company=a_company("Works"),
        interests=["x", "y"], **{"custom.on": "2026-01-02", "custom.rich": True},
    )  # fmt: skip
    address = f"/leads/{lead.public_id}/edit/"
    assert marketer.post(address, shown(marketer, address)).status_code == 302
    assert not FieldChange.objects.exists() and not BantAnswer.objects.exists()
    assert Lead.objects.get().version == lead.version


def test_an_edit_is_logged_with_who_made_it(marketer: Any) -> None:
    lead = a_lead(family_name="A", title="clerk")
    address = f"/leads/{lead.public_id}/edit/"
    marketer.post(address, shown(marketer, address) | {"title": "Director", "company": "New Works"})
    lead.refresh_from_db()
    assert lead.title == "Director" and lead.company is not None and lead.company.name == "New Works"
    changes = dict(FieldChange.objects.values_list("field", "by__username"))
    assert changes == {"title": "marketer", "company": "marketer"}


def test_an_edit_over_a_colleagues_edit_shows_both_values_before_it_counts(marketer: Any) -> None:
    lead = a_lead(family_name="A", title="clerk")
    address = f"/leads/{lead.public_id}/edit/"
    opened = shown(marketer, address)
    with transaction.atomic():
        edit_lead(lead, {"title": "manager"}, now=clock.now())
    answer = marketer.post(address, opened | {"title": "director"})
    assert answer.status_code == 200
    assert [(stored, typed) for _label, stored, typed in answer.context["both"]] == [("manager", "director")]
    assert Lead.objects.get().title == "manager"
    again = {name: answer.context["form"][name].value() or "" for name in answer.context["form"].fields}
    assert again["title"] == "director"
    assert marketer.post(address, again).status_code == 302
    assert Lead.objects.get().title == "director"


def test_owner_status_and_score_are_no_fields_of_the_form(marketer: Any) -> None:
    person = a_person("rep", Role.REP)
    lead = a_lead(family_name="A")
    address = f"/leads/{lead.public_id}/edit/"
    forged = {"owner": person.pk, "status": "customer", "outcome": "won", "with_sales": "1"}
    marketer.post(address, shown(marketer, address) | forged)
    lead.refresh_from_db()
    assert (lead.owner, lead.status, lead.outcome, lead.with_sales) == (None, "new", "", False)


def test_bant_is_answered_anew_only_where_it_differs(marketer: Any) -> None:
    lead = a_lead(family_name="A")
    address = f"/leads/{lead.public_id}/edit/"
    marketer.post(address, shown(marketer, address) | {"bant_budget": "no"})
    marketer.post(address, shown(marketer, address))
    marketer.post(address, shown(marketer, address) | {"bant_budget": "yes"})
    rows = BantAnswer.objects.order_by("pk").values_list("value", flat=True)
    assert list(rows) == ["no", "yes"]


def test_a_company_is_entered_edited_and_not_doubled(marketer: Any) -> None:
    answer = marketer.post("/companies/new/", {"name": "株式会社山田", "employees": "1,200名"})
    company = Company.objects.get()
    assert answer["Location"] == f"/companies/{company.public_id}/" and company.employees == 1200
    page = marketer.post("/companies/new/", {"name": "㈱山田"}).content.decode()
    assert f"/companies/{company.public_id}/" in page and Company.objects.count() == 1
    address = f"/companies/{company.public_id}/edit/"
    wrong = marketer.post(address, shown(marketer, address) | {"corporate_number": "12"})
    assert "corporate_number" in wrong.context["form"].errors
    marketer.post(address, shown(marketer, address) | {"industry": "IT"})
    assert Company.objects.get().industry == "IT"
    stale = marketer.post(address, {"name": "株式会社山田", "industry": "Steel", "version": 1})
    assert stale.status_code == 200 and Company.objects.get().industry == "IT"


def test_companies_are_found_by_any_part_of_their_name(marketer: Any) -> None:
    a_company("株式会社山田製作所")
    a_company("Other")
    page = marketer.get("/companies/?q=山田").context["page"]
    assert [company.name for company in page.rows] == ["株式会社山田製作所"]
    assert marketer.get("/companies/?hot=yes").context["page"].rows == []
