"""The number shown before saving is the number of members that the refresh makes."""

import random
from time import monotonic
from typing import Any

import pytest
from django.db import connection

from leadqual.common.errors import LeadqualError
from leadqual.leads.models import Lead
from segments import membership
from segments.budget import at_most
from segments.changing import change_segment
from segments.conditions import parse
from segments.models import Membership, Segment
from segments.standing import standing_day
from segments.tally import Tally, tally
from tests.segments.factories import DAY, NOW, a_lead, a_segment, a_signature, a_type, an_act, field

pytestmark = pytest.mark.django_db


def members(segment: Segment) -> set[int]:
    return set(Membership.objects.filter(segment=segment).values_list("lead_id", flat=True))


def changed(segment: Segment, tree: Any) -> Segment:
    values = {"name": segment.name, "description": "", "state": "live"}
    return change_segment(segment, tree=tree, now=NOW, **values)


@pytest.fixture
def market() -> list[Lead]:
    seed = random.randrange(10**6)
    print("seed", seed)
    chance = random.Random(seed)
    kind = a_type("download")
    pages = [a_signature(kind, path) for path in ("/pricing", "/blog")]
    leads = [
        a_lead(
            title_folded=chance.choice(("", "boss", "buyer")),
            source_folded=chance.choice(("fair", "web")),
        )
        for _ in range(40)
    ]
    for lead in leads:
        for _ in range(chance.randrange(4)):
            an_act(lead, chance.choice(pages), DAY - chance.randrange(60), machine=chance.random() < 0.1)
    return leads


BOSS = field("title", "is", "boss")
ACTS = {"activity": "download", "where": {"url": "/pri*"}, "op": "at_least", "count": 1, "within_days": 30}
TREES: list[Any] = [
    BOSS,
    {"all": []},
    {"any": [BOSS, ACTS]},
    {"all": [{"not": BOSS}, {"activity": "download", "op": "none", "within_days": 20}]},
]


@pytest.mark.parametrize("tree", TREES)
def test_who_leaves_and_comes_in_is_what_the_saved_segment_does(market: list[Lead], tree: Any) -> None:
    segment = a_segment(field("source", "is", "fair"), "Fairs")
    membership.refresh([segment], day=DAY, now=NOW)
    membership.include(segment, market[0], now=NOW)
    membership.exclude(segment, market[1], now=NOW)
    before = members(segment)
    told = tally(parse(tree), day=DAY, segment=segment)
    segment = changed(segment, tree)
    after = members(segment)
    assert told == Tally(len(after), 40, len(after - before), len(before - after))
    assert segment.size == told.size


def test_a_segment_asked_is_answered_anew_with_its_own_manual_members(market: list[Lead]) -> None:
    asked = a_segment(BOSS, "Bosses")
    membership.exclude(asked, market[0], now=NOW)
    membership.include(asked, market[1], now=NOW)
    # Nothing was refreshed: the members that are stored are not those that the refresh will find.
    Membership.objects.filter(segment=asked).delete()
    tree = {"all": [{"segment": asked.pk}, field("source", "is", "fair")]}
    told = tally(parse(tree), day=DAY)
    made = change_segment(None, name="Both", tree=tree, description="", state="live", now=NOW)
    assert told.size == told.joining == len(members(made)) == made.size
    assert told.leaving == 0


def test_segments_follow_a_past_that_is_worked_on_and_otherwise_today() -> None:
    segment = a_segment(BOSS)
    assert standing_day(NOW) == DAY
    membership.refresh([segment], day=DAY - 3, now=NOW)
    assert standing_day(NOW) == DAY
    Segment.objects.update(refreshed_day=DAY - 300)
    assert standing_day(NOW) == DAY - 300
    Segment.objects.update(refreshed_day=DAY + 2)
    assert standing_day(NOW) == DAY + 2


def test_a_number_that_takes_too_long_is_given_up() -> None:
    numbers = "SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 500000000"
    began = monotonic()
    with (
        pytest.raises(LeadqualError, match="counting would take too long"),
        at_most(0.2),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"WITH RECURSIVE n(x) AS ({numbers}) SELECT COUNT(*) FROM n")
    assert monotonic() - began < 10
    assert Lead.objects.count() == 0  # the connection goes on
