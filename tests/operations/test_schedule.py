import pytest
from celery import current_app
from celery.schedules import crontab
from django.conf import settings

from leadqual.schedule import ROUTES, beat_schedule
from tests import marks

pytestmark = marks.once


# A worker that starts also checks that the database counts its days in the zone of the settings.
@pytest.mark.django_db
def test_everything_in_the_schedule_is_a_task_that_a_worker_knows() -> None:
    current_app.loader.import_default_modules()
    named = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} | set(ROUTES)
    assert sorted(named - set(current_app.tasks)) == []


def test_a_message_of_the_schedule_is_void_when_the_next_one_comes() -> None:
    for name, entry in beat_schedule(30).items():
        every = 3600 if isinstance(entry["schedule"], crontab) else entry["schedule"]
        assert 0 < entry["options"]["expires"] <= every, name


def test_the_daily_run_is_offered_five_minutes_past_every_hour() -> None:
    assert beat_schedule(30)["daily run"]["schedule"] == crontab(minute="5")
    assert settings.CELERY_TIMEZONE == settings.TIME_ZONE
