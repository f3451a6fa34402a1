from datetime import UTC, datetime

import pytest

from leadqual.common.errors import LeadqualError
from leadqual.leads.companies import company_key, create_company, edit_company, ensure_companies
from leadqual.leads.models import Company, FieldChange
from leadqual.leads.signals import company_changed
from tests.leads.factories import a_company, a_custom_field
from tests.leads.hearing import heard

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)


def test_the_same_company_in_two_spellings_is_one() -> None:
    found = ensure_companies([{"name": "株式会社東和精機"}, {"name": "㈱東和精機"}], now=NOW)

    assert list(found) == [company_key("東和精機")]
    assert Company.objects.get().name == "株式会社東和精機"


def test_a_known_company_learns_what_a_row_says_and_keeps_its_name() -> None:
    company = a_company("株式会社東和精機", employees=10)

    with heard(company_changed) as told:
        found = ensure_companies([{"name": "㈱東和精機", "industry": "ＩＴ", "employees": ""}], now=NOW)

    company.refresh_from_db()
    assert found == {company_key("東和精機"): company}
    assert (company.name, company.industry, company.industry_folded, company.employees) == (
        "株式会社東和精機",
        "ＩＴ",
        "it",
        10,
    )
    assert list(FieldChange.objects.values_list("company", "field", "old", "new")) == [
        (company.pk, "industry", "", "it")
    ]
    assert [(each["companies"], each["fields"]) for each in told] == [({company.pk}, {"industry"})]


def test_a_company_is_found_by_its_corporate_number_under_a_new_name() -> None:
    company = a_company("旧社名", corporate_number="1234567890123")

    found = ensure_companies([{"name": "新社名", "corporate_number": "1234567890123"}], now=NOW)

    assert found == {company_key("新社名"): company}
    assert Company.objects.count() == 1


def test_of_two_companies_with_one_name_the_older_is_taken() -> None:
    older, _younger = a_company("東和"), a_company("東和")

    assert ensure_companies([{"name": "㈱東和"}], now=NOW)[company_key("東和")] == older


def test_a_company_that_says_nothing_new_tells_nobody() -> None:
    a_company("東和", industry="IT")

    with heard(company_changed) as told:
        ensure_companies([{"name": "東和", "industry": "IT"}], now=NOW)

    assert told == []
    assert not FieldChange.objects.exists()


def test_an_edit_writes_custom_values_and_the_new_normalised_name() -> None:
    a_custom_field("rank", "number", target="company")
    company = a_company("東和")

    assert edit_company(company, {"name": "㈱東和精機", "custom.rank": "3"}, now=NOW)
    assert not edit_company(company, {"name": "㈱東和精機", "custom.rank": 3}, now=NOW)

    company.refresh_from_db()
    assert (company.normalised_name, company.custom, company.version) == ("東和精機", {"rank": 3}, 2)
    assert list(FieldChange.objects.order_by("pk").values_list("field", "old", "new")) == [
        ("name", "東和", "東和精機"), ("custom.rank", None, 3),
    ]  # fmt: skip


def test_a_company_without_a_name_or_with_a_strange_field_is_refused() -> None:
    for row, place in (({"industry": "IT"}, "company.name"), ({"name": "A", "size": 3}, "company.size")):
        with pytest.raises(LeadqualError) as error:
            create_company(row, now=NOW)
        assert error.value.place == place
    assert not Company.objects.exists()


def test_a_wrong_value_of_a_company_names_the_company_field() -> None:
    with pytest.raises(LeadqualError) as error:
        ensure_companies([{"name": "A", "employees": "many"}], now=NOW)

    assert (error.value.code, error.value.place) == ("not_a_number", "company.employees")
