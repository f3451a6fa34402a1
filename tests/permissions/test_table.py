from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path, reverse

from leadqual import urls as root
from tests import marks
from tests.permissions import table, world
from tests.permissions.table import METHODS, Route
from tests.permissions.world import PRINCIPALS, World

ROWS = table.rows()


class _Undo(Exception):
    pass


def answer(around: World, row: Route, method: str, principal: str) -> str:
    """What one person gets, in a savepoint that is rolled back."""
    status = ""
    try:
        with transaction.atomic():
            address = reverse(row.name, kwargs=row.arguments(around))
            options: dict[str, Any] = {"data": row.data(around)} if method != "GET" else {}
            if row.json and method != "GET":
                options["content_type"] = "application/json"
            response = getattr(around.client(principal), method.lower())(address, **options)
            to_login = response.status_code == 302 and response["Location"].startswith(
                "/accounts/login/?next"
            )
            status = "login" if to_login else str(response.status_code)
            raise _Undo
    except _Undo:
        return status


def test_every_route_stands_in_the_table() -> None:
    routes = list(table.route_names())
    assert sorted(set(routes)) == sorted(routes), "two routes of one name"
    assert set(routes) - set(ROWS) == set(), "without a row"
    assert set(ROWS) - set(routes) == set(), "rows without a route"


@marks.once
@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_cell_is_as_the_table_says(name: str, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = False  # five people from one address
    row = ROWS[name]
    around = world.build()
    row.prepare(around)
    wrong = []
    for method in METHODS:
        expected = row.cells.get(method, "").split()
        assert len(expected) in (0, len(PRINCIPALS)), f"{name} {method}: {len(expected)} cells"
        for place, principal in enumerate(PRINCIPALS):
            got = answer(around, row, method, principal)
            if got != expected[place] if expected else got not in ("login", "401", "403", "404", "405"):
                wrong.append(
                    f"{method} as {principal}: {got}, not {expected[place] if expected else 'refused'}"
                )
    assert wrong == []


def _unmarked(request: HttpRequest) -> HttpResponse:
    return HttpResponse("secret")


@login_not_required
def _public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("for everybody")


urlpatterns = [*root.urlpatterns, path("unmarked", _unmarked), path("public", _public)]


@pytest.mark.django_db
@override_settings(ROOT_URLCONF="tests.permissions.test_table")
def test_a_page_that_names_no_role_is_refused_to_everybody() -> None:
    around = world.build()
    for principal in PRINCIPALS[1:]:
        response = around.client(principal).get("/unmarked")
        assert response.status_code == 403
        assert b"secret" not in response.content
    assert around.client("anonymous").get("/public").content == b"for everybody"
