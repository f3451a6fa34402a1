"""Home, leads, companies, search, health."""

from tests.permissions.table import Route

ROUTES = [
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
        "desk:company",
        {"GET": "login 200 404 200 200"},
        arguments=lambda world: {"public_id": world.company.public_id},
    ),
]
