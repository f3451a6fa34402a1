import re
import subprocess
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.auth import get_user_model
from django.db import connection

from handoff.models import HandoffPolicy, PolicyState, SalesRep, SalesTeam
from journeys.models import Content, JourneyMap
from leadqual.leads.models import ActivityType, CustomField, Lead
from leadqual.operations.design.dumping import dump
from leadqual.operations.design.loading import Loaded, load
from leadqual.operations.design.problems import DesignError
from leadqual.operations.design.reading import read
from leadqual.scoring.models import ModelState, ScoringModel
from leadqual.scoring.publishing import publish
from segments.models import Segment
from tests.workers import environment

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
TODAY = 20_781
DOCS = Path(__file__).resolve().parents[2] / "docs"
EXAMPLE = re.search(r"```yaml\n(.*?)```", (DOCS / "design-file.md").read_text(), re.S)[1]  # type: ignore[index]


def load_text(text: str, **options: bool) -> Loaded:
    return load(read(text.encode()), now=NOW, **options)


def load_values(values: dict[str, Any], **options: bool) -> Loaded:
    return load_text(yaml.safe_dump({"leadqual": 1} | values, allow_unicode=True, sort_keys=False), **options)


def example() -> dict[str, Any]:
    """The documented example as values that a test may change."""
    value: dict[str, Any] = read(EXAMPLE.encode()).value
    return value


def problems(values: dict[str, Any] | str) -> list[str]:
    with pytest.raises(DesignError) as caught:
        load_text(values) if isinstance(values, str) else load_values(values)
    return [re.sub(r"^line \d+, ", "", str(problem)) for problem in caught.value.problems]


def everything() -> dict[str, int]:
    models = [
        ActivityType,
        CustomField,
        Segment,
        ScoringModel,
        SalesTeam,
        SalesRep,
        HandoffPolicy,
        get_user_model(),
    ]
    return {model.__name__: model._default_manager.count() for model in models}


def forget_maps() -> None:
    """As on a site that never had any; PostgreSQL deletes no map that went live."""
    if connection.vendor == "sqlite":
        JourneyMap.objects.all().delete()
    else:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("TRUNCATE journeys_journeymap CASCADE")
    Content.objects.all().delete()


def test_the_documented_example_makes_everything_it_names() -> None:
    assert load_text(EXAMPLE).counts() == {
        "activity_types": {"created": 5},
        "custom_fields": {"created": 2},
        "company_custom_fields": {"created": 1},
        "segments": {"created": 3},
        "contents": {"created": 1},
        "journey_maps": {"created": 1},
        "scoring_models": {"created": 1},
        "teams": {"created": 2},
        "reps": {"created": 3},
        "policies": {"created": 2},
    }
    download = ActivityType.objects.get(key="download")
    assert (download.label, download.intent, download.is_conversion) == (
        "White paper downloaded",
        "medium",
        True,
    )
    assert (download.url_globs, download.declared_attributes) == (["/papers/*.pdf"], ["topic"])
    kansai = Segment.objects.get(name="Manufacturers in Kansai")
    assert kansai.condition["all"][0] == {"segment": Segment.objects.get(name="Manufacturers").pk}
    model = ScoringModel.objects.get()
    assert (model.name, model.version, model.state, model.hot_at, model.review_date) == (
        "Standard", 1, ModelState.DRAFT, 60, date(2027, 4, 1),
    )  # fmt: skip
    assert [group.name for group in model.groups.all()] == ["Ideal customer", "Interest", "Silence"]
    prices = model.rules.get(name="Looked at prices")
    assert (prices.points, prices.limit_count, prices.window_days, prices.half_life_days) == (5, 2, 60, 14)
    assert prices.group is not None and prices.group.name == "Interest"
    tanaka = SalesRep.objects.get(user__username="tanaka")
    assert (tanaka.team.name, tanaka.absent_from, tanaka.territory) == (
        "Kansai", date(2026, 12, 28), {"segment": kansai.pk},
    )  # fmt: skip
    policies = list(HandoffPolicy.objects.order_by("position"))
    assert [policy.name for policy in policies] == ["Kansai first", "Everybody else"]
    assert [policy.state for policy in policies] == [PolicyState.LIVE] * 2
    assert policies[1].cadence_time == time(10, 0)


def test_a_user_who_does_not_exist_is_made_and_cannot_log_in() -> None:
    load_text(EXAMPLE)
    sato = get_user_model().objects.get(username="sato")
    assert (sato.last_name, sato.first_name, sato.email) == ("佐藤", "由美", "sato@example.com")
    assert not sato.has_usable_password()
    assert not sato.is_staff and not sato.is_superuser
    assert SalesTeam.objects.get(name="Kansai").manager == get_user_model().objects.get(username="mori")


