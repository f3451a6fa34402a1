"""Segments are the marketers' work; reps see which ones their leads are in, on the lead's page."""

from typing import Any

from segments.changing import change_segment
from segments.definition import archive_segment
from tests.permissions.table import Route
from tests.permissions.world import World
from tests.segments.factories import NOW

TREE = {"field": "name", "op": "contains", "value": "canary"}
READ = {"GET": "login 403 403 200 200"}
WRITTEN = {"POST": "login 403 403 302 302"}
TYPED = {
    "name": "Canaries",
    "state": "live",
    "match": "all",
    "parts": "1",
    "p0-kind": "field",
    "p0-field": "name",
    "p0-op": "contains",
    "p0-value": "canary",
}


def a_segment(world: World) -> None:
    world.things["segment"] = change_segment(
        None, name="Birds", tree=TREE, description="", state="live", now=NOW
    )


def a_retired_one(world: World) -> None:
    a_segment(world)
    archive_segment(world.things["segment"], now=NOW)


def the_segment(world: World) -> dict[str, Any]:
    return {"pk": world.things["segment"].pk}


ROUTES = [
    Route("segments:list", READ, prepare=a_segment),
    Route("segments:segment", READ, the_segment, prepare=a_segment),
    Route("segments:history", READ, the_segment, prepare=a_segment),
    Route("segments:why", READ, the_segment, prepare=a_segment),
    Route("segments:count", {"POST": "login 403 403 200 200"}, data=lambda world: TYPED),
    # A name that is taken is told at its field: the second of two marketers gets 200.
    Route("segments:new", READ | {"POST": "login 403 403 200 200"}, data=lambda world: TYPED | {"name": ""}),
    Route(
        "segments:edit",
        READ | WRITTEN,
        the_segment,
        data=lambda world: TYPED | {"name": "Birds"},
        prepare=a_segment,
    ),
    Route(
        "segments:choose",
        WRITTEN,
        the_segment,
        data=lambda world: {"lead": str(world.lead.public_id), "decision": "exclude"},
        prepare=a_segment,
    ),
    Route("segments:retire", READ | WRITTEN, the_segment, prepare=a_segment),
    Route("segments:restore", WRITTEN, the_segment, prepare=a_retired_one),
]
