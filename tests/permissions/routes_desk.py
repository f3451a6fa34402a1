"""Home, leads, companies, search, health."""

from tests.permissions.table import Route

ROUTES = [
    Route("desk:home", {"GET": "login 200 200 200 200"}),
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
