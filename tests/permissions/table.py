"""The permission table: every route of ours, every method, and what each of five people may do there.

The rows are in the modules `routes_*.py`, one per app. A cell is a status code; `login` is the way to the sign-in.
A method that a route does not list must be refused to everybody.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests import permissions
from tests.permissions.world import World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Django's own table of rights, per model and action: tests/permissions/test_admin.py
ELSEWHERE = ("admin",)


@dataclass(frozen=True)
class Route:
    """`cells`: {"GET": "login 200 404 200 200"} in the order anonymous, owner, other, marketer, admin."""

    name: str
    cells: dict[str, str]
    arguments: Callable[[World], dict[str, Any]] = lambda world: {}
    data: Callable[[World], dict[str, Any]] = lambda world: {}
    prepare: Callable[[World], None] = lambda world: None
    json: bool = False  # the body is sent as JSON


def rows() -> dict[str, Route]:
    found: dict[str, Route] = {}
    for module in sorted(each.name for each in pkgutil.iter_modules(permissions.__path__)):
        if module.startswith("routes_"):
            for row in importlib.import_module(f"tests.permissions.{module}").ROUTES:
                assert row.name not in found, f"two rows for {row.name}"
                found[row.name] = row
    return found


def route_names(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            if pattern.namespace not in ELSEWHERE:
                yield from route_names(pattern, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"
