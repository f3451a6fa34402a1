"""Maps drawn through the product, over the leads and acts of tests/segments."""

from itertools import count
from typing import Any

from journeys.drawing import bind, draw, draw_part
from journeys.going_live import go_live
from journeys.models import Content, JourneyMap, MapState, Stage, StageMove, StagePlacement, Touchpoint
from leadqual.leads.models import ActivityType, Lead
from segments.membership import refresh
from segments.models import Segment
from tests.segments.factories import DAY, NOW, a_segment, field

_numbers = count(1)
MANAGERS = field("title", "is", "manager")


def a_map(
    segment: Segment | None = None,
    entries: dict[str, Any] | None = None,
    *,
    live: bool = True,
    **columns: Any,
) -> JourneyMap:
    """A stage for each key; the first takes everybody, so its entry is None."""
    segment = segment or a_segment({"all": []})
    name = columns.pop("name", f"Map {next(_numbers)}")
    drawn = draw(JourneyMap(name=name, segment=segment, **columns), now=NOW)
    for order, (key, entry) in enumerate((entries or {"know": None, "compare": MANAGERS}).items(), start=1):
        draw_part(Stage(map=drawn, order=order, key=key, name=key.title(), entry=entry), now=NOW)
    return go_live(drawn, now=NOW) if live else drawn


def a_touchpoint(
    stage: Stage, action: str = "", types: tuple[ActivityType, ...] = (), contents: tuple[Content, ...] = (),
    **columns: Any,
) -> Touchpoint:  # fmt: skip
    drawn = Touchpoint(stage=stage, action=action or f"Action {next(_numbers)}", **columns)
    draw_part(drawn, now=NOW)
    bind(drawn, types, contents, now=NOW)
    return drawn


def stands(each: JourneyMap) -> dict[int, str]:
    """Lead -> key of its stage."""
    return dict(StagePlacement.objects.filter(map=each).values_list("lead_id", "stage__key"))


def log(lead: Lead) -> list[tuple[str | None, str | None, int | None, int, str]]:
    """From, to, days stayed, day, why; oldest first."""
    rows = StageMove.objects.filter(lead=lead).order_by("pk")
    return list(rows.values_list("from_stage__key", "to_stage__key", "stayed", "day", "why"))


def members_now(day: int = DAY) -> None:
    refresh(day=day, now=NOW)


def is_draft(each: JourneyMap) -> bool:
    each.refresh_from_db()
    return each.state == MapState.DRAFT
