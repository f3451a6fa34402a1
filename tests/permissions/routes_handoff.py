"""The inbox, step 5, teams. The marketer manages the team of both reps; the handoff is the owner's."""

from datetime import timedelta
from typing import Any

from handoff.models import FeedbackReminder, Handoff, HandoffPolicy, Reassignment, SalesRep
from handoff.models.reminder import link_digest
from leadqual.common import clock
from tests.permissions.table import Route
from tests.permissions.world import World


def _handoff(world: World, state: str) -> None:
    now, rep = clock.now(), SalesRep.objects.get(user=world.people["owner"])
    world.things["rep"] = rep
    world.things["handoff"] = Handoff.objects.create(
        lead=world.lead, rep=rep, team=rep.team, origin="hot", state=state, made_at=now, offered_at=now,
        accept_by=now + timedelta(hours=4), answered_at=now if state == "accepted" else None,
    )  # fmt: skip


def offered(world: World) -> None:
    _handoff(world, "offered")


def accepted(world: World) -> None:
    _handoff(world, "accepted")


def asked(world: World) -> None:
    accepted(world)
    now = clock.now()
    FeedbackReminder.objects.create(
        handoff=world.things["handoff"], rep=world.things["rep"], number=0, digest=link_digest("secret-token"),
        sent_at=now, expires_at=now + timedelta(days=30),
    )  # fmt: skip


def a_policy(world: World) -> None:
    world.things["policy"] = HandoffPolicy.objects.create(name="Half a policy")


def a_reassignment(world: World) -> None:
    offered(world)
    before = {"active": True, "absent_from": None, "absent_until": None}
    world.things["reassignment"] = Reassignment.objects.create(
        rep=world.things["rep"], at=clock.now(), before=before
    )


def of_handoff(world: World) -> dict[str, Any]:
    return {"public_id": world.things["handoff"].public_id}


def of_rep(world: World) -> dict[str, Any]:
    return {"pk": world.things["rep"].pk}


def of_policy(world: World) -> dict[str, Any]:
    return {"pk": world.things["policy"].pk}


OWN = "login 302 404 302 302"
LED = "login 404 404 302 302"
MARKETING = "login 403 403 302 302"

ROUTES = [
    Route("inbox:list", {"GET": "login 200 200 403 403"}),
    Route("inbox:changes", {"GET": "login 200 200 403 403"}),
    Route("inbox:handoff", {"GET": "login 200 404 200 200"}, of_handoff, prepare=offered),
    Route("inbox:accept", {"POST": OWN}, of_handoff, prepare=offered),
    Route("inbox:decline", {"POST": OWN}, of_handoff, lambda world: {"reason": "no_need"}, offered),
    Route("inbox:hand_back", {"POST": OWN}, of_handoff, lambda world: {"reason": "no_need"}, accepted),
    Route("inbox:opportunity", {"POST": OWN}, of_handoff, prepare=accepted),
    Route("inbox:next_action", {"POST": OWN}, of_handoff, prepare=accepted),
    Route(
        "inbox:feedback",
        {"GET": "login 200 404 200 200", "POST": OWN},
        of_handoff,
        lambda world: {"bought": "no"},
        accepted,
    ),
    Route(
        "inbox:answer",
        {"GET": "200 200 200 200 200", "POST": "200 200 200 200 200"},
        lambda world: {"token": "secret-token"},
        lambda world: {"bought": "no"},
        asked,
    ),
    Route("handoff:list", {"GET": "login 403 403 200 200"}),
    Route("handoff:policy", {"GET": "login 403 403 200 200"}, of_policy, prepare=a_policy),
    Route("handoff:go_live", {"POST": MARKETING}, of_policy, prepare=a_policy),
    Route("handoff:retire", {"POST": MARKETING}, of_policy, prepare=a_policy),
    Route("handoff:team", {"GET": "login 404 404 200 200"}),
    Route("handoff:rep", {"GET": "login 404 404 200 200"}, of_rep, prepare=offered),
    Route(
        "handoff:reassign",
        {"POST": "login 404 404 302 302"},
        of_rep,
        lambda world: {"kind": "leaves"},
        offered,
    ),
    Route("handoff:absence", {"POST": LED}, of_rep, lambda world: {"kind": "leaves"}, offered),
    Route("handoff:back", {"POST": LED}, of_rep, prepare=offered),
    Route(
        "handoff:undo",
        {"POST": LED},
        lambda world: {"pk": world.things["reassignment"].pk},
        prepare=a_reassignment,
    ),
]
