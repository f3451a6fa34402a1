"""Journey maps: drawn and read by marketing."""

from journeys.drawing import draft_from
from journeys.going_live import go_live
from journeys.models import JourneyMap
from tests.journeys.factories import a_map, a_touchpoint
from tests.permissions.table import Route
from tests.permissions.world import World
from tests.segments.factories import NOW


def live(world: World) -> None:
    draft = a_map(live=False, name="Map")
    a_touchpoint(draft.stages.get(key="know"))
    world.things["map"] = JourneyMap.objects.get(pk=draft.pk)
    go_live(draft, now=NOW)


def draft(world: World) -> None:
    live(world)
    world.things["map"] = draft_from(world.things["map"], now=NOW)


def the_map(world: World) -> dict[str, int]:
    return {"pk": world.things["map"].pk}


READ = {"GET": "login 403 403 200 200"}
ROUTES = [
    Route("journeys:list", READ, prepare=live),
    Route("journeys:map", READ, the_map, prepare=live),
    Route("journeys:history", READ, the_map, prepare=live),
    # Without a stage it is nobody's number.
    Route("journeys:leads", {"GET": "login 403 403 404 404"}, the_map, prepare=live),
    Route("journeys:edit", {"POST": "login 403 403 302 302"}, the_map, prepare=live),
    Route("journeys:go_live", {"POST": "login 403 403 302 302"}, the_map, prepare=draft),
]
