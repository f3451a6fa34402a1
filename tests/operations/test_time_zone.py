import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db.models import F

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.common.models import Organisation
from leadqual.leads.models import Activity, Lead
from leadqual.operations import time_zone
from leadqual.operations.qualifying import qualify
from leadqual.operations.time_zone import DayIn, refuse_other_zone
from leadqual.scoring import publishing
from leadqual.scoring.checking import check_ledger
from leadqual.scoring.models import LeadScore, ModelState, Qualification, ScoringModel
from segments.models import Membership
from tests import marks
from tests.operations.factories import DESIGN, NOW, TODAY, a_design, an_event
from tests.workers import PROJECT, environment, manage

NEW_YORK = "America/New_York"


def test_the_database_counts_days_as_the_clock_does(transactional_db: None) -> None:
    seed = random.randrange(10**9)
    print("seed", seed)
    chance = random.Random(seed)
    moments = [
        datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(10**9)) for _ in range(200)
    ]
    # Days on which clocks are put forward and back, minute by minute around midnight.
    moments += [datetime(2026, 3, 8, 4, 55, tzinfo=UTC) + timedelta(minutes=n) for n in range(10)]
    moments += [datetime(2026, 11, 1, 3, 55, tzinfo=UTC) + timedelta(minutes=n) for n in range(10)]
    Lead.objects.bulk_create(Lead(created_at=moment, created_day=0) for moment in moments)
    for name in ("Asia/Tokyo", NEW_YORK, "Asia/Kathmandu", "Pacific/Kiritimati", "UTC"):
        days = Lead.objects.annotate(there=DayIn(F("created_at"), name)).values_list("created_at", "there")
        for moment, there in days:
            assert there == clock.day_number(moment.astimezone(ZoneInfo(name)).date()), (moment, name)


@pytest.fixture
def worked_on(transactional_db: None) -> None:
    """Acts at 08:00 in Tokyo are acts of the evening before in New York; so are the leads' first days."""
    a_design()
    morning = NOW - timedelta(hours=4)
    for lead in "abc":
        an_event(lead, "ask", days_ago=3, now=morning)
        an_event(lead, "paper", days_ago=1, now=morning)
        an_event(lead, "view", days_ago=0, now=morning)
    qualify(day=TODAY, now=NOW)


def change() -> dict[str, int]:
    return time_zone.change(now=NOW)


def test_every_day_is_counted_anew_and_what_follows_is_rebuilt(worked_on: None, settings: Any) -> None:
    days = dict(Activity.objects.values_list("pk", "day"))
    settings.TIME_ZONE = NEW_YORK
    counts = change()
    assert (counts["leads_activity"], counts["leads_lead"]) == (9, 3)
    assert dict(Activity.objects.values_list("pk", "day")) == {pk: day - 1 for pk, day in days.items()}
    assert Organisation.objects.get().time_zone == NEW_YORK
    assert clock.zone() == ZoneInfo(NEW_YORK)
    checked = check_ledger()
    assert (checked.missing, checked.extra, checked.scores_different) == (0, 0, 0)
    assert LeadScore.objects.values_list("as_of", flat=True).distinct().get() == TODAY
    assert Membership.objects.count() == 3


def test_qualifications_keep_the_day_on_which_they_were_judged(worked_on: None, settings: Any) -> None:
    before = list(
        Qualification.objects.order_by("pk").values("pk", "opened_day", "score", "card", "ended_day")
    )
    settings.TIME_ZONE = NEW_YORK
    change()
    assert (
        list(Qualification.objects.order_by("pk").values("pk", "opened_day", "score", "card", "ended_day"))
        == before
    )
    assert len(before) == 3


def test_there_and_back_leaves_everything_as_it_was(worked_on: None, settings: Any) -> None:
    def state() -> list[Any]:
        scores = LeadScore.objects.order_by("pk").values()
        return [list(Activity.objects.order_by("pk").values("pk", "day")), list(scores)]

    before = state()
    for name in (NEW_YORK, "Asia/Tokyo"):
        settings.TIME_ZONE = name
        change()
    assert state() == before


def test_while_a_model_is_being_published_the_zone_stays(worked_on: None, settings: Any) -> None:
    a_design(text=DESIGN.replace("points: 30", "points: 50"), published=False)
    publishing.begin(ScoringModel.objects.get(state=ModelState.DRAFT), day=TODAY, now=NOW)
    settings.TIME_ZONE = NEW_YORK
    with pytest.raises(LeadqualError) as caught:
        change()
    assert caught.value.code == "publishing_already"
    assert Organisation.objects.get().time_zone == "Asia/Tokyo"
    clock.forget_zone()
    assert Activity.objects.filter(day=TODAY).count() == 3


def test_the_command_says_how_much_moved_and_once_more_changes_nothing(
    worked_on: None, settings: Any
) -> None:
    settings.TIME_ZONE = NEW_YORK
    said = [StringIO(), StringIO()]
    for out in said:
        call_command("change_time_zone", stdout=out, stderr=StringIO())
    first, second = (out.getvalue() for out in said)
    assert first.startswith("The days are counted in America/New_York now; 18 rows fall on another day")
    assert second == "The days are counted in America/New_York already, nothing was changed.\n"


REFUSED = (
    "LEADQUAL_TIME_ZONE: the database counts its days in Asia/Tokyo, the settings say Europe/Berlin; "
    "run “manage.py change_time_zone”"
)


def test_in_another_zone_nothing_starts(transactional_db: None, settings: Any) -> None:
    refuse_other_zone()
    settings.TIME_ZONE = "Europe/Berlin"
    with pytest.raises(LeadqualError) as caught:
        refuse_other_zone()
    assert str(caught.value) == REFUSED


def test_commands_refuse_another_zone_and_change_nothing(database_url: str) -> None:
    for arguments in (["qualify"], ["up"], ["load_design", "docs/examples/shop.yaml"]):
        done = manage(*arguments, DATABASE_URL=database_url, LEADQUAL_TIME_ZONE="Europe/Berlin")
        assert done.returncode != 0
        assert REFUSED in done.stderr
    assert not ScoringModel.objects.exists()


@pytest.mark.parametrize(
    "program",
    [
        ["-m", "celery", "-A", "leadqual", "worker", "--pool", "solo"],
        ["-m", "celery", "-A", "leadqual", "beat", "--schedule", "/dev/null"],
        ["-c", "import leadqual.wsgi"],
    ],
)
def test_workers_beat_and_web_refuse_another_zone(program: list[str], database_url: str) -> None:
    done = subprocess.run(
        [sys.executable, *program], cwd=PROJECT, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
        env=environment(DATABASE_URL=database_url, LEADQUAL_TIME_ZONE="Europe/Berlin"),
    )  # fmt: skip
    assert done.returncode != 0
    assert REFUSED in done.stderr


@marks.once
def test_before_the_first_migrate_there_is_no_zone_to_refuse(tmp_path: Any) -> None:
    done = manage(
        "migrate", DATABASE_URL=f"sqlite:///{tmp_path / 'new.sqlite3'}", LEADQUAL_TIME_ZONE="Europe/Berlin"
    )
    assert done.returncode == 0, done.stderr
