"""Scoring models and activity types in the admin: faults at their fields, what is live only shown."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client

from leadqual.leads.models import ActivityType, Intent
from leadqual.scoring.models import ModelState, RuleGroup, ScoringModel, ScoringRule
from segments.models import Segment
from tests.scoring.drafts import a_draft, a_group, a_type, attribute, behaviour, put_live
from tests.segments.browsing import a_marketer
from tests.segments.factories import a_segment, field

pytestmark = pytest.mark.django_db
BOSS = {"field": "seniority", "op": "is", "value": "executive"}


@pytest.fixture
def mia() -> Client:
    return a_marketer()[1]


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def model_data(**more: Any) -> dict[str, Any]:
    return {
        "name": "Market", "hot_at": "100", "cool_at": "70", "cool_down_days": "0", "gate_strong_within": "",
        "gate_active_days": "", "gate_active_within": "", "review_date": "2026-12-01",
        "groups-TOTAL_FORMS": "0", "groups-INITIAL_FORMS": "0", "rules-TOTAL_FORMS": "0", "rules-INITIAL_FORMS": "0",
    } | more  # fmt: skip


def rule_data(number: int, **values: Any) -> dict[str, Any]:
    usual = {
        "name": f"Rule {number}", "kind": "behaviour", "points": "5", "window_days": "365", "position": "0",
        "limit_count": "", "limit_period": "", "half_life_days": "", "where": "", "condition": "", "inactive_days": "",
        "activity_type": "",
    }  # fmt: skip
    return {f"rules-{number}-{key}": value for key, value in (usual | values).items()}


def test_a_new_model_gets_its_groups_and_then_its_rules(mia: Client) -> None:
    groups = {"groups-TOTAL_FORMS": "1", "groups-0-name": "Deeds", "groups-0-axis": "engagement",
              "groups-0-position": "0"}  # fmt: skip
    answer = mia.post("/admin/scoring/scoringmodel/add/", model_data(**groups), follow=True)
    assert "Not to be published yet: rules: a model without rules gives nobody any points" in text(answer)
    model, group = ScoringModel.objects.get(), RuleGroup.objects.get()
    assert (model.version, model.state, model.by) == (1, ModelState.DRAFT, User.objects.get())
    kind = a_type("quote", Intent.STRONG)
    data = model_data(**{"rules-TOTAL_FORMS": "2"}) | rule_data(
        0, group=group.pk, activity_type=kind.pk, points="30"
    )
    data |= rule_data(
        1, group=group.pk, kind="attribute", condition='{"field": "seniority", "op": "is_known"}'
    )
    answer = mia.post(f"/admin/scoring/scoringmodel/{model.pk}/change/", data, follow=True)
    assert "errornote" not in text(answer)
    assert set(model.rules.values_list("name", "points")) == {("Rule 0", 30), ("Rule 1", 5)}
    assert LogEntry.objects.count() == 2
    again = model_data(**groups)
    mia.post("/admin/scoring/scoringmodel/add/", again)
    assert list(ScoringModel.objects.order_by("version").values_list("version", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"window_days": "9000"}, "9000 is not between 1 and 1825 days"),
        ({"limit_count": "3"}, "a limit needs both its number and its period"),
        ({"points": "1000000"}, "1000000 is not between -100000 and 100000"),
        ({"half_life_days": "0"}, "0 is not a half-life"),
        ({"where": '{"tier": "gold"}'}, "tier: this attribute is not declared by the activity type"),
        ({"where": "{"}, "Enter a valid JSON."),
        ({"kind": "inactivity"}, "an inactivity rule says after how many days it applies"),
        ({"kind": "attribute", "condition": '{"all": [{"field": "seniority", "op": "is", "value": "king"}]}'},
         "all[0].value: must be one of: "),
        ({"kind": "attribute", "condition": '{"field": "score", "op": "at_least", "value": 1}'},
         "follows from scores or from sales"),
        ({"activity_type": ""}, "a behaviour rule names the activity type it counts"),
    ],
)  # fmt: skip
def test_a_fault_is_told_at_the_field_and_nothing_is_saved(
    mia: Client, values: dict[str, str], message: str
) -> None:
    model, kind = a_draft(), a_type("quote")
    group = a_group(model)
    data = model_data(**{"rules-TOTAL_FORMS": "1"})
    data |= rule_data(0, **({"group": group.pk, "activity_type": kind.pk} | values))
    answer = mia.post(f"/admin/scoring/scoringmodel/{model.pk}/change/", data)
    page = text(answer)
    assert message in page.replace("&quot;", '"').replace("&#x27;", "'")
    assert not ScoringRule.objects.exists()
    for typed in values.values():
        assert not typed or typed in page.replace("&quot;", '"')


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"cool_at": "120"}, "120 is above hot_at (100)"),
        ({"gate_active_days": "3"}, "are needed together"),
        ({"gate_strong_within": "9999"}, "9999 is not between 1 and 1825 days"),
    ],
)
def test_thresholds_and_the_gate_are_judged_too(mia: Client, values: dict[str, str], message: str) -> None:
    model = a_draft()
    answer = mia.post(f"/admin/scoring/scoringmodel/{model.pk}/change/", model_data(**values))
    assert message in text(answer)


def test_the_trap_of_weak_acts_is_told_when_it_is_saved(mia: Client) -> None:
    model = a_draft()
    group = a_group(model)
    for key, points in (("view", 5), ("open", 5), ("blog", 10)):
        behaviour(group, a_type(key), key, points)
    data = model_data(hot_at="20", cool_at="10", review_date="")
    rules = ScoringRule.objects.order_by("pk")
    data |= {"rules-TOTAL_FORMS": "3", "rules-INITIAL_FORMS": "3", "groups-TOTAL_FORMS": "0"}
    for number, rule in enumerate(rules):
        data |= rule_data(number, name=rule.name, points=rule.points, group=group.pk,
                          activity_type=rule.activity_type_id, id=rule.pk)  # fmt: skip
    page = text(mia.post(f"/admin/scoring/scoringmodel/{model.pk}/change/", data, follow=True))
    assert "To think about: " in page
    assert "weak acts alone can make a lead hot" in page
    assert "nobody will look again whether these points are right" in page


def test_what_was_published_is_shown_and_never_changed(mia: Client) -> None:
    model = a_draft()
    attribute(a_group(model), BOSS)
    put_live(model)
    page = text(mia.get(f"/admin/scoring/scoringmodel/{model.pk}/change/"))
    assert 'name="hot_at"' not in page
    assert "Change as a draft" in page
    assert mia.post(f"/admin/scoring/scoringmodel/{model.pk}/change/", model_data()).status_code == 403
    assert mia.post(f"/admin/scoring/scoringmodel/{model.pk}/delete/", {"post": "yes"}).status_code == 403
    assert mia.post(
        "/admin/scoring/scoringmodel/", {"action": "delete_selected", "_selected_action": [model.pk]}
    )
    assert ScoringModel.objects.filter(pk=model.pk, hot_at=100).exists()


def test_an_activity_type_says_its_intent_its_addresses_and_whether_it_goes_to_sales_at_once(
    mia: Client,
) -> None:
    data = {"key": "quote", "label": "Quote", "intent": "strong", "by_person": "on", "direct_to_sales": "on",
            "url_globs": "/quote*\n\n /offer* \n/quote*", "declared_attributes": "plan\nsize"}  # fmt: skip
    assert mia.post("/admin/leads/activitytype/add/", data).status_code == 302
    kind = ActivityType.objects.get()
    assert (kind.intent, kind.direct_to_sales) == ("strong", True)
    assert (kind.url_globs, kind.declared_attributes) == (["/quote*", "/offer*"], ["plan", "size"])
    change = f"/admin/leads/activitytype/{kind.pk}/change/"
    assert "/quote*\n/offer*" in text(mia.get(change))
    assert "characters are possible" in text(mia.post(change, data | {"url_globs": "/" + "x" * 300}))
    mia.post(change, data | {"intent": "weak", "key": "other"})
    kind.refresh_from_db()
    assert (kind.intent, kind.key) == ("weak", "quote")
    assert kind.history.count() == 2
    assert mia.get(f"/admin/leads/activitytype/{kind.pk}/history/").status_code == 200


def test_a_segment_in_the_admin_is_saved_by_its_only_writer(mia: Client) -> None:
    tree = '{"field": "title", "op": "is", "value": "x"}'
    data = {"name": "Bosses", "description": "", "state": "live", "condition": tree}
    assert mia.post("/admin/segments/segment/add/", data).status_code == 302
    segment = Segment.objects.get()
    assert segment.size == 0
    change = f"/admin/segments/segment/{segment.pk}/change/"
    broken = data | {"condition": '{"all": [{"field": "nothing", "op": "is", "value": 1}]}'}
    assert "condition.all[0].field: there is no field “nothing”" in text(mia.post(change, broken))
    circle = data | {"condition": f'{{"segment": {segment.pk}}}'}
    assert "the segment contains itself" in text(mia.post(change, circle))
    other = a_segment(field("title", "is", "y"), "Others")
    assert "another segment has this name" in text(mia.post(change, data | {"name": other.name}))
    assert mia.post(change, data | {"name": "Chiefs"}).status_code == 302
    segment.refresh_from_db()
    assert segment.name == "Chiefs"
    assert segment.versions.count() == 2
    assert mia.post(f"/admin/segments/segment/{segment.pk}/delete/", {"post": "yes"}).status_code == 403
