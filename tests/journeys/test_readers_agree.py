"""The pass over everybody and the reading of a few leave the same stages, whatever the conditions and the leads."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, note, settings
from hypothesis import strategies as st

from journeys import placement
from journeys.models import JourneyMap, MapState, Stage, StagePlacement
from segments.conditions import parse, to_json
from tests.segments.worlds import DAY, NOW, build, build_names, trees, worlds

pytestmark = pytest.mark.django_db
ways = st.lists(st.tuples(st.lists(trees, min_size=1, max_size=4), st.booleans()), min_size=1, max_size=2)


class Undo(Exception):
    pass


def standing() -> set[tuple[int, int, int]]:
    return set(StagePlacement.objects.values_list("map_id", "lead_id", "stage_id"))


def a_map(number: int, entries: list[Any], may_regress: bool, names: dict[str, Any]) -> None:
    drawn = JourneyMap.objects.create(
        name=str(number), segment=names["segments"][number], may_regress=may_regress
    )
    stored = [None, *(to_json(parse(tree)) for tree in entries)]
    Stage.objects.bulk_create(
        Stage(map=drawn, order=order, key=str(order), name=str(order), entry=entry)
        for order, entry in enumerate(stored, start=1)
    )
    JourneyMap.objects.filter(pk=drawn.pk).update(state=MapState.LIVE)


@settings(max_examples=60)
@given(world=worlds, drawn=ways, later=st.integers(0, 8))
def test_two_readers_one_answer(world: Any, drawn: list[Any], later: int) -> None:
    with pytest.raises(Undo), transaction.atomic():
        names = build_names()
        leads = [lead.pk for lead in build(world, names)]
        for number, (entries, may_regress) in enumerate(drawn):
            note(f"{number} {entries} {may_regress}")
            a_map(number, entries, may_regress, names)
        placement.reread(leads, day=DAY, now=NOW)
        by_few = standing()
        assert {lead for _map, lead, _stage in by_few} <= set(leads)
        assert not any(each.moves for each in placement.place(day=DAY, now=NOW))
        # On a later day they move on from where they stand; both must find the same step.
        with transaction.atomic():
            placement.place(day=DAY + later, now=NOW)
            by_all = standing()
            assert not placement.reread(leads, day=DAY + later, now=NOW)
        assert standing() == by_all
        StagePlacement.objects.all().delete()
        JourneyMap.objects.update(placed_day=None)
        placement.place(day=DAY, now=NOW)
        assert standing() == by_few
        raise Undo