def test_a_user_who_exists_keeps_password_and_rights() -> None:
    user = get_user_model().objects.create_user("sato", password="secret", is_staff=True)
    load_text(EXAMPLE)
    user.refresh_from_db()
    assert user.check_password("secret") and user.is_staff
    assert SalesRep.objects.get(user=user).weight == 2


def test_loading_twice_changes_nothing(django_assert_max_num_queries: Any) -> None:
    load_text(EXAMPLE)
    before = everything(), HandoffPolicy.history.count(), SalesRep.history.count()
    again = load_text(EXAMPLE)
    assert not again.changed
    assert (everything(), HandoffPolicy.history.count(), SalesRep.history.count()) == before


def test_dump_then_load_changes_nothing_and_makes_the_same_elsewhere() -> None:
    load_text(EXAMPLE)
    text = dump()
    assert not load_text(text).changed
    assert dump() == text
    HandoffPolicy.objects.all().delete()
    SalesRep.objects.all().delete()
    forget_maps()
    for model in (SalesTeam, ScoringModel, Segment, CustomField, ActivityType):
        model._default_manager.all().delete()
    load_text(text)
    assert dump() == text


def test_words_that_look_like_something_else_survive_a_dump() -> None:
    choices = [
        "yes",
        "no",
        "on",
        "1",
        "08:30",
        "2024-06-30",
        "null",
        "~",
        "0x1f",
        "1e3",
        "- a",
        "a: b",
        "#",
        "日本",
    ]
    load_values({"custom_fields": {"answer": {"type": "choice", "choices": choices}}})
    text = dump()
    assert read(text.encode()).value["custom_fields"]["answer"]["choices"] == choices
    assert not load_text(text).changed


def test_every_fault_is_listed_with_its_path_and_nothing_is_changed() -> None:
    values = example()
    values["activity_types"]["download"]["intent"] = "huge"
    values["custom_fields"]["plan"]["choices"] = []
    values["segments"]["Comparing"]["condition"]["all"][0]["within_days"] = 0
    values["segments"]["Manufacturers in Kansai"]["condition"]["all"][1]["op"] = "is_on_of"
    rules = values["scoring_models"]["Standard"]["rules"]
    rules["Asked"]["window_days"] = -3
    rules["Looked at prices"]["half_life_days"] = 0
    rules["Many users"]["condition"]["value"] = "fifty"
    rules["Student"]["points"] = "minus"
    values["reps"]["sato"]["wieght"] = 2
    values["policies"]["Everybody else"]["fallback_team"] = ""
    before = everything()
    assert [each.partition(", is_none_of")[0] for each in sorted(problems(values))] == [
        "activity_types.download.intent: this must be one of: weak, medium, strong",
        "custom_fields.plan.choices: a choice needs its choices",
        "policies.Everybody else.fallback_team: is not decided yet",
        "reps.sato.wieght: there is no such key; known are: team, family_name, given_name, email, weight, capacity, "
        "territory, absent_from, absent_until, active",
        "scoring_models.Standard.rules.Asked.window_days: -3 is not between 1 and 1825 days",
        "scoring_models.Standard.rules.Looked at prices.half_life_days: 0 is not a half-life: it must be 1 day or "
        "more, or empty for none",
        "scoring_models.Standard.rules.Many users.condition.value: must be a number",
        "scoring_models.Standard.rules.Student.points: this must be a whole number",
        "segments.Comparing.condition.all[0].within_days: must be a whole number from 1 to 36500",
        "segments.Manufacturers in Kansai.condition.all[1].op: must be one of: is, is_not, is_one_of",
    ]
    assert everything() == before


def test_a_fault_names_its_line() -> None:
    with pytest.raises(DesignError) as caught:
        load_text(EXAMPLE.replace("inactive_days: 60", "inactive_days: 0"))
    line = next(n for n, text in enumerate(EXAMPLE.splitlines(), 1) if "inactive_days" in text)
    assert str(caught.value) == (
        f"line {line}, scoring_models.Standard.rules.Quiet for two months.inactive_days: "
        "0 is not between 1 and 1825 days"
    )


def test_one_fault_is_not_told_again_where_it_is_referred_to() -> None:
    values = example()
    values["segments"]["Manufacturers"]["condition"] = {"field": "company.industri", "op": "is", "value": "x"}
    values["teams"]["Kansai"] = {"boss": "mori"}
    assert sorted(problems(values)) == [
        "segments.Manufacturers.condition.field: there is no field “company.industri”",
        "teams.Kansai.boss: there is no such key; known are: manager, renamed_from",
    ]


