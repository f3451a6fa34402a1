"""Links that were sent before only their digest was kept go on working."""

from datetime import timedelta
from hashlib import sha256
from importlib import import_module

import pytest
from django.apps import apps

from handoff import answering
from handoff.feedback_links import usable
from handoff.models import FeedbackReminder
from tests.handoff import factories
from tests.handoff.factories import WEDNESDAY

pytestmark = pytest.mark.django_db


def test_a_link_that_stood_in_clear_is_found_by_its_digest_and_fits_the_old_column_on_the_way_back() -> None:
    row = answering.accept(factories.offered(), now=WEDNESDAY)
    moved = import_module("handoff.migrations.0003_keep_only_a_digest_of_mail_links")
    reminder = FeedbackReminder.objects.create(
        handoff=row, rep=row.rep, number=0, digest="an-old-link", sent_at=WEDNESDAY,
        expires_at=WEDNESDAY + timedelta(days=30),
    )  # fmt: skip
    moved.hash_what_stands_in_clear(apps, None)
    assert usable("an-old-link", now=WEDNESDAY) == reminder
    moved.shorten(apps, None)
    reminder.refresh_from_db()
    assert reminder.digest == sha256(b"an-old-link").hexdigest()[:40]
