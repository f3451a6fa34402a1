from itertools import permutations

import pytest
from django.db import transaction

from leadqual.leads.identifying import Named, find_or_create
from leadqual.leads.models import Company, FieldChange, Lead
from tests.leads.acts import at
from tests.leads.factories import a_lead

pytestmark = pytest.mark.django_db


def found(*names: Named, create: bool = True) -> list[int | None]:
    with transaction.atomic():
        return find_or_create(names, now=at(), create=create)


def test_a_lead_is_found_by_either_key() -> None:
    lead = a_lead(external_id="u1", email="a@x.jp")
    other = a_lead(external_id="u2")
    names = Named("u1"), Named("", "a@x.jp"), Named("u1", "a@x.jp"), Named("u2"), Named()
    assert found(*names) == [lead.pk, lead.pk, lead.pk, other.pk, None]
    assert Lead.objects.count() == 2
    assert not FieldChange.objects.exists()


def test_nobody_is_made_unless_asked() -> None:
    assert found(Named("u1"), Named("", "a@x.jp"), create=False) == [None, None]
    assert not Lead.objects.exists()


def test_one_lead_is_made_with_all_its_keys_and_attributes() -> None:
    names = (
        Named("u1", "a@x.jp", {"family_name": "佐藤", "company": "株式会社青空"}),
        Named("u1"),
        Named("", "a@x.jp", {"family_name": "鈴木"}),
    )
    ids = found(*names)
    lead = Lead.objects.get()
    assert ids == [lead.pk] * 3
    assert (lead.external_id, lead.email, lead.family_name) == ("u1", "a@x.jp", "佐藤")
    assert lead.company == Company.objects.get()


def test_attributes_of_a_known_lead_are_not_touched() -> None:
    lead = a_lead(external_id="u1", family_name="佐藤")
    found(Named("u1", "", {"family_name": "鈴木"}))
    lead.refresh_from_db()
    assert lead.family_name == "佐藤"


def test_the_external_id_is_asked_before_the_address() -> None:
    by_id, by_address = a_lead(external_id="u1"), a_lead(external_id="u2", email="a@x.jp")
    assert found(Named("u1", "a@x.jp")) == [by_id.pk]
    by_id.refresh_from_db()
    assert by_id.email == ""  # the address is somebody else's
    assert found(Named("u3", "a@x.jp")) == [by_address.pk]
    by_address.refresh_from_db()
    assert by_address.external_id == "u2"


def test_a_key_that_is_new_is_learnt() -> None:
    lead = a_lead(email="a@x.jp")
    assert found(Named("u1", "a@x.jp"), Named("u1")) == [lead.pk, lead.pk]
    assert found(Named("u1")) == [lead.pk]


def test_of_two_leads_with_one_address_the_older_is_meant() -> None:
    older = a_lead(email="a@x.jp")
    a_lead(email="a@x.jp")
    assert found(Named("", "a@x.jp")) == [older.pk]


@pytest.mark.parametrize("together", [True, False])
def test_keys_that_overlap_make_one_lead_where_the_first_name_tells_both(together: bool) -> None:
    both, one, two = Named("u1", "a@x.jp"), Named("u1"), Named("", "a@x.jp")
    for order in permutations([one, two]):
        Lead.objects.all().delete()
        ids = found(both, *order) if together else [*found(both), *found(order[0]), *found(order[1])]
        assert len(set(ids)) == Lead.objects.count() == 1
