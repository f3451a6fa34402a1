from datetime import UTC, datetime

import pytest
from django.db import DataError, connection, transaction

from leadqual.common.models import Slot
from leadqual.common.rows import insert_rows, update_rows
from leadqual.leads.models import ActivityType, BantAnswer, Signature
from tests.leads.factories import a_lead

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 3, 0, 0, 123456, tzinfo=UTC)
SLOT = ("job", "slot", "taken_at")


def test_documents_are_inserted_as_they_were() -> None:
    kind = ActivityType.objects.create(key="visit", label="visit")
    document = {"名前": ["山田", None, 1.5, True], "deep": {"a": []}}
    rows = [(kind.pk, "/a", document, "1"), (kind.pk, "/b", {}, "2")]
    insert_rows(Signature, ("type", "path", "attributes", "digest"), rows)
    assert list(Signature.objects.order_by("path").values_list("path", "attributes")) == [
        ("/a", document),
        ("/b", {}),
    ]
    assert Signature.objects.filter(attributes__deep__a=[]).count() == 1


def test_moments_and_nothing_are_inserted_as_the_orm_would() -> None:
    lead = a_lead()
    fields = ("lead", "letter", "value", "note", "said_by", "day", "until_day", "at", "by")
    insert_rows(BantAnswer, fields, [(lead.pk, "need", "yes", "", "", 5, None, NOON, None)])
    made = BantAnswer.objects.get(at=NOON)
    assert (made.lead_id, made.value, made.until_day, made.at, made.by) == (lead.pk, "yes", None, NOON, None)


def test_thousands_of_rows_are_more_than_one_statement_and_no_row_is_lost() -> None:
    insert_rows(Slot, SLOT, ((f"job {number}", "x", NOON) for number in range(2500)))
    assert set(Slot.objects.values_list("job", flat=True)) == {f"job {number}" for number in range(2500)}


def test_conflicts_are_left_out_where_that_was_asked() -> None:
    insert_rows(Slot, SLOT, [("job", "one", NOON)])
    later = NOON.replace(year=2027)
    insert_rows(Slot, SLOT, [("job", "one", later), ("job", "two", later)], ignore_conflicts=True)
    assert list(Slot.objects.order_by("slot").values_list("slot", "taken_at")) == [
        ("one", NOON),
        ("two", later),
    ]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite does not measure texts")
def test_a_text_that_is_too_long_is_an_error_not_cut_off() -> None:
    with pytest.raises(DataError), transaction.atomic():
        insert_rows(Slot, SLOT, [("j" * 101, "too long", NOON)])
    assert not Slot.objects.exists()


def test_nothing_to_insert_or_update_is_no_statement(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        insert_rows(Slot, SLOT, [])
        update_rows([], ["taken_at"])
