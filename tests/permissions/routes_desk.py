"""Home, leads, companies, search, health."""

from datetime import timedelta

from django.utils import timezone

from leadqual.common.models import ApiToken
from tests.permissions.table import Route
from tests.permissions.world import World


def _key(world: World) -> None:
    """The owner's; nobody else, not even an admin, takes it away here."""
    now = timezone.now()
    world.things["key"] = ApiToken.objects.create(
        user=world.people["owner"],
        name="CRM",
        digest="x",
        shown="lq_",
        created_at=now,
        expires_at=now + timedelta(1),
    )


ROUTES = [
    Route(
        "desk:keys",
        {"GET": "login 200 200 200 200", "POST": "login 200 200 200 200"},
        data=lambda world: {"name": "CRM", "days": "30"},
    ),
    Route(
        "desk:key_revoke",
        {"POST": "login 302 404 404 404"},
        arguments=lambda world: {"pk": world.things["key"].pk},
        prepare=_key,
    ),
    Route("desk:home", {"GET": "login 302 302 200 302"}),
    Route("desk:loop", {"GET": "login 403 403 200 200"}),
    Route("desk:decisions", {"GET": "login 403 403 200 200", "POST": "login 403 403 302 302"}),
    Route("desk:health", {"GET": "login 403 403 403 200"}),
    Route("desk:me", {"GET": "login 200 200 200 200", "POST": "login 200 200 200 200"}),
    Route("desk:search", {"GET": "login 200 200 200 200"}),
    Route(
        "desk:lead",
        {"GET": "login 200 404 200 200"},
        arguments=lambda world: {"public_id": world.lead.public_id},
    ),
    Route(
        "desk:consent",
        {"GET": "login 200 404 200 200", "POST": "login 302 404 302 302"},
        arguments=lambda world: {"public_id": world.lead.public_id},
        data=lambda world: {"given": "yes", "basis": "card"},
    ),
    Route(
        "desk:company",
        {"GET": "login 200 404 200 200"},
        arguments=lambda world: {"public_id": world.company.public_id},
    ),
]
