from typing import Any

import pytest

from leadqual.common.errors import LeadqualError
from leadqual.leads.cleaning import clean
from tests.leads.factories import a_custom_field

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("field", "value", "cleaned"),
    [
        ("email", " Taro@EXAMPLE.co.jp ", "taro@example.co.jp"),
        ("email", "ｔａｒｏ@example.jp", "taro@example.jp"),
        ("email", "", ""),
        ("phone", "03-1234-5678", "+81312345678"),
        ("family_name", " 山田 ", "山田"),
        ("interests", "Cloud; ＡＩ、cloud", ["Cloud", "ＡＩ"]),
        ("seniority", "Director", "director"),
        ("employees", "1,200名", 1200),
        ("employees", "", None),
        ("domain", "https://www.Example.co.jp/about?x=1", "example.co.jp"),
        ("corporate_number", "1-2345-6789-0123", "1234567890123"),
        ("corporate_number", "", ""),
        ("outcome_day", "1970-01-31", 30),
    ],
)
def test_values_are_stored_in_one_form(field: str, value: Any, cleaned: Any) -> None:
    assert clean(field, value) == cleaned


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("email", "no address", "bad_email"),
        ("email", "a@b", "bad_email"),
        ("email", f"{'a' * 250}@example.jp", "bad_email"),
        ("phone", "abc", "bad_phone"),
        ("family_name", "x" * 101, "too_long"),
        ("family_name", "a\x00b", "bad_character"),
        ("family_name", "\ud800", "bad_character"),
        ("seniority", "emperor", "not_a_choice"),
        ("employees", "many", "not_a_number"),
        ("employees", "-1", "out_of_range"),
        ("corporate_number", "123", "bad_corporate_number"),
        ("company", "Acme", "not_a_company"),
        ("score", 5, "unknown_field"),
        ("custom.nothing", 5, "unknown_field"),
    ],
)
def test_a_wrong_value_is_refused_with_a_code_and_its_field(field: str, value: Any, code: str) -> None:
    with pytest.raises(LeadqualError) as error:
        clean(field, value)

    assert (error.value.code, error.value.place) == (code, field)


@pytest.mark.parametrize(
    ("type", "value", "cleaned"),
    [
        ("number", "1,500", 1500),
        ("number", "0.5", 0.5),
        ("date", "2024/6/30", "2024-06-30"),
        ("boolean", "はい", True),
        ("boolean", "0", False),
        ("choice", "ｇｏｌｄ", "Gold"),
        ("text", " free ", "free"),
        ("text", "", None),
    ],
)
def test_a_custom_value_takes_the_form_of_its_type(type: str, value: Any, cleaned: Any) -> None:
    a_custom_field("x", type, choices=("Gold", "Silver"))

    assert clean("custom.x", value) == cleaned


@pytest.mark.parametrize(
    ("type", "code"),
    [
        ("number", "not_a_number"),
        ("date", "bad_date"),
        ("boolean", "not_yes_or_no"),
        ("choice", "not_a_choice"),
    ],
)
def test_a_custom_value_of_another_type_is_refused(type: str, code: str) -> None:
    a_custom_field("x", type, choices=("Gold",))

    with pytest.raises(LeadqualError) as error:
        clean("custom.x", "bronze")

    assert (error.value.code, error.value.place) == (code, "custom.x")
