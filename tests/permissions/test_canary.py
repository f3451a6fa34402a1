"""What stands about one rep's lead is found nowhere in what another rep can reach: pages, API, search, counts."""

from typing import Any

import pytest
from django.urls import reverse

from tests import marks
from tests.permissions import table, world
from tests.permissions.test_table import ROWS
from tests.permissions.world import PRINCIPALS

CANARY = "canary"
# What a reader types comes back in the page, so it is not the whole word.
ASKED = {"q": "Canar", "words": "Canar", "text": "Canar", "show": "accepted"}


# Whoever holds this link was sent it: it opens one question about one lead, for a while (tests/handoff).
OPENED_BY_ITS_LINK = {"inbox:answer"}
READ = sorted({row.name for row in ROWS.values() if "GET" in row.cells} - OPENED_BY_ITS_LINK)


@marks.once
@pytest.mark.django_db
@pytest.mark.parametrize("name", READ)
def test_another_reps_canary_sings_nowhere(name: str, settings: Any) -> None:
    row = ROWS[name]
    if row.cells["GET"].split()[PRINCIPALS.index("other")] != "200":
        return
    around = world.build()
    row.prepare(around)
    client = around.client("other")
    for query in ({}, ASKED):
        response = client.get(reverse(row.name, kwargs=row.arguments(around)), query)
        body = b"".join(response) if response.streaming else response.content
        assert CANARY not in body.decode(errors="replace").casefold(), name


@pytest.mark.django_db
def test_the_canary_sings_where_it_should() -> None:
    """The test above could pass because nothing shows anything."""
    around = world.build()
    for name in ("desk:leads", "desk:lead", "api:lead-list"):
        row = table.rows()[name]
        shown = around.client("owner").get(reverse(name, kwargs=row.arguments(around)))
        assert CANARY in shown.content.decode().casefold(), name
