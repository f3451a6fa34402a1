import pytest

from leadqual.common.errors import LeadqualError
from leadqual.leads.custom_fields import add_choices, define
from leadqual.leads.models import CustomField
from tests.leads.factories import a_lead

pytestmark = pytest.mark.django_db


def test_a_field_is_defined_once_and_brought_up_to_date() -> None:
    define("lead", "size", label="Size", type="text")
    define("lead", "size", label="会社規模", type="number")

    field = CustomField.objects.get()
    assert (field.key, field.label, field.type, field.choices) == ("size", "会社規模", "number", [])


def test_the_same_key_of_leads_and_of_companies_are_two_fields() -> None:
    define("lead", "rank", label="Rank", type="number")
    define("company", "rank", label="Rank", type="text")

    assert CustomField.objects.count() == 2


def test_a_field_with_values_keeps_its_type_and_the_choices_in_use() -> None:
    define("lead", "plan", label="Plan", type="choice", choices=["Gold", "Silver", "gold"])
    a_lead(custom__plan="gold")

    with pytest.raises(LeadqualError) as type_error:
        define("lead", "plan", label="Plan", type="number")
    with pytest.raises(LeadqualError) as choice_error:
        define("lead", "plan", label="Plan", type="choice", choices=["Silver"])
    define("lead", "plan", label="Plan", type="choice", choices=["Gold", "Bronze"])

    assert (type_error.value.code, choice_error.value.code) == ("field_in_use", "choice_in_use")
    assert CustomField.objects.get().choices == ["Gold", "Bronze"]


def test_new_choices_are_added_as_long_as_the_list_stays_a_list() -> None:
    field = define("lead", "plan", label="Plan", type="choice", choices=["Gold"])

    assert add_choices(field, ["GOLD", "Silver"])
    assert not add_choices(field, ["gold"])
    assert not add_choices(field, [str(number) for number in range(200)])

    field.refresh_from_db()
    assert field.choices == ["Gold", "Silver"]


@pytest.mark.parametrize(
    ("key", "type", "choices", "place"),
    [
        ("1", "text", (), "key"),
        ("size", "colour", (), "type"),
        ("size", "choice", (), "choices"),
        ("size", "choice", ("", " "), "choices"),
    ],
)
def test_a_wrong_definition_is_refused(key: str, type: str, choices: tuple[str, ...], place: str) -> None:
    with pytest.raises(LeadqualError) as error:
        define("lead", key, label="Size", type=type, choices=choices)

    assert error.value.place == place
    assert not CustomField.objects.exists()
