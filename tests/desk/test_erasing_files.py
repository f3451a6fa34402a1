"""Files with people in them do not outlive their use, nor the person."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from leadqual.common import clock
from leadqual.common.access import Role
from leadqual.desk import exporting, uploading
from leadqual.desk.models import Export, Upload, WorkState
from leadqual.leads import persons
from leadqual.leads.models import Import, ImportKind
from tests.desk.people import a_person
from tests.leads.factories import a_lead

pytestmark = pytest.mark.django_db
CSV = b"email\ntaro@example.com\n"


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


@pytest.fixture
def marketer() -> User:
    return a_person("marketer", Role.MARKETER)


def an_upload(by: User, state: str, **values: Any) -> Upload:
    row = uploading.keep(SimpleUploadedFile("people.csv", CSV), ImportKind.LEADS, by=by)
    Upload.objects.filter(pk=row.pk).update(state=state, **values)
    row.refresh_from_db()
    return row


def an_export(by: User, state: str, **values: Any) -> Export:
    expires = clock.now() + exporting.KEPT
    row = Export.objects.create(by=by, format="csv", state=state, expires_at=expires, **values)
    path = exporting.path_of(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("taro@example.com")
    return row


def erased() -> dict[str, int]:
    with transaction.atomic():
        return persons.erase_all(a_lead(email="taro@example.com").pk, now=clock.now())


def test_the_file_of_an_import_that_failed_half_way_goes_after_a_week(marketer: User) -> None:
    batch = Import.objects.create(kind=ImportKind.LEADS, by=marketer, started_at=clock.now())
    row = an_upload(marketer, WorkState.FAILED, batch=batch)
    assert uploading.clean_up(now=row.made_at + uploading.KEPT - timedelta(seconds=1)) == 0
    assert uploading.clean_up(now=row.made_at + uploading.KEPT) == 1
    assert not uploading.path_of(row).exists()
    assert Import.objects.filter(pk=batch.pk).exists()  # what it did stays told


def test_files_that_lie_unused_go_with_a_person_who_is_erased(marketer: User) -> None:
    lying = [an_upload(marketer, state) for state in (WorkState.PREPARED, WorkState.FAILED)]
    read = an_upload(marketer, WorkState.RUNNING)
    assert erased()["desk.Upload"] == 2
    assert [uploading.path_of(row).exists() for row in (*lying, read)] == [False, False, True]
    assert Upload.objects.get() == read


def test_exports_that_lie_ready_go_with_a_person_who_is_erased(marketer: User) -> None:
    ready = an_export(marketer, WorkState.DONE)
    waiting = Export.objects.create(by=marketer, format="csv", state=WorkState.WAITING)
    assert erased()["desk.Export"] == 1
    assert not exporting.path_of(ready).exists()
    assert Export.objects.get() == waiting  # nobody is in it yet


def test_an_export_being_written_is_not_handed_out_after_the_erasure(marketer: User) -> None:
    row = an_export(marketer, WorkState.RUNNING)
    erased()
    Export.objects.filter(pk=row.pk).update(state=WorkState.DONE)  # its worker ends
    row.refresh_from_db()
    assert row.expires_at is not None and row.expires_at <= clock.now()
    assert exporting.clean_up(now=clock.now()) == 1
    assert not exporting.path_of(row).exists()
