"""The scoring model is the marketers' work; a rep sees what it says of their leads, on the lead's page."""

from typing import Any

from tests.permissions.table import Route
from tests.permissions.world import World
from tests.scoring.drafts import a_draft, a_group, a_type, attribute, behaviour

READ = {"GET": "login 403 403 200 200"}
WRITTEN = {"POST": "login 403 403 302 302"}


def a_model(world: World) -> None:
    draft = a_draft()
    group = a_group(draft)
    attribute(group, {"field": "name", "op": "contains", "value": "canary"})
    behaviour(group, a_type())
    world.things["model"] = draft


def the_model(world: World) -> dict[str, Any]:
    return {"pk": world.things["model"].pk}


ROUTES = [
    Route("scoring:live", READ),
    Route("scoring:release", WRITTEN),
    Route("scoring:version", READ, the_model, prepare=a_model),
    Route("scoring:draft", WRITTEN, the_model, prepare=a_model),
    Route("scoring:preview", READ, the_model, prepare=a_model),
    Route("scoring:try", WRITTEN, the_model, prepare=a_model),
    Route("scoring:publish", WRITTEN, the_model, prepare=a_model),
    Route("scoring:progress", WRITTEN, the_model, prepare=a_model),
    Route("scoring:discard", WRITTEN, the_model, prepare=a_model),
]
