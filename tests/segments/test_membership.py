"""Members follow conditions and hands; every change is logged and told once."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from leadqual.common.errors import LeadqualError
from leadqual.leads.models import Lead
from segments import membership, ranges
from segments.conditions import parse_stored, to_q
from segments.definition import save_segment
from segments.models import ChangeReason, ManualMember, Membership, MembershipChange, Segment
from segments.signals import membership_changed
from tests.segments.factories import DAY, NOW, a_lead, a_segment, a_signature, a_type, an_act, field

pytestmark = pytest.mark.django_db
BOSS = field("title", "is", "boss")


@pytest.fixture
def told() -> Iterator[list[tuple[int, set[int], set[int]]]]:
    """What the signal says: segment, joined, left."""
    said: list[tuple[int, set[int], set[int]]] = []

    def listen(segment: int, joined: set[int], left: set[int], **_: Any) -> None:
        said.append((segment, joined, left))

    membership_changed.connect(listen)
    yield said
    membership_changed.disconnect(listen)


def refresh(*segments: Segment, day: int = DAY) -> dict[int, tuple[int, int, int]]:
    """Segment -> joined, left, size."""
    done = membership.refresh(segments or None, day=day, now=NOW)
    return {each.segment_id: (each.joined, each.left, each.size) for each in done}


def members(segment: Segment) -> set[int]:
    return set(Membership.objects.filter(segment=segment).values_list("lead_id", flat=True))


def log(segment: Segment) -> list[tuple[int, bool, int, str]]:
    rows = MembershipChange.objects.filter(segment=segment).order_by("pk")
    return list(rows.values_list("lead_id", "joined", "day", "why"))


def test_a_refresh_writes_the_difference_logs_it_and_tells_it(told: list[Any]) -> None:
    boss, other = a_lead(title_folded="boss"), a_lead()
    segment = a_segment(BOSS)
    assert refresh() == {segment.pk: (1, 0, 1)}
    Lead.objects.filter(pk=boss.pk).update(title_folded="")
    Lead.objects.filter(pk=other.pk).update(title_folded="boss")
    assert refresh(day=DAY + 1) == {segment.pk: (1, 1, 1)}
    assert members(segment) == {other.pk}
    assert sorted(log(segment)) == sorted(
        [
            (boss.pk, True, DAY, "refresh"),
            (boss.pk, False, DAY + 1, "refresh"),
            (other.pk, True, DAY + 1, "refresh"),
        ]
    )
    assert told == [(segment.pk, {boss.pk}, set()), (segment.pk, {other.pk}, {boss.pk})]
    segment.refresh_from_db()
    assert (segment.size, segment.refreshed_day, segment.refreshed_at) == (1, DAY + 1, NOW)


def test_a_second_refresh_changes_nothing(told: list[Any]) -> None:
    a_lead(title_folded="boss")
    segment = a_segment(BOSS)
    refresh()
    before, told[:] = log(segment), []
    assert refresh() == {segment.pk: (0, 0, 1)}
    assert log(segment) == before
    assert told == []


def test_drafts_and_archived_segments_are_left_alone_unless_asked_for() -> None:
    a_lead()
    draft = a_segment({"all": []}, state="draft")
    archived = a_segment({"all": []}, state="archived")
    assert refresh() == {}
    assert refresh(draft) == {draft.pk: (1, 0, 1)}
    asking = a_segment({"segment": archived.pk})
    assert refresh() == {archived.pk: (1, 0, 1), asking.pk: (1, 0, 1)}


def test_a_segment_of_segments_asks_members_not_conditions() -> None:
    boss, included, excluded = a_lead(title_folded="boss"), a_lead(), a_lead(title_folded="boss")
    inner = a_segment(BOSS)
    outer = a_segment({"not": {"segment": inner.pk}})
    outermost = a_segment({"all": [{"not": {"segment": outer.pk}}, BOSS]})
    membership.include(inner, included, now=NOW)
    membership.exclude(inner, excluded, now=NOW)
    refresh()
    assert members(inner) == {boss.pk, included.pk}
    assert members(outer) == {excluded.pk}
    assert members(outermost) == {boss.pk}


def test_decisions_by_hand_survive_every_refresh_until_forgotten(told: list[Any]) -> None:
    boss, other = a_lead(title_folded="boss"), a_lead()
    segment = a_segment(BOSS)
    refresh()
    membership.include(segment, other, now=NOW, why="knows the boss")
    membership.exclude(segment, boss, now=NOW)
    assert members(segment) == {other.pk}
    assert refresh(day=DAY + 1) == {segment.pk: (0, 0, 1)}
    assert ManualMember.objects.get(lead=other).why == "knows the boss"
    membership.forget(segment, other, now=NOW)
    membership.forget(segment, boss, now=NOW)
    assert members(segment) == {boss.pk}
    assert {why for _lead, _joined, _day, why in log(segment)} == {"refresh", "manual"}
    assert told[-2:] == [(segment.pk, set(), {other.pk}), (segment.pk, {boss.pk}, set())]


def test_a_changed_mind_by_hand_is_one_decision() -> None:
    lead = a_lead()
    segment = a_segment(BOSS)
    membership.include(segment, lead, now=NOW)
    membership.exclude(segment, lead, now=NOW)
    assert ManualMember.objects.get().include is False
    assert members(segment) == set()


def test_a_reread_moves_only_the_leads_that_were_touched(told: list[Any]) -> None:
    kind = a_type("download")
    page = a_signature(kind, "/a")
    touched, untouched = a_lead(), a_lead()
    inner = a_segment({"activity": "download", "within_days": 10})
    outer = a_segment({"all": [{"segment": inner.pk}]})
    refresh()
    for lead in (touched, untouched):
        an_act(lead, page)
    with transaction.atomic():
        moved = membership.reread([touched.pk, 999_999], [outer], day=DAY, now=NOW)
    assert {segment: (each.joined, each.left) for segment, each in moved.items()} == {
        inner.pk: ({touched.pk}, set()),
        outer.pk: ({touched.pk}, set()),
    }
    assert members(outer) == {touched.pk}
    assert [why for *_rest, why in log(outer)] == [ChangeReason.DRAIN]
    assert refresh() == {inner.pk: (1, 0, 2), outer.pk: (1, 0, 2)}


def test_a_reread_and_a_refresh_leave_the_same_members() -> None:
    kind = a_type("download")
    page = a_signature(kind, "/a")
    leads = [a_lead(title_folded="boss" if n % 2 else "") for n in range(6)]
    for lead in leads[:4]:
        an_act(lead, page, DAY - 5)
    first = a_segment({"activity": "download", "op": "at_least", "count": 1})
    second = a_segment({"any": [{"not": {"segment": first.pk}}, BOSS]})
    membership.exclude(first, leads[0], now=NOW)
    membership.include(second, leads[2], now=NOW)
    with transaction.atomic():
        membership.reread([lead.pk for lead in leads], day=DAY, now=NOW)
    before = members(first), members(second)
    refresh()
    assert (members(first), members(second)) == before


def test_a_reread_of_many_leads_costs_as_many_queries_as_of_one(django_assert_max_num_queries: Any) -> None:
    leads = [a_lead(title_folded="boss") for _n in range(30)]
    segments = [a_segment(BOSS) for _n in range(3)]
    with transaction.atomic(), django_assert_max_num_queries(16):
        membership.reread([lead.pk for lead in leads], segments, day=DAY, now=NOW)


def test_more_segments_than_one_statement_has_bits_for() -> None:
    a_lead()
    first = a_segment({"all": []})
    rest = [a_segment({"segment": first.pk}) for _n in range(70)]
    assert set(refresh().values()) == {(1, 0, 1)}
    assert members(rest[-1]) == members(first)


def test_an_interrupted_refresh_started_again_ends_as_if_undisturbed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST_RANGE", "LEAST_RANGE", "GREATEST_RANGE"):
        monkeypatch.setattr(ranges, name, 2)
    leads = [a_lead(title_folded="boss").pk for _n in range(7)]
    segment = a_segment(BOSS)

    def interrupt(done: int, total: int) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        membership.refresh(day=DAY, now=NOW, progress=interrupt)
    assert members(segment) == set(leads[:4])
    segment.refresh_from_db()
    assert segment.refreshed_day is None
    assert refresh() == {segment.pk: (3, 0, 7)}
    assert sorted(lead for lead, joined, *_rest in log(segment) if joined) == leads


def test_members_of_an_earlier_day_are_not_written() -> None:
    segment = a_segment(BOSS)
    refresh(day=DAY + 1)
    a_lead(title_folded="boss")
    with pytest.raises(LeadqualError, match="segments stand at 2024-10-05"):
        refresh()
    assert members(segment) == set()


def test_a_new_condition_makes_the_old_size_unknown_and_the_next_refresh_moves_the_leads() -> None:
    a_lead(title_folded="boss")
    segment = a_segment(BOSS, "people")
    refresh()
    save_segment("people", {"not": BOSS})
    segment.refresh_from_db()
    assert (segment.size, segment.refreshed_day) == (None, None)
    assert refresh() == {segment.pk: (0, 1, 0)}


def test_acts_are_counted_in_bulk_as_they_are_one_by_one() -> None:
    kind, other = a_type("download"), a_type("visit")
    pages = [a_signature(kind, f"/{n}") for n in range(4)] + [a_signature(other, "/x")]
    for n in range(12):
        lead = a_lead(title_folded="boss" if n % 3 else "")
        for act in range(n):
            an_act(lead, pages[(act * 7 + n) % 5], DAY - (act * 11 + n * 5) % 60, machine=act % 6 == 5)
    trees = [
        {"activity": "download", "op": op, "within_days": within, "where": where}
        | ({} if op == "none" else {"count": count})
        for op, count in [("at_least", 1), ("at_least", 2), ("at_most", 1), ("exactly", 1), ("none", 0)]
        for within in (7, 30)
        for where in ({}, {"url": "/1"}, {"url": "/nothing"})
    ]
    trees += [{"any": [BOSS, {"activity": "visit", "op": "at_least", "count": 1}]}, {"not": trees[0]}]
    segments = [a_segment(tree) for tree in trees]
    refresh()
    for segment, condition in parse_stored({s.pk: s.condition for s in segments}).items():
        expected = set(Lead.objects.filter(to_q(condition, day=DAY)).values_list("pk", flat=True))
        assert members(Segment(pk=segment)) == expected
