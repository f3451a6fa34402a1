"""The API as somebody signed in by session meets it; keys act with the same rights (tests/api)."""

from typing import Any

from django.utils import timezone

from handoff.models import Handoff, SalesRep
from leadqual.scoring.models import ScoringModel
from segments.definition import save_segment
from tests.permissions.table import Route
from tests.permissions.world import World

ALL = "401 200 200 200 200"
DESIGN = "401 403 403 200 200"


def _lead(world: World) -> dict[str, Any]:
    return {"public_id": world.lead.public_id}


def _offer(world: World) -> None:
    """An offer of the lead to its owner."""
    rep = SalesRep.objects.get(user=world.people["owner"])
    world.things["handoff"] = Handoff.objects.create(
        lead=world.lead, rep=rep, team=rep.team, origin="manual", state="offered", made_at=timezone.now(),
        offered_at=timezone.now(),
    )  # fmt: skip


def _accepted(world: World) -> None:
    _offer(world)
    Handoff.objects.update(state="accepted")


def _handoff(world: World) -> dict[str, Any]:
    return {"public_id": world.things["handoff"].public_id}


def _segment(world: World) -> None:
    world.things["api segment"] = save_segment("API", {"field": "source", "op": "is", "value": "web"})


def _model(world: World) -> None:
    world.things["api model"] = ScoringModel.objects.create(name="API", hot_at=10, cool_at=5)


def _pk(name: str) -> Any:
    return lambda world: {"pk": world.things[name].pk}


ROUTES = [
    Route(
        "api:lead-list", {"GET": ALL, "POST": "401 403 403 201 201"},
        data=lambda world: {"family_name": "New", "email": "new@example.com"}, json=True,
    ),
    Route(
        "api:lead-detail", {"GET": "401 200 404 200 200", "PATCH": "401 403 403 200 200"}, arguments=_lead,
        data=lambda world: {"title": "部長"}, json=True,
    ),
    Route("api:lead-score", {"GET": "401 400 404 400 400"}, arguments=_lead),
    Route("api:company-list", {"GET": ALL}),
    Route(
        "api:company-detail", {"GET": "401 200 404 200 200"},
        arguments=lambda world: {"public_id": world.company.public_id},
    ),
    Route(
        "api:activity-list", {"GET": ALL, "POST": "401 403 403 202 202"},
        data=lambda world: {"type": "page_view", "lead": {"email": "canary@example.com"}}, json=True,
    ),
    Route("api:segment-list", {"GET": DESIGN}),
    Route("api:segment-detail", {"GET": DESIGN}, arguments=_pk("api segment"), prepare=_segment),
    Route("api:segment-sentence", {"GET": DESIGN}, arguments=_pk("api segment"), prepare=_segment),
    Route("api:model-list", {"GET": DESIGN}),
    Route("api:model-detail", {"GET": DESIGN}, arguments=_pk("api model"), prepare=_model),
    Route("api:handoff-list", {"GET": ALL}),
    Route("api:handoff-detail", {"GET": "401 200 404 200 200"}, arguments=_handoff, prepare=_offer),
    Route("api:handoff-accept", {"POST": "401 200 404 200 200"}, arguments=_handoff, prepare=_offer, json=True),
    Route(
        "api:handoff-decline", {"POST": "401 200 404 200 200"}, arguments=_handoff, prepare=_offer,
        data=lambda world: {"reason": "wrong number"}, json=True,
    ),
    Route(
        "api:handoff-hand-back", {"POST": "401 200 404 200 200"}, arguments=_handoff, prepare=_accepted,
        data=lambda world: {"reason": "not yet"}, json=True,
    ),
    Route(
        "api:handoff-feedback", {"POST": "401 201 404 201 201"}, arguments=_handoff, prepare=_accepted,
        data=lambda world: {"bought": "yes", "timing": "right"}, json=True,
    ),
    Route("api:feedback-list", {"GET": ALL}),
    Route("api:schema", {"GET": ALL}),
    Route("api:docs", {"GET": "login 200 200 200 200"}),
]  # fmt: skip
