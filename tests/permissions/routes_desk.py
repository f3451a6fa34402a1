"""Home, leads, companies, search, health."""

from tests.permissions.table import Route

ROUTES = [
    Route("desk:home", {"GET": "login 200 200 200 200"}),
]
