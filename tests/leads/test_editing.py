from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.leads.editing import create_leads, edit_lead, edit_leads
from leadqual.leads.models import FieldChange, Lead
from leadqual.leads.signals import leads_changed, leads_created
from tests.leads.factories import a_company, a_custom_field, a_lead
from tests.leads.hearing import heard

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)


def changes() -> list[tuple[Any, ...]]:
    return list(FieldChange.objects.order_by("pk").values_list("field", "old", "new"))


def test_a_new_lead_has_its_folded_forms_and_leaves_no_change() -> None:
    a_custom_field("plan", "choice", choices=("Gold",))
    lead = a_lead(
        family_name="Ｙamada", given_name="太郎", email="T@Example.jp", department="営業部", title="ＣＥＯ",
        interests=["Cloud", "AI"], custom__plan="gold", now=NOW,
    )  # fmt: skip
    lead.refresh_from_db()

    assert lead.name_folded == "yamada 太郎"
    assert lead.email == "t@example.jp"
    assert (lead.title, lead.title_folded) == ("ＣＥＯ", "ceo")
    assert lead.interests_folded == "|cloud|ai|"
    assert (lead.custom, lead.custom_folded) == ({"plan": "Gold"}, {"plan": "gold"})
    assert (lead.created_at, lead.created_day) == (NOW, clock.day_of(NOW))
    assert (lead.status, lead.version) == ("new", 1)
    assert changes() == []


def test_many_new_leads_are_told_once() -> None:
    with heard(leads_created) as told:
        leads = create_leads([{"family_name": "A"}, {"family_name": "B"}], now=NOW)

    assert [lead.family_name for lead in leads] == ["A", "B"]
    assert [each["leads"] for each in told] == [{lead.pk for lead in leads}]
    assert told[0]["now"] == NOW


def test_a_custom_date_is_compared_as_day_number_and_a_boolean_as_itself() -> None:
    a_custom_field("since", "date")
    a_custom_field("member", "boolean")
    lead = a_lead(custom__since="1970-01-11", custom__member="はい")

    assert lead.custom == {"since": "1970-01-11", "member": True}
    assert lead.custom_folded == {"since": 10, "member": True}


def test_an_edit_writes_one_change_per_field_in_the_form_conditions_compare() -> None:
    a_custom_field("size", "number")
    company = a_company()
    lead = a_lead(family_name="山田", title="ＣＥＯ", custom__size="5")

    with heard(leads_changed) as told:
        changed = edit_leads(
            {
                lead.pk: {
                    "title": "部長",
                    "custom.size": 6,
                    "company": company,
                    "family_name": "佐藤",
                    "interests": "AI",
                }
            },
            now=NOW,
        )

    assert changed == {lead.pk}
    assert changes() == [
        ("title", "ceo", "部長"), ("custom.size", 5, 6), ("company", None, company.pk), ("interests", [], ["ai"]),
        ("name", "山田", "佐藤"),
    ]  # fmt: skip
    assert FieldChange.objects.values_list("day", flat=True).distinct().get() == clock.day_of(NOW)
    assert [(each["leads"], each["fields"]) for each in told] == [
        ({lead.pk}, {"title", "custom.size", "company", "interests", "name"})
    ]
    lead.refresh_from_db()
    assert (lead.title_folded, lead.custom_folded, lead.name_folded, lead.version) == (
        "部長",
        {"size": 6},
        "佐藤",
        2,
    )


def test_an_edit_that_says_nothing_new_writes_nothing_and_tells_nobody() -> None:
    a_custom_field("size", "number")
    company = a_company()
    lead = a_lead(title="部長", email="a@example.jp", custom__size="5", company=company)

    with heard(leads_changed) as told:
        changed = edit_leads(
            {lead.pk: {"title": " 部長 ", "email": "A@EXAMPLE.jp", "custom.size": "5", "company": company}},
            now=NOW,
        )

    assert changed == set()
    assert told == []
    assert changes() == []
    lead.refresh_from_db()
    assert lead.version == 1


def test_nothing_takes_a_custom_value_away() -> None:
    a_custom_field("size", "number")
    lead = a_lead(custom__size="5")

    assert edit_lead(lead, {"custom.size": ""}, now=NOW)

    assert (lead.custom, lead.custom_folded) == ({}, {})
    assert changes() == [("custom.size", 5, None)]


def test_kana_is_stored_without_a_change_because_no_condition_asks_it() -> None:
    lead = a_lead()

    assert edit_lead(lead, {"family_kana": "ヤマダ"}, now=NOW)

    assert lead.family_kana == "ヤマダ"
    assert changes() == []


@pytest.mark.parametrize(
    "field", ["status", "owner", "outcome", "score", "with_sales", "created_at", "row_identity"]
)
def test_what_has_another_writer_is_refused(field: str) -> None:
    lead = a_lead(title="部長")

    with pytest.raises(LeadqualError) as error, transaction.atomic():
        edit_leads({lead.pk: {"title": "課長", field: "hot"}}, now=NOW)

    assert (error.value.code, error.value.place) == ("not_editable", field)
    lead.refresh_from_db()
    assert lead.title == "部長"


def test_one_wrong_value_leaves_all_leads_as_they_were() -> None:
    one, other = a_lead(), a_lead()

    with pytest.raises(LeadqualError), transaction.atomic():
        edit_leads({one.pk: {"title": "部長"}, other.pk: {"email": "wrong"}}, now=NOW)

    assert set(Lead.objects.values_list("title", flat=True)) == {""}
    assert changes() == []


def test_an_external_id_belongs_to_one_lead() -> None:
    owner = a_lead(external_id="42")
    other = a_lead()

    for attempt in (
        lambda: create_leads([{"external_id": "42"}], now=NOW),
        lambda: create_leads([{"external_id": "7"}, {"external_id": "7"}], now=NOW),
        lambda: edit_leads({other.pk: {"external_id": "42"}}, now=NOW),
        lambda: edit_leads({other.pk: {"external_id": "42"}, owner.pk: {"external_id": "43"}}, now=NOW),
    ):
        with pytest.raises(LeadqualError) as error, transaction.atomic():
            attempt()
        assert (error.value.code, error.value.place) == ("taken", "external_id")
    assert Lead.objects.count() == 2


def test_a_lead_that_comes_with_its_outcome_has_the_status_that_follows() -> None:
    won, lost, given = create_leads(
        [
            {"outcome": "won"},
            {"outcome": "lost", "outcome_day": 5},
            {"outcome": "won", "status": "opportunity"},
        ],
        now=NOW,
    )

    assert (won.status, won.outcome_day) == ("customer", clock.day_of(NOW))
    assert (lost.status, lost.outcome_day) == ("lost", 5)
    assert given.status == "opportunity"


def test_the_number_of_queries_does_not_grow_with_the_leads() -> None:
    def queries(count: int) -> int:
        edits = {a_lead().pk: {"title": "部長"} for _ in range(count)}
        with CaptureQueriesContext(connection) as captured:
            edit_leads(edits, now=NOW)
        return len(captured)

    assert queries(30) == queries(2)


def test_nobody_is_created_in_the_future_or_before_anybody_kept_records() -> None:
    [lead] = create_leads([{"created_at": "2190-01-01"}], now=NOW)

    assert (lead.created_at, lead.created_day) == (NOW, clock.day_of(NOW))
    for moment in ("9999-12-31T23:59:59Z", "0001-01-01"):
        with pytest.raises(LeadqualError) as error:
            create_leads([{"created_at": moment}], now=NOW)
        assert (error.value.code, error.value.place) in {
            ("out_of_range", "created_at"),
            ("bad_date", "created_at"),
        }
