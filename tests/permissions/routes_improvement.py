"""Reports, their files, PDCA cycles."""

from datetime import date

from leadqual.common import clock
from leadqual.improvement import cycles
from tests.permissions.table import Route
from tests.permissions.world import World

MARKETERS = "login 403 403 200 200"
MOVED = "login 403 403 302 302"
PLAN = {
    "title": "Fewer students",
    "step": 4,
    "hypothesis": "They never buy.",
    "change": "They lose 20 points.",
    "metric": "won",
    "due": date(2027, 1, 1),
}


def a_cycle(world: World) -> None:
    world.things["cycle"] = cycles.open_cycle(
        {**PLAN, "owner": world.people["marketer"]}, now=clock.now(), by=world.people["marketer"]
    )


def a_measured_cycle(world: World) -> None:
    a_cycle(world)
    world.things["cycle"] = cycles.measure_after(
        cycles.start(world.things["cycle"], now=clock.now()), now=clock.now()
    )


def of_cycle(world: World) -> dict[str, object]:
    return {"pk": world.things["cycle"].pk}


def typed(world: World) -> dict[str, object]:
    return {**PLAN, "owner": world.people["marketer"].pk}


ROUTES = [
    Route("improvement:home", {"GET": MARKETERS}),
    Route("improvement:scores", {"GET": MARKETERS}),
    Route("improvement:rules", {"GET": MARKETERS}),
    Route("improvement:timings", {"GET": MARKETERS}),
    Route("improvement:answers", {"GET": "login 200 200 200 200"}),
    Route("improvement:export", {"GET": "login 404 404 200 200"}, arguments=lambda world: {"report": "rules"}),
    Route("improvement:cycles", {"GET": MARKETERS}),
    Route("improvement:cycle_new", {"GET": MARKETERS, "POST": MOVED}, data=typed),
    Route("improvement:cycle", {"GET": MARKETERS}, arguments=of_cycle, prepare=a_cycle),
    Route(
        "improvement:cycle_edit", {"GET": MARKETERS, "POST": MOVED},
        arguments=of_cycle, data=typed, prepare=a_cycle,
    ),
    Route(
        "improvement:cycle_step", {"POST": MOVED},
        arguments=lambda world: {**of_cycle(world), "step": "start"}, prepare=a_cycle,
    ),
    Route(
        "improvement:cycle_decide", {"POST": MOVED},
        arguments=of_cycle, data=lambda world: {"decision": "keep"}, prepare=a_measured_cycle,
    ),
]  # fmt: skip
