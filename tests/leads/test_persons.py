from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models, transaction
from django.test.utils import isolate_apps

from leadqual.common import clock
from leadqual.leads import bant, persons, recording
from leadqual.leads.editing import edit_lead
from leadqual.leads.models import Activity, BantAnswer, FieldChange, Lead, VisitorTie
from leadqual.leads.persons import PersonRows, following
from tests.leads.factories import a_lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def acts_of_two_leads() -> tuple[Lead, Lead]:
    now = clock.now()
    kept, other = a_lead(), a_lead(email="other@example.jp", title="部長")
    with transaction.atomic():
        recording.record(
            [
                recording.Event("visit", now, lead_id=kept.pk),
                recording.Event("visit", now, lead_id=other.pk),
                recording.Event("inquiry", now, lead_id=other.pk),
            ],
            now=now,
            create_types=True,
        )
        bant.answer(other, "budget", "yes", now=now)
        edit_lead(other, {"title": "課長"}, now=now)
    return kept, other


@pytest.fixture
def own_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, PersonRows]]:
    registry = dict(persons._registered)
    monkeypatch.setattr(persons, "_registered", registry)
    yield registry


def test_every_model_with_a_path_to_a_lead_is_registered() -> None:
    assert persons.unregistered_models() == []


def test_a_forgotten_model_is_named(own_registry: dict[str, PersonRows]) -> None:
    del own_registry["leads.bantanswer"]

    assert "leads.BantAnswer" in persons.unregistered_models()


@isolate_apps("leadqual.leads")
def test_a_model_that_reaches_a_lead_through_another_is_found_and_a_stranger_is_not() -> None:
    class Note(models.Model):
        answer = models.ForeignKey(BantAnswer, models.CASCADE)

        class Meta:
            app_label = "leads"

    class Remark(models.Model):
        note = models.ForeignKey(Note, models.CASCADE)

        class Meta:
            app_label = "leads"

    class Stranger(models.Model):
        parent = models.ForeignKey("self", models.CASCADE)

        class Meta:
            app_label = "leads"

    assert persons.leads_to_a_person(Remark, set())
    assert not persons.leads_to_a_person(Stranger, set())


def test_registered_models_exist() -> None:
    for rows in persons.all_rows():
        assert apps.get_model(rows.model)


def test_moving_takes_acts_and_answers_and_leaves_the_record_of_changes(
    acts_of_two_leads: tuple[Lead, Lead],
) -> None:
    kept, other = acts_of_two_leads

    with transaction.atomic():
        persons.move_all(other.pk, kept.pk, now=clock.now())

    assert Activity.objects.filter(lead=kept).count() == 3
    assert Activity.objects.filter(lead=other).count() == 0
    assert BantAnswer.objects.get().lead_id == kept.pk
    assert FieldChange.objects.get().lead_id == other.pk


def test_moving_back_returns_exactly_what_was_moved(acts_of_two_leads: tuple[Lead, Lead]) -> None:
    kept, other = acts_of_two_leads
    before = set(Activity.objects.values_list("pk", "lead"))

    with transaction.atomic():
        moved = persons.move_all(other.pk, kept.pk, now=clock.now())
        bant.answer(kept, "need", "yes", now=clock.now())
        persons.move_all_back(moved, other.pk, kept.pk, now=clock.now())

    assert set(Activity.objects.values_list("pk", "lead")) == before
    assert dict(BantAnswer.objects.values_list("letter", "lead")) == {"budget": other.pk, "need": kept.pk}


def test_a_row_of_which_the_other_has_one_already_stays() -> None:
    kept, other = a_lead(), a_lead()
    now = clock.now()
    for lead, letter in ((kept, "budget"), (other, "budget"), (other, "need")):
        bant.answer(lead, letter, "yes", now=now)

    moved = following("leads.BantAnswer", once_per=("letter",)).move(other.pk, kept.pk, now)

    assert len(moved) == 1
    assert set(BantAnswer.objects.values_list("letter", "lead")) == {
        ("budget", kept.pk), ("budget", other.pk), ("need", kept.pk),
    }  # fmt: skip


def test_erasing_leaves_no_row_of_the_person_and_all_of_the_others(
    acts_of_two_leads: tuple[Lead, Lead],
) -> None:
    kept, other = acts_of_two_leads

    with transaction.atomic():
        erased = persons.erase_all(other.pk, now=clock.now())

    assert erased["leads.Activity"] == 2
    assert erased["leads.Lead"] == 1
    assert list(Lead.objects.all()) == [kept]
    assert Activity.objects.get().lead_id == kept.pk
    assert not BantAnswer.objects.exists()
    assert not FieldChange.objects.exists()
    assert not VisitorTie.objects.exists()


def test_a_person_gets_what_is_stored_about_them_and_nothing_of_others(
    acts_of_two_leads: tuple[Lead, Lead],
) -> None:
    kept, other = acts_of_two_leads

    copy = persons.export_all(other.pk)

    assert copy["leads.Lead"][0]["email"] == "other@example.jp"
    assert [row["signature__type__key"] for row in copy["leads.Activity"]] == ["visit", "inquiry"]
    assert [row["letter"] for row in copy["leads.BantAnswer"]] == ["budget"]
    assert "other@example.jp" not in str(persons.export_all(kept.pk))
