"""A marketer in the browser, and what a form of a segment posts."""

from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from leadqual.common.access import Role, give_role

BACKEND = "leadqual.common.signing_in.Backend"


def a_marketer(name: str = "mia") -> tuple[User, Client]:
    user = User.objects.create_user(name, f"{name}@example.com", first_name="Mia")
    give_role(user, Role.MARKETER)
    client = Client()
    client.force_login(user, BACKEND)
    return user, client


def posted(*rows: dict[str, Any], name: str = "Cloud", match: str = "all", **more: Any) -> dict[str, Any]:
    """Rows of fields: `{"field": ..., "op": ..., "value": ...}`, of activities and segments as the form names them."""
    data: dict[str, Any] = {"name": name, "state": "live", "match": match, "parts": str(len(rows))}
    for number, row in enumerate(rows):
        data |= {f"p{number}-{key}": value for key, value in ({"kind": "field"} | row).items()}
    return data | more


def field_row(field: str, op: str, value: Any = "", **more: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value, **more}