def test_names_that_are_nowhere_are_told_where_they_are_used() -> None:
    values = example()
    values["segments"]["Comparing"]["condition"] = {"any": [{"segment": "Nobody"}, {"segment": 7}]}
    values["scoring_models"]["Standard"]["rules"]["Asked"]["activity_type"] = "inquire"
    values["scoring_models"]["Standard"]["rules"]["Student"]["group"] = "Ideal"
    values["reps"]["suzuki"]["team"] = "Outside sales"
    values["policies"]["Kansai first"]["segment"] = "Kansai"
    found = problems(values)
    assert "segments.Comparing.condition.any[1].segment: a segment is asked by its name" in found
    assert "scoring_models.Standard.rules.Asked.activity_type: there is no activity type “inquire”" in found
    assert "scoring_models.Standard.rules.Student.group: the model has no group “Ideal”" in found
    assert "reps.suzuki.team: there is no team “Outside sales”" in found
    assert "policies.Kansai first.segment: there is no segment “Kansai”" in found
    assert len(found) == 5


def test_segments_may_stand_in_any_order_but_not_in_a_circle() -> None:
    load_values({"segments": {"B": {"condition": {"segment": "A"}}, "A": {"condition": {"all": []}}}})
    circle = {
        "A": {"condition": {"any": [{"segment": "B"}]}},
        "B": {"condition": {"not": {"segment": "C"}}},
        "C": {"condition": {"segment": "A"}},
        "Itself": {"condition": {"segment": "Itself"}},
    }
    found = problems({"segments": circle})
    assert len(found) == 2
    assert all("the segment contains itself: " in each for each in found)
    assert Segment.objects.get(name="A").condition == {"all": []}


def test_a_circle_through_a_segment_that_the_file_does_not_name_is_found() -> None:
    load_values({"segments": {"A": {"condition": {"all": []}}, "B": {"condition": {"segment": "A"}}}})
    assert problems({"segments": {"A": {"condition": {"all": [{"segment": "B"}]}}}}) == [
        "segments.A.condition.all[0].segment: the segment contains itself"
    ]


def test_check_says_what_would_change_and_changes_nothing() -> None:
    before = everything()
    assert load_text(EXAMPLE, check=True).counts()["reps"] == {"created": 3}
    assert everything() == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "line 1: a design file begins with “leadqual: 1”"),
        ("segments: {}", "leadqual: a design file begins with “leadqual: 1”"),
        ("leadqual: 2", "leadqual: a design file begins with “leadqual: 1”"),
        ("leadqual: 1\nsegment: {}", "segment: there is no such section; known are: activity_types, custom_fields, "
         "company_custom_fields, segments, contents, journey_maps, scoring_models, teams, reps, policies"),
        ("leadqual: 1\nsegments: [a]", "segments: this must be names with values"),
        ("leadqual: 1\nreps: {a: 1}", "reps.a: this must be names with values"),
    ],
)  # fmt: skip
def test_a_file_of_another_form_is_refused(text: str, message: str) -> None:
    assert problems(text) == [message]


def test_a_pattern_of_pages_is_bounded() -> None:
    assert problems({"activity_types": {"view": {"url_globs": ["/a*", "/" + "x" * 200]}}}) == [
        "activity_types.view.url_globs[1]: at most 200 characters are possible"
    ]


def test_two_who_load_at_once_make_everything_once(database_url: str) -> None:
    path = str(DOCS / "examples" / "shop.yaml")
    loading = [
        subprocess.Popen(
            [sys.executable, "manage.py", "load_design", path, "--json"],
            cwd=DOCS.parent, env=environment(DATABASE_URL=database_url), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    said = [each.communicate(timeout=120) for each in loading]
    assert [each.returncode for each in loading] == [0, 0], said
    assert sorted('"created"' in out for out, _ in said) == [False, True]
    assert SalesRep.objects.count() == 5


def test_a_custom_field_with_values_keeps_its_type() -> None:
    load_values({"custom_fields": {"users": {"type": "number"}}})
    Lead.objects.create(created_day=1, custom={"users": 3}, custom_folded={"users": 3})
    assert problems({"custom_fields": {"users": {"type": "text"}}}) == [
        "custom_fields.users.type: has values, so its type stays"
    ]


def test_publishing_is_not_undone_by_loading() -> None:
    load_text(EXAMPLE)
    publish(ScoringModel.objects.get(), day=TODAY, now=NOW)
    assert not load_text(EXAMPLE).changed
    assert ScoringModel.objects.get().state == ModelState.LIVE
