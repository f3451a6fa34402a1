"""Segments in the browser: looked at, written, saved with the number that was shown, taken back."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from leadqual.common import clock
from leadqual.leads.models import Lead
from leadqual.scoring.models import Axis
from segments.changing import change_segment, retire_segment
from segments.definition import save_segment
from segments.models import ManualMember, Membership, Segment, SegmentState
from tests.scoring.drafts import a_draft, a_group, attribute, behaviour, put_live, scored
from tests.segments.browsing import a_marketer, field_row, posted
from tests.segments.factories import a_company, a_lead, a_signature, a_type, an_act, field

pytestmark = pytest.mark.django_db
BOSS = field("title", "is", "boss")
CANARY = "<script>alert('canary')</script>"


@pytest.fixture
def mia() -> Client:
    return a_marketer()[1]


def made(tree: Any = BOSS, name: str = "Bosses", **values: Any) -> Segment:
    return change_segment(None, name=name, tree=tree, description="", state="live", now=clock.now(), **values)


def leads(bosses: int = 2, others: int = 1) -> list[Lead]:
    return [
        a_lead(family_name=f"Boss{n}", name_folded=f"boss{n}", title_folded="boss") for n in range(bosses)
    ] + [a_lead(family_name=f"Other{n}", name_folded=f"other{n}") for n in range(others)]


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_the_list_shows_sizes_and_who_is_in_none_or_several(mia: Client) -> None:
    leads(3, 2)
    made()
    made(field("name", "contains", "boss0"), "First")
    save_segment("Sketch", BOSS, state="draft")
    page = mia.get("/segments/")
    coverage = page.context["coverage"]
    assert (coverage.leads, coverage.in_none, coverage.in_several) == (5, 2, 1)
    rows = {row["segment"].name: row for row in page.context["rows"]}
    assert {name: row["size"] for name, row in rows.items()} == {"Bosses": 3, "First": 1, "Sketch": 0}
    assert rows["Bosses"]["share"] == 60
    assert rows["Bosses"]["week"] == rows["Bosses"]["month"] == 3
    assert "title is “boss”" in text(page)


def test_the_page_tells_the_condition_the_members_and_what_uses_it(mia: Client) -> None:
    boss, *_rest = leads()
    segment = made()
    made(field("name", "contains", "boss0"), "First")
    asking = made({"all": [{"segment": segment.pk}]}, "Asking")
    draft = a_draft(hot_at=20, cool_at=10)
    attribute(a_group(draft, "Fit", Axis.FIT), {"segment": segment.pk}, "Is a boss", 30)
    put_live(draft)
    scored(draft, boss, 30)
    page = mia.get(f"/segments/{segment.pk}/")
    assert page.context["size"] == 2
    assert [(use.name, use.live) for use in page.context["uses"]] == [(asking.name, True), (str(draft), True)]
    assert [(other.name, both) for other, both, _share in page.context["overlaps"]] == [
        ("Asking", 2),
        ("First", 1),
    ]
    assert {(person.lead.pk, person.score, person.band) for person in page.context["members"]} == {
        (boss.pk, 30, "hot"), (boss.pk + 1, None, ""),
    }  # fmt: skip
    assert "title is “boss”" in text(page)


def test_the_trend_walks_back_from_the_members_of_now(mia: Client) -> None:
    now = clock.now()
    first = a_lead(title_folded="boss")
    segment = made()
    Segment.objects.update(refreshed_day=clock.day_of(now))
    segment.membership_changes.update(day=clock.day_of(now) - 10)
    a_lead(title_folded="boss")
    Lead.objects.filter(pk=first.pk).update(title_folded="")
    change_segment(
        segment, name="Bosses", tree=BOSS, description="x", state="live", now=now + timedelta(minutes=1)
    )
    trend = mia.get(f"/segments/{segment.pk}/").context["trend"]
    assert [size for _day, size in trend.rows] == [1] * len(trend.rows)
    assert trend.low == trend.high == 1
    assert len(trend.points.split()) == 11
    assert mia.get("/segments/").context["rows"][0]["week"] == 0


def test_why_is_told_part_by_part_also_for_who_is_out(mia: Client) -> None:
    boss, _other, out = leads()
    segment = made({"all": [BOSS, {"any": [field("email", "is_known"), field("name", "contains", "0")]}]})
    page = mia.get(f"/segments/{segment.pk}/why/", {"lead": str(boss.public_id)})
    told = [(answer.depth, answer.holds, answer.joins) for answer in page.context["told"].answers]
    assert told == [(0, True, True), (1, True, False), (1, True, True), (2, False, False), (2, True, False)]
    page = mia.get(f"/segments/{segment.pk}/why/", {"lead": str(out.public_id)})
    assert not page.context["told"].holds
    assert not page.context["told"].answers[0].holds
    assert [lead.pk for lead in mia.get(f"/segments/{segment.pk}/why/", {"q": "OTHER"}).context["found"]] == [
        out.pk
    ]
    for unknown in ("x", "00000000-0000-4000-8000-000000000000"):
        assert mia.get(f"/segments/{segment.pk}/why/", {"lead": unknown}).status_code == 404


def test_a_lead_is_put_in_and_out_by_hand_with_who_and_why(mia: Client) -> None:
    boss, *_rest, other = leads()
    segment = made()

    def choose(lead: Lead, decision: str) -> None:
        data = {"lead": str(lead.public_id), "decision": decision, "why": "asked by phone"}
        assert mia.post(f"/segments/{segment.pk}/choose/", data).status_code == 302

    choose(other, "include")
    choose(boss, "exclude")
    members = Membership.objects.filter(segment=segment)
    assert members.filter(lead=other).exists()
    assert not members.filter(lead=boss).exists()
    page = text(mia.get(f"/segments/{segment.pk}/history/"))
    assert "Mia" in page
    assert "asked by phone" in page
    choose(boss, "forget")
    assert members.filter(lead=boss).exists()
    assert list(ManualMember.objects.values_list("lead", flat=True)) == [other.pk]


def test_a_new_segment_has_its_members_at_once(mia: Client) -> None:
    leads(3, 2)
    answer = mia.post("/segments/new/", posted(field_row("title", "is", "boss"), name="Bosses"), follow=True)
    segment = Segment.objects.get(name="Bosses")
    assert segment.size == Membership.objects.filter(segment=segment).count() == 3
    assert "Saved. The segment has 3 members." in text(answer)
    assert segment.versions.get().by == User.objects.get()


def test_who_leaves_and_comes_in_is_seen_before_it_is_saved(mia: Client) -> None:
    leads(2, 3)
    segment = made()
    data = posted(field_row("name", "contains", "other"), name="Bosses", segment=str(segment.pk))
    page = text(mia.post(f"/segments/{segment.pk}/edit/", data))
    assert "2 leads leave this segment." in page
    assert "3 come in." in page
    segment.refresh_from_db()
    assert segment.condition == BOSS
    shown = mia.post("/segments/count/", data)
    assert (shown.context["tally"].leaving, shown.context["tally"].joining) == (2, 3)
    answer = mia.post(f"/segments/{segment.pk}/edit/", data | {"seen": shown.context["seen"]})
    assert answer.status_code == 302
    segment.refresh_from_db()
    assert segment.size == shown.context["tally"].size == 3
    # Seen for one condition is not seen for another.
    data = posted(field_row("name", "contains", "boss"), name="Bosses", seen=shown.context["seen"])
    assert "3 leads leave this segment." in text(mia.post(f"/segments/{segment.pk}/edit/", data))


def test_a_faulty_form_keeps_what_was_typed_and_says_where(mia: Client) -> None:
    typed = posted(field_row("company.employees", "at_least", "very many"), name="")
    page = text(mia.post("/segments/new/", typed))
    assert "must be a number" in page
    assert 'value="very many"' in page
    assert "This field is required." in page
    assert not Segment.objects.exists()
    made()
    assert "another segment has this name" in text(mia.post("/segments/new/", posted(name="Bosses")))
    assert Segment.objects.get().condition == BOSS


def test_rows_come_and_go_without_javascript_and_with_it(mia: Client) -> None:
    data = posted(field_row("title", "is", "boss"), do="add:group")
    page = text(mia.post("/segments/new/", data))
    assert "<html" in page
    assert 'name="p1r0-field"' in page
    assert "Choose a field" in page
    part = text(mia.post("/segments/new/", data | {"do": "remove:0"}, headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert 'name="p0-field"' not in part
    assert not Segment.objects.exists()


def test_a_rename_keeps_the_segment_and_its_members(mia: Client) -> None:
    leads()
    segment = made()
    data = posted(field_row("title", "is", "boss"), name="Chiefs")
    assert mia.post(f"/segments/{segment.pk}/edit/", data).status_code == 302
    segment.refresh_from_db()
    assert segment.name == "Chiefs"
    assert Segment.objects.count() == 1
    assert Membership.objects.filter(segment=segment).count() == 2


def test_a_version_is_restored_with_its_members(mia: Client) -> None:
    leads(2, 3)
    segment = made()
    change_segment(segment, name="Others", tree=field("name", "contains", "other"), description="d", state="live",
                   now=clock.now())  # fmt: skip
    mia.post(f"/segments/{segment.pk}/restore/", {"version": "1"})
    segment.refresh_from_db()
    assert (segment.name, segment.condition, segment.size) == ("Bosses", BOSS, 2)
    assert segment.versions.count() == 3
    assert mia.post(f"/segments/{segment.pk}/restore/", {"version": "77"}).status_code == 404


def test_a_segment_in_use_is_not_retired_and_a_retired_one_comes_back(mia: Client) -> None:
    leads()
    segment = made()
    asking = made({"segment": segment.pk}, "Asking")
    assert "still used by segment “Asking”" in text(mia.post(f"/segments/{segment.pk}/retire/"))
    retire_segment(asking, now=clock.now())
    assert mia.post(f"/segments/{segment.pk}/retire/").status_code == 302
    segment.refresh_from_db()
    assert segment.state == SegmentState.ARCHIVED
    mia.post(f"/segments/{segment.pk}/restore/")
    segment.refresh_from_db()
    assert segment.state == SegmentState.LIVE


def test_scripts_in_names_and_values_are_only_text(mia: Client) -> None:
    company = a_company(name=CANARY)
    lead = a_lead(family_name=CANARY, name_folded="canary", title_folded="boss", company=company)
    segment = made(field("title", "contains", CANARY), CANARY)
    Segment.objects.filter(pk=segment.pk).update(description=CANARY)
    mia.post(
        f"/segments/{segment.pk}/choose/", {"lead": lead.public_id, "decision": "include", "why": CANARY}
    )
    kind = a_type(label=CANARY)
    an_act(lead, a_signature(kind))
    draft = a_draft(CANARY)
    behaviour(a_group(draft, CANARY), kind, CANARY)
    attribute(a_group(draft), {"segment": segment.pk}, "Asks")
    for path in ("", f"{segment.pk}/", f"{segment.pk}/edit/", f"{segment.pk}/edit/?as=json", f"{segment.pk}/history/",
                 f"{segment.pk}/why/?q=canary", f"{segment.pk}/why/?lead={lead.public_id}",
                 f"{segment.pk}/retire/"):  # fmt: skip
        page = text(mia.get(f"/segments/{path}"))
        assert CANARY not in page
        assert "&lt;script&gt;alert" in page


def test_a_lead_that_is_erased_leaves_pages_that_work(mia: Client) -> None:
    boss, *_rest = leads()
    segment = made()
    boss.delete()
    assert mia.get(f"/segments/{segment.pk}/history/").status_code == 200
    assert mia.get(f"/segments/{segment.pk}/").status_code == 200
