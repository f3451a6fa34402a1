"""What a changed file does to what is there: scoring models, renames, pruning, people's own entries, policies."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import yaml
from django.contrib.auth import get_user_model

from handoff.models import HandoffPolicy, PolicyState, SalesRep, SalesTeam
from leadqual.common.models import Slot
from leadqual.leads.models import ActivityType, CustomField, Lead
from leadqual.operations.design.dumping import dump
from leadqual.operations.design.loading import Loaded, load
from leadqual.operations.design.reading import read
from leadqual.scoring.models import ModelState, ScoringModel
from leadqual.scoring.publishing import publish
from segments.models import Segment, SegmentState

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
TODAY = 20_781


def load_values(values: dict[str, Any], **options: bool) -> Loaded:
    text = yaml.safe_dump({"leadqual": 1} | values, allow_unicode=True, sort_keys=False)
    return load(read(text.encode()), now=NOW, **options)


def design() -> dict[str, Any]:
    return {
        "activity_types": {"visit": {}, "call": {"intent": "strong"}},
        "segments": {"All": {"condition": {"all": []}}},
        "scoring_models": {
            "M": {
                "hot_at": 20,
                "cool_at": 10,
                "groups": {"G": {"axis": "engagement", "cap": 50}},
                "rules": {
                    "Visit": {"group": "G", "kind": "behaviour", "activity_type": "visit", "points": 5},
                    "Call": {"group": "G", "kind": "behaviour", "activity_type": "call", "points": 20},
                },
            }
        },
        "teams": {"T": {}},
        "reps": {"r": {"team": "T"}},
        "policies": {"P": policy()},
    }


def policy(**changes: Any) -> dict[str, Any]:
    return {
        "team": "T", "fallback_team": "T", "means": ["in_app"], "cadence": "at_once", "strategy": "weighted",
        "follow_up": "call", "accept_within_hours": 8, "review_date": "2027-01-01",
    } | changes  # fmt: skip


def changes(loaded: Loaded) -> dict[str, dict[str, str]]:
    changed = {
        section: {name: str(change) for name, change in each.items() if change != "unchanged"}
        for section, each in loaded.sections.items()
    }
    return {section: each for section, each in changed.items() if each}


def test_a_changed_live_model_becomes_a_draft_based_on_it_and_the_live_one_stays() -> None:
    values = design()
    load_values(values)
    live = publish(ScoringModel.objects.get(), day=TODAY, now=NOW).model
    frozen = live.frozen
    values["scoring_models"]["M"]["rules"]["Visit"]["points"] = 7
    del values["scoring_models"]["M"]["rules"]["Call"]
    assert changes(load_values(values)) == {"scoring_models": {"M": "updated"}}
    draft = ScoringModel.objects.get(state=ModelState.DRAFT)
    assert (draft.name, draft.version, draft.based_on) == ("M", 2, live)
    assert [(rule.name, rule.points) for rule in draft.rules.all()] == [("Visit", 7)]
    live.refresh_from_db()
    assert live.state == ModelState.LIVE and live.frozen == frozen
    assert sorted(rule.name for rule in live.rules.all()) == ["Call", "Visit"]


def test_a_changed_file_changes_the_draft_that_is_there_and_makes_no_second_one() -> None:
    values = design()
    load_values(values)
    publish(ScoringModel.objects.get(), day=TODAY, now=NOW)
    for points in (7, 8, 8):
        values["scoring_models"]["M"]["rules"]["Visit"]["points"] = points
        load_values(values)
    assert not load_values(values).changed
    assert ScoringModel.objects.count() == 2
    assert ScoringModel.objects.get(version=2).rules.get(name="Visit").points == 8
    assert "points: 8" in dump()


def test_each_part_of_a_model_is_a_change() -> None:
    values = design()
    load_values(values)
    model = values["scoring_models"]["M"]
    rule = model["rules"]["Visit"]
    for part, key, value in (
        (model, "hot_at", 25), (model, "cool_at", 5), (model, "cool_down_days", 3), (model, "gate_strong_within", 30),
        (model, "review_date", "2027-02-01"), (model["groups"]["G"], "cap", 60), (model["groups"]["G"], "axis", "fit"),
        (model["groups"]["G"], "floor", -5), (rule, "points", 6), (rule, "window_days", 90),
        (rule, "half_life_days", 9), (rule, "where", {"url": "/x*"}), (rule, "activity_type", "call"),
    ):  # fmt: skip
        part[key] = value
        assert changes(load_values(values)) == {"scoring_models": {"M": "updated"}}, key
        assert not load_values(values).changed, key
    assert ScoringModel.objects.count() == 1


def test_a_live_model_whose_segment_changed_becomes_a_draft_for_it_has_frozen_the_old_one() -> None:
    values = design()
    values["segments"] = {
        "Inner": {"condition": {"field": "email", "op": "is_known"}},
        "Outer": {"condition": {"not": {"segment": "Inner"}}},
        "Other": {"condition": {"all": []}},
    }
    values["scoring_models"]["M"]["rules"]["Nobody"] = {
        "group": "G", "kind": "attribute", "points": -5, "condition": {"segment": "Outer"},
    }  # fmt: skip
    load_values(values)
    publish(ScoringModel.objects.get(), day=TODAY, now=NOW)
    values["segments"]["Other"]["condition"] = {"field": "email", "op": "is_empty"}
    assert changes(load_values(values)) == {"segments": {"Other": "updated"}}
    values["segments"]["Inner"]["condition"] = {"field": "phone", "op": "is_known"}
    assert changes(load_values(values)) == {
        "segments": {"Inner": "updated"},
        "scoring_models": {"M": "updated"},
    }
    assert not load_values(values).changed
    published = publish(ScoringModel.objects.get(state=ModelState.DRAFT), day=TODAY, now=NOW).model
    assert "phone" in str(published.frozen)
    assert not load_values(values).changed


def test_a_live_model_with_a_gate_becomes_a_draft_when_an_act_says_more_than_before() -> None:
    values = design()
    load_values(values)
    publish(ScoringModel.objects.get(), day=TODAY, now=NOW)
    values["activity_types"]["visit"] = {"intent": "medium"}
    assert changes(load_values(values)) == {"activity_types": {"visit": "updated"}}
    values["scoring_models"]["M"]["gate_strong_within"] = 30
    load_values(values)
    publish(ScoringModel.objects.get(state=ModelState.DRAFT), day=TODAY, now=NOW)
    values["activity_types"]["visit"] = {"intent": "strong"}
    assert changes(load_values(values)) == {
        "activity_types": {"visit": "updated"}, "scoring_models": {"M": "updated"},
    }  # fmt: skip
    assert not load_values(values).changed


def test_a_retired_model_named_in_a_file_comes_back_as_a_draft() -> None:
    values = design()
    load_values(values)
    publish(ScoringModel.objects.get(), day=TODAY, now=NOW)
    other = {"scoring_models": {"N": values["scoring_models"]["M"]}}
    load_values(other)
    publish(ScoringModel.objects.get(name="N"), day=TODAY, now=NOW)
    assert ScoringModel.objects.get(name="M").state == ModelState.RETIRED
    assert "M" not in read(dump().encode()).value["scoring_models"]
    assert changes(load_values(values)) == {"scoring_models": {"M": "updated"}}
    assert ScoringModel.objects.get(name="M", state=ModelState.DRAFT).version == 2
    assert not load_values(values).changed


def test_what_the_file_does_not_name_is_left_alone() -> None:
    load_values(design())
    before = dump()
    loaded = load_values({"segments": {"Other": {"condition": {"field": "email", "op": "is_known"}}}})
    assert changes(loaded) == {"segments": {"Other": "created"}}
    assert read(dump().encode()).value["policies"] == read(before.encode()).value["policies"]
    assert Segment.objects.get(name="All").state == SegmentState.LIVE


def test_pruning_retires_what_is_not_named_and_keeps_what_others_hang_on() -> None:
    values = design()
    values["activity_types"]["seldom"] = {}
    values["custom_fields"] = {"used": {"type": "number"}, "unused": {"type": "number"}}
    values["teams"]["Empty"] = {}
    load_values(values)
    Lead.objects.create(created_day=1, custom={"used": 3}, custom_folded={"used": 3})
    publish(ScoringModel.objects.get(), day=TODAY, now=NOW)
    load_values({"scoring_models": {"Idea": values["scoring_models"]["M"]}})
    sections = ["activity_types", "custom_fields", "segments", "scoring_models", "teams", "reps", "policies"]
    pruned = changes(load_values(dict.fromkeys(sections), prune=True))
    assert pruned == {
        "activity_types": {"seldom": "removed"},
        "custom_fields": {"unused": "removed"},
        "segments": {"All": "removed"},
        "scoring_models": {"Idea": "removed"},
        "teams": {"Empty": "removed"},
        "reps": {"r": "removed"},
        "policies": {"P": "removed"},
    }
    assert set(ActivityType.objects.values_list("key", flat=True)) == {"visit", "call"}
    assert CustomField.objects.get().key == "used"
    assert Segment.objects.get().state == SegmentState.ARCHIVED
    assert ScoringModel.objects.get().state == ModelState.LIVE
    assert SalesRep.objects.get().active is False
    assert HandoffPolicy.objects.get().state == PolicyState.RETIRED
    assert not load_values(dict.fromkeys(sections), prune=True).changed


def test_pruning_leaves_sections_alone_that_the_file_does_not_have() -> None:
    load_values(design())
    assert changes(load_values({"policies": {"P": policy()}}, prune=True)) == {}
    assert SalesRep.objects.get().active is True


def test_a_rename_keeps_the_row_and_what_points_at_it() -> None:
    values = design()
    values["policies"]["P"]["segment"] = "All"
    load_values(values)
    ids = Segment.objects.get().pk, SalesTeam.objects.get().pk, HandoffPolicy.objects.get().pk
    renamed = {
        "segments": {"Everybody": {"condition": {"all": []}, "renamed_from": "All"}},
        "teams": {"Team": {"renamed_from": "T"}},
        "policies": {
            "Policy": policy(team="Team", fallback_team="Team", segment="Everybody", renamed_from="P")
        },
    }
    assert changes(load_values(renamed)) == {
        "segments": {"Everybody": "updated"}, "teams": {"Team": "updated"}, "policies": {"Policy": "updated"},
    }  # fmt: skip
    assert (Segment.objects.get().pk, SalesTeam.objects.get().pk, HandoffPolicy.objects.get().pk) == ids
    assert not load_values(renamed).changed


def test_an_absence_entered_by_people_and_their_names_survive_a_file_that_is_silent_about_them() -> None:
    load_values(design())
    SalesRep.objects.update(absent_from=date(2026, 12, 1), absent_until=date(2026, 12, 5))
    get_user_model().objects.update(last_name="佐藤", email="sato@example.com")
    assert not load_values(design()).changed
    rep = SalesRep.objects.select_related("user").get()
    assert (rep.absent_from, rep.user.last_name, rep.user.email) == (
        date(2026, 12, 1),
        "佐藤",
        "sato@example.com",
    )
    values = design()
    values["reps"]["r"]["absent_from"] = values["reps"]["r"]["absent_until"] = None
    assert changes(load_values(values)) == {"reps": {"r": "updated"}}
    assert SalesRep.objects.get().absent_from is None


def test_the_order_of_the_file_is_the_order_in_which_policies_are_asked() -> None:
    values = design()
    values["policies"] = {"A": policy(), "B": policy(), "Mine": policy()}
    load_values(values)
    moved = load_values({"policies": {"B": policy(), "New": policy(), "A": policy()}})
    assert changes(moved) == {"policies": {"B": "updated", "New": "created", "A": "updated"}}
    assert list(HandoffPolicy.objects.values_list("name", flat=True)) == ["B", "New", "Mine", "A"]
    assert not load_values({"policies": {"B": policy(), "New": policy(), "A": policy()}}).changed


def test_a_policy_goes_live_complete_or_not_at_all_and_a_draft_may_be_incomplete() -> None:
    values = design()
    values["policies"]["P"] = {"state": "draft", "team": "T"}
    load_values(values)
    assert HandoffPolicy.objects.get().state == PolicyState.DRAFT
    values["policies"]["P"] = policy(cadence="weekly", cadence_time="09:00", cadence_weekday=0)
    load_values(values)
    assert HandoffPolicy.objects.get().state == PolicyState.LIVE
    # The turn that was due before it went live is not made up for.
    assert Slot.objects.filter(job=f"handoff policy {HandoffPolicy.objects.get().pk}").count() == 1


def test_a_live_policy_that_changes_its_words_keeps_its_turn() -> None:
    values = design()
    values["policies"]["P"] = policy(cadence="daily", cadence_time="09:00")
    load_values(values)
    Slot.objects.all().delete()
    values["policies"]["P"]["follow_up"] = "write"
    assert changes(load_values(values)) == {"policies": {"P": "updated"}}
    assert Slot.objects.count() == 0
    values["policies"]["P"]["cadence_time"] = "10:00"
    load_values(values)
    assert Slot.objects.count() == 1
