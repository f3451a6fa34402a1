import json

import pytest
from django.db import IntegrityError, transaction

from leadqual.common.errors import LeadqualError
from leadqual.leads.models import Intent
from leadqual.scoring.compiled import compile_frozen
from leadqual.scoring.freezing import freeze, frozen
from leadqual.scoring.models import Axis, RuleGroup, ScoringModel, ScoringRule
from segments.conditions import parse_frozen, segments_asked
from segments.models import Segment
from tests.scoring.drafts import a_draft, a_group, a_type, attribute, behaviour, inactivity, put_live

pytestmark = pytest.mark.django_db


def a_whole_model() -> ScoringModel:
    visit, inquiry = a_type("visit"), a_type("inquiry", Intent.STRONG)
    a_type("mail-sent", by_person=False)
    model = a_draft(
        cool_down_days=14,
        gate_strong_within=30,
        gate_active_days=3,
        gate_active_within=60,
        hot_at=50,
        cool_at=40,
    )
    acts, fit = (
        a_group(model, "Acts", position=1, cap=80, floor=-5),
        a_group(model, "Fit", Axis.FIT, position=2),
    )
    behaviour(
        acts, visit, "Pricing", 5, where={"url": "/pricing*"}, limit_count=2, limit_period="day", position=1
    )
    behaviour(acts, inquiry, "Inquiry", 40, window_days=90, half_life_days=30, position=2)
    attribute(fit, {"field": "seniority", "op": "is", "value": "executive"}, "Boss", 20, position=3)
    inactivity(acts, 60, "Silence", -15, position=4)
    return model


def test_everything_a_model_asks_is_in_one_document() -> None:
    model = a_whole_model()
    document = freeze(model)
    ids = {rule.name: rule.pk for rule in model.rules.all()}
    acts, fit = model.groups.order_by("position")
    own = {key: document[key] for key in ("format", "name", "version", "hot_at", "cool_at", "cool_down_days")}
    assert own == {
        "format": 1,
        "name": "market",
        "version": 1,
        "hot_at": 50,
        "cool_at": 40,
        "cool_down_days": 14,
    }
    assert document["gate"] == {"strong_within": 30, "active_days": 3, "active_within": 60}
    assert document["groups"] == [
        {"id": acts.pk, "name": "Acts", "axis": "engagement", "cap": 80, "floor": -5},
        {"id": fit.pk, "name": "Fit", "axis": "fit", "cap": None, "floor": None},
    ]
    assert document["rules"][0] == {
        "id": ids["Pricing"],
        "name": "Pricing",
        "kind": "behaviour",
        "group": acts.pk,
        "type": "visit",
        "where": {"url": "/pricing*"},
        "points": 5,
        "limit_count": 2,
        "limit_period": "day",
        "window_days": 365,
        "half_life_days": None,
        "condition": None,
        "inactive_days": None,
    }
    assert [(rule["name"], rule["kind"], rule["points"]) for rule in document["rules"]] == [
        ("Pricing", "behaviour", 5),
        ("Inquiry", "behaviour", 40),
        ("Boss", "attribute", 20),
        ("Silence", "inactivity", -15),
    ]
    assert json.loads(json.dumps(document)) == document


def test_the_intents_of_the_types_are_kept() -> None:
    document = freeze(a_whole_model())
    assert {key: (kind["intent"], kind["by_person"]) for key, kind in document["types"].items()} == {
        "inquiry": ("strong", True),
        "mail-sent": ("weak", False),
        "visit": ("weak", True),
    }


def test_freezing_twice_gives_the_same_text() -> None:
    model = a_whole_model()
    assert json.dumps(freeze(model)) == json.dumps(freeze(ScoringModel.objects.get(pk=model.pk)))


def test_segments_are_frozen_as_the_trees_they_are_now() -> None:
    inner = Segment.objects.create(
        name="IT", condition={"field": "company.industry", "op": "is", "value": "IT"}
    )
    outer = Segment.objects.create(name="Big", condition={"all": [{"segment": inner.pk}]})
    model = a_draft()
    attribute(a_group(model, "Fit", Axis.FIT), {"not": {"segment": outer.pk}}, "Small fry", -10)
    put_live(model)
    before = frozen(model)["rules"][0]["condition"]
    Segment.objects.filter(pk=inner.pk).update(
        condition={"field": "company.industry", "op": "is", "value": "Retail"}
    )
    model.refresh_from_db()
    assert frozen(model)["rules"][0]["condition"] == before
    assert segments_asked(parse_frozen(before)) == set()
    assert before == {
        "not": {"all": [{"field": "company.industry", "op": "is", "value": "IT", "kind": "text"}]}
    }


