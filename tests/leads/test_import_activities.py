from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError

from leadqual.common import clock
from leadqual.leads.importing import running
from leadqual.leads.models import Activity, ActivityType, Lead
from leadqual.leads.signals import activities_recorded
from tests.leads.factories import a_lead
from tests.leads.files import figures_of, import_activities, write
from tests.leads.hearing import heard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("var")]

MAPS = ("--map", "user=lead.external_id", "--map", "what=type", "--map", "when=occurred_at")
EVENTS = (
    "user,what,when,platform\n"
    "u1,Page View,2024-03-13 10:00:00,desktop\n"
    "u2,inquiry,2024-03-14 10:00:00,mobile\n"
    "u1,inquiry,2024-03-12 09:00:00,desktop\n"
    "u1,inquiry,2024-03-12 09:00:00,desktop\n"
)


def rejected_of(var: Path) -> list[str]:
    [report] = (var / "imports").glob("*.csv")
    return report.read_text("utf-8-sig").splitlines()[1:]


def test_every_row_becomes_an_act_and_missing_leads_are_made(tmp_path: Path) -> None:
    result = import_activities(write(tmp_path / "e.csv", EVENTS), *MAPS, "--create-leads")

    assert result == {"rows": 4, "recorded": 4, "duplicates": 0, "rejected": 0, "leads_created": 2}
    acts = Activity.objects.order_by("occurred_at", "pk")
    assert list(acts.values_list("lead__external_id", "signature__type__key")) == [
        ("u1", "inquiry"), ("u1", "inquiry"), ("u1", "page_view"), ("u2", "inquiry"),
    ]  # fmt: skip
    assert set(ActivityType.objects.values_list("key", flat=True)) == {"page_view", "inquiry"}


def test_a_lead_made_by_its_acts_exists_since_the_first_one_wherever_it_stands_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 1)

    import_activities(write(tmp_path / "e.csv", EVENTS), *MAPS, "--create-leads")

    assert dict(Lead.objects.values_list("external_id", "created_at")) == {
        "u1": datetime(2024, 3, 12, tzinfo=UTC), "u2": datetime(2024, 3, 14, 1, tzinfo=UTC),
    }  # fmt: skip
    assert Lead.objects.get(external_id="u1").created_day == clock.parse_day("2024-03-12")


def test_the_same_file_twice_makes_nothing_new(tmp_path: Path) -> None:
    path = write(tmp_path / "e.csv", EVENTS)
    import_activities(path, *MAPS, "--create-leads")

    with heard(activities_recorded) as told:
        again = import_activities(path, *MAPS, "--create-leads")

    assert figures_of(again) == {"rows": 4, "duplicates": 4}
    assert told == []
    assert (Activity.objects.count(), Lead.objects.count()) == (4, 2)


def test_acts_with_an_id_are_known_by_it(tmp_path: Path) -> None:
    head = "user,what,when,id\n"
    maps = [*MAPS, "--map", "id=event_id", "--create-leads"]
    import_activities(
        write(tmp_path / "a.csv", head + "u1,inquiry,2024-03-12,e1\nu1,inquiry,2024-03-12,e1\n"), *maps
    )

    result = import_activities(
        write(tmp_path / "b.csv", head + f"u1,inquiry,2024-03-13,e1\nu1,inquiry,2024-03-12,{'x' * 300}\n"),
        *maps,
    )

    assert figures_of(result) == {"rows": 2, "recorded": 1, "duplicates": 1}
    assert Activity.objects.count() == 2


def test_without_create_leads_the_acts_of_unknown_people_are_rejected(tmp_path: Path, var: Path) -> None:
    a_lead(external_id="u1")

    result = import_activities(write(tmp_path / "e.csv", EVENTS), *MAPS)

    assert figures_of(result) == {"rows": 4, "recorded": 3, "rejected": 1}
    assert rejected_of(var) == ['"3","user","unknown_lead","u2"']
    assert Lead.objects.count() == 1


