from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.leads.models import FieldType
from segments.conditions import derived_fields, expand_segments, parse, to_json, trees_for
from segments.conditions import fields as registry
from segments.conditions.fields import Field
from segments.conditions.kinds import Kind
from segments.definition import archive_segment, save_segment
from segments.models import Segment, SegmentVersion
from segments.signals import segment_saving
from tests.segments.factories import a_field, a_segment, field

pytestmark = pytest.mark.django_db
BOSS = field("title", "is", "boss")


def refused(name: str, tree: Any, **options: Any) -> LeadqualError:
    with pytest.raises(LeadqualError) as caught:
        save_segment(name, tree, **options)
    return caught.value


def test_a_segment_that_contains_itself_is_refused_with_the_place() -> None:
    a_segment(BOSS, "one")
    a_segment({"segment": "one"}, "two")
    a_segment({"not": {"segment": "two"}}, "three")
    for inner in ("one", "two", "three"):
        error = refused("one", {"any": [BOSS, {"not": {"segment": inner}}]})
        assert (error.code, error.place) == ("segment_cycle", "condition.any[1].not.segment")
    assert Segment.objects.get(name="one").condition == BOSS


def test_saving_again_changes_and_none_leaves_as_it_is() -> None:
    a_segment(BOSS, "one", description="who decides", state="draft")
    segment = save_segment("one", {"not": BOSS})
    assert (segment.description, segment.state, Segment.objects.count()) == ("who decides", "draft", 1)
    assert save_segment("one", {"not": BOSS}, state="archived").state == "archived"


def test_every_save_that_changes_something_keeps_a_version_and_who_made_it() -> None:
    anna = get_user_model().objects.create(username="anna")
    now = clock.start_of(20_000)
    segment = save_segment("one", BOSS, now=now, by=anna)
    save_segment("one", BOSS, now=now, by=anna)
    save_segment("one", {"not": BOSS}, description="the others", now=now + timedelta(days=1))
    archive_segment(segment, now=now + timedelta(days=2), by=anna)
    kept = SegmentVersion.objects.filter(segment=segment).order_by("number")
    assert list(kept.values_list("number", "changed", "by__username", "day")) == [
        (1, ["name", "condition", "description", "state"], "anna", 20_000),
        (2, ["condition", "description"], None, 20_001),
        (3, ["state"], "anna", 20_002),
    ]
    assert [version.condition for version in kept] == [BOSS, {"not": BOSS}, {"not": BOSS}]
    assert [version.state for version in kept] == ["live", "live", "archived"]
    segment.refresh_from_db()
    assert segment.state == "archived"


def test_a_version_outlives_its_author_and_nobody_changes_it() -> None:
    anna = get_user_model().objects.create(username="anna")
    save_segment("one", BOSS, by=anna)
    anna.delete()
    version = SegmentVersion.objects.get()
    assert version.by is None
    for values in ({"name": "other"}, {"condition": {"all": []}}, {"number": 7}, {"day": 1}):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            SegmentVersion.objects.update(**values)


def test_a_fault_changes_nothing() -> None:
    a_segment(BOSS, "one")
    assert refused("one", {"all": [field("nothing", "is", 1)]}).place == "condition.all[0].field"
    assert refused("two", BOSS, state="dead").place == "state"
    assert refused(" ", BOSS).place == "name"
    assert list(Segment.objects.values_list("name", "condition")) == [("one", BOSS)]
    assert SegmentVersion.objects.count() == 1


def test_who_has_a_say_can_refuse_a_segment() -> None:
    def refuse(condition: Any, **_: Any) -> None:
        raise LeadqualError("taken", "a scoring rule asks this segment")

    segment_saving.connect(refuse)
    try:
        assert refused("one", BOSS).code == "taken"
    finally:
        segment_saving.disconnect(refuse)
    assert not Segment.objects.exists()


def test_segments_that_double_at_every_level_are_refused() -> None:
    a_segment(BOSS, "0")
    with pytest.raises(LeadqualError) as caught:
        for level in range(1, 30):
            a_segment({"all": [{"segment": str(level - 1)}, {"segment": str(level - 1)}]}, str(level))
    assert (caught.value.code, caught.value.place) == ("too_many_nodes", "condition")


def test_expanding_puts_conditions_in_the_place_of_segments() -> None:
    a_segment(BOSS, "one")
    a_segment({"not": {"segment": "one"}}, "two")
    asking = parse({"all": [{"segment": "two"}, BOSS]})
    assert to_json(expand_segments(asking)) == {"all": [{"not": BOSS}, BOSS]}
    assert expand_segments(asking, trees_for(asking)) == expand_segments(asking)
    with pytest.raises(LeadqualError, match=r"all\[0\].segment: there is no segment"):
        expand_segments(asking, {})


def test_derived_is_transitive_through_segments() -> None:
    a_segment(field("status", "is", "hot"), "one")
    a_segment({"any": [BOSS, {"segment": "one"}]}, "two")
    assert derived_fields(parse({"not": {"segment": "two"}})) == {"status"}
    assert derived_fields(parse(BOSS)) == set()


def test_every_field_has_a_label_and_sales_fields_are_derived() -> None:
    a_field("size", FieldType.NUMBER)
    known = {one.key: one for one in registry.all()}
    assert all(str(one.label) for one in known.values())
    assert known["custom.size"].kind is Kind.NUMBER
    assert {key for key, one in known.items() if one.derived} >= {"status", "outcome", "outcome_day", "owner"}
    assert not known["bant.budget"].derived


def test_two_fields_of_one_name_are_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="two fields are called title"):
        registry.register(Field("title", "another", Kind.TEXT, "title"))
    with pytest.raises(ValueError, match="needs a column"):
        registry.register(Field("half", "half", Kind.TEXT, expression=lambda day, params: None))


def test_the_command_answers_faults_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    a_segment(BOSS, "one")
    with pytest.raises(CommandError, match="there is no segment “two”"):
        call_command("refresh_segments", "one", "two")
    with pytest.raises(CommandError, match="--as-of: “soon” is not a date"):
        call_command("refresh_segments", as_of="soon")
    assert Segment.objects.get().refreshed_day is None


def test_the_command_prints_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    a_segment({"all": []}, "one")
    call_command("refresh_segments", "--as-of", "2024-10-04", "--json")
    expected = '{"as_of": "2024-10-04", "segments": [{"name": "one", "joined": 0, "left": 0, "size": 0}], '
    assert capsys.readouterr().out.strip() == expected + '"joined": 0, "left": 0}'
    call_command("refresh_segments", "one", "--as-of", "2024-10-04")
    assert capsys.readouterr().out == "one: 0 leads (0 joined, 0 left)\n"