def test_a_draft_has_nothing_frozen() -> None:
    with pytest.raises(LeadqualError) as error:
        frozen(a_draft())
    assert (error.value.code, error.value.place) == ("not_published", "market 1")


EDITS = {
    "a rule's points": lambda model: model.rules.filter(name="Inquiry").update(points=99),
    "a rule saved": lambda model: model.rules.get(name="Inquiry").save(),
    "a group's cap": lambda model: model.groups.filter(name="Acts").update(cap=None),
    "a new rule": lambda model: inactivity(model.groups.get(name="Acts"), 5),
    "a new group": lambda model: RuleGroup.objects.create(model=model, name="More", axis=Axis.FIT),
    "a rule moved in": lambda model: (
        inactivity(a_group(a_draft("other")), 5)
        .__class__.objects.filter(model__name="other")
        .update(model=model)
    ),
    "a rule moved out": lambda model: model.rules.filter(name="Inquiry").update(model=a_draft("other")),
    "the threshold": lambda model: ScoringModel.objects.filter(pk=model.pk).update(hot_at=51),
    "the gate": lambda model: ScoringModel.objects.filter(pk=model.pk).update(gate_strong_within=None),
    "the frozen copy": lambda model: ScoringModel.objects.filter(pk=model.pk).update(frozen={"rules": []}),
    "the name": lambda model: ScoringModel.objects.filter(pk=model.pk).update(name="renamed"),
    "back to draft": lambda model: ScoringModel.objects.filter(pk=model.pk).update(state="draft"),
    "back to building": lambda model: ScoringModel.objects.filter(pk=model.pk).update(state="building"),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("state", ["live", "retired"])
def test_the_database_refuses_to_edit_what_was_published(edit: str, state: str) -> None:
    model = put_live(a_whole_model())
    if state == "retired":
        ScoringModel.objects.filter(pk=model.pk).update(state="retired")
    before = list(ScoringRule.objects.filter(model=model).order_by("pk").values())
    with pytest.raises(IntegrityError), transaction.atomic():
        EDITS[edit](model)
    assert list(ScoringRule.objects.filter(model=model).order_by("pk").values()) == before
    model.refresh_from_db()
    assert (model.name, model.hot_at, model.gate_strong_within, model.state) == ("market", 50, 30, state)


def test_a_retired_model_never_comes_back() -> None:
    model = put_live(a_whole_model())
    ScoringModel.objects.filter(pk=model.pk).update(state="retired")
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoringModel.objects.filter(pk=model.pk).update(state="live")


def test_what_was_published_cannot_be_deleted() -> None:
    model = put_live(a_whole_model())
    for doomed in (model, model.rules.get(name="Inquiry"), model.groups.get(name="Acts")):
        with pytest.raises(LeadqualError) as error, transaction.atomic():
            doomed.delete()
        assert (error.value.code, error.value.place) == ("published", "market 1")
    with pytest.raises(LeadqualError), transaction.atomic():
        ScoringRule.objects.filter(model=model).delete()
    assert (model.rules.count(), model.groups.count()) == (4, 2)


def test_a_draft_can_be_edited_and_deleted() -> None:
    model = a_whole_model()
    model.rules.filter(name="Inquiry").update(points=99)
    model.rules.get(name="Boss").delete()
    model.hot_at = 60
    model.save()
    assert freeze(model)["rules"][1]["points"] == 99
    model.delete()
    assert not ScoringRule.objects.exists()


def test_a_model_that_is_being_built_may_become_a_draft_again() -> None:
    model = a_whole_model()
    ScoringModel.objects.filter(pk=model.pk).update(state="building", frozen=freeze(model))
    with pytest.raises(IntegrityError), transaction.atomic():
        model.rules.filter(name="Inquiry").update(points=99)
    ScoringModel.objects.filter(pk=model.pk).update(state="draft", frozen=None)
    assert model.rules.filter(name="Inquiry").update(points=99) == 1


def test_a_copy_frozen_with_rules_for_the_gate_is_read_without_them() -> None:
    document = freeze(a_whole_model())
    gate = {**document["rules"][0], "id": 999, "kind": "gate_strong", "group": None, "points": 0}
    read = compile_frozen(1, document | {"rules": [*document["rules"], gate]})
    assert [rule.name for rule in read.rules] == ["Pricing", "Inquiry", "Boss", "Silence"]
    assert read.gate == compile_frozen(1, document).gate