def test_without_create_types_acts_of_unknown_types_are_rejected(tmp_path: Path, var: Path) -> None:
    ActivityType.objects.create(key="page_view", label="Page view")

    result = import_activities(
        write(tmp_path / "e.csv", EVENTS), *MAPS, "--create-leads", "--no-create-types"
    )

    assert figures_of(result) == {"rows": 4, "recorded": 1, "rejected": 3, "leads_created": 1}
    assert rejected_of(var)[0] == '"3","what","unknown_type","inquiry"'
    assert ActivityType.objects.count() == 1


def test_rows_without_person_time_or_type_are_rejected_with_their_column(tmp_path: Path, var: Path) -> None:
    path = write(
        tmp_path / "e.csv",
        "user,what,when\n,inquiry,2024-03-12\nu1,inquiry,yesterday\nu1,,2024-03-12\nu1,inquiry,1960-01-01\nu1,inquiry,2024-03-12\n",
    )

    result = import_activities(path, *MAPS, "--create-leads")

    assert figures_of(result) == {"rows": 5, "recorded": 1, "rejected": 4, "leads_created": 1}
    assert rejected_of(var) == [
        '"2","user","nobody",""', '"3","when","bad_date","yesterday"', '"4","what","no_type",""',
        '"5","when","bad_date","1960-01-01"',
    ]  # fmt: skip


def test_people_are_found_by_address_and_a_type_can_be_given_for_all_rows(tmp_path: Path) -> None:
    lead = a_lead(email="t@example.jp")

    result = import_activities(
        write(tmp_path / "e.csv", "e-mail,date,page\nT@EXAMPLE.jp,2024-03-12,https://example.jp/pricing?x=1\n"),
        "--map", "date=occurred_at", "--type", "webinar",
    )  # fmt: skip

    assert figures_of(result) == {"rows": 1, "recorded": 1}
    assert Activity.objects.values_list("lead", "signature__type__key", "signature__path").get() == (
        lead.pk,
        "webinar",
        "/pricing",
    )


def test_other_columns_become_attributes_if_asked(tmp_path: Path) -> None:
    import_activities(write(tmp_path / "e.csv", EVENTS), *MAPS, "--create-leads", "--rest", "attributes")
    mapped = write(tmp_path / "f.csv", EVENTS.replace("u1", "u3"))
    import_activities(mapped, *MAPS, "--create-leads", "--map", "platform=attributes.device")

    assert Activity.objects.filter(lead__external_id="u1", attributes={"platform": "desktop"}).count() == 3
    assert Activity.objects.filter(lead__external_id="u3", attributes={"device": "desktop"}).count() == 3


def test_an_act_of_the_future_happened_now_and_so_does_its_lead(tmp_path: Path) -> None:
    before = clock.now()
    future = (before + timedelta(days=40)).date().isoformat()

    import_activities(
        write(tmp_path / "e.csv", f"user,what,when\nu1,inquiry,{future}\n"), *MAPS, "--create-leads"
    )

    assert before <= Activity.objects.get().occurred_at <= clock.now()
    assert before <= Lead.objects.get().created_at <= clock.now()


@pytest.mark.parametrize(
    ("maps", "message"),
    [
        (
            ["--map", "what=type", "--map", "when=occurred_at"],
            "no column is mapped to lead.external_id or lead.email",
        ),
        (["--map", "user=lead.email", "--map", "what=type"], "no column is mapped to occurred_at"),
        (
            ["--map", "user=lead.email", "--map", "when=occurred_at"],
            "no column is mapped to type, and --type is not given",
        ),
        (["--map", "user=family_name"], "there is no field “family_name”"),
        (["--map", "nobody=type"], "the file has no column “nobody”"),
    ],
)
def test_a_file_that_cannot_be_acts_is_refused_and_nothing_changes(
    tmp_path: Path, maps: list[str], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        import_activities(write(tmp_path / "e.csv", EVENTS), *maps, "--create-leads")

    assert not Lead.objects.exists()
    assert not ActivityType.objects.exists()
