"""The API on one page, from its schema: no script, nothing fetched, under the same policy as every page."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from leadqual.common.access import EVERYBODY, open_to

METHODS = ("get", "post", "patch")


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked; `example` is a body to send, `fields` what a body may hold."""

    method: str
    path: str
    says: str
    parameters: list[tuple[str, str]]
    fields: list[tuple[str, str, bool]]
    example: str
    answers: str


@require_safe
@open_to(*EVERYBODY)
def docs(request: HttpRequest) -> HttpResponse:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    groups: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if method in methods:
                resource = path.removeprefix("/api/v1/").split("/")[0]
                groups.setdefault(resource, []).append(_operation(schema, method, path, methods[method]))
    return render(request, "api/docs.html", {"groups": groups})


def _operation(schema: dict[str, Any], method: str, path: str, told: dict[str, Any]) -> Operation:
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = list(body.get("examples", {}).values())
    return Operation(
        method.upper(),
        path,
        told.get("description", ""),
        [(each["name"], each.get("description", "")) for each in told.get("parameters", ())],
        list(_fields(schema, body.get("schema", {}))),
        json.dumps(examples[0]["value"], ensure_ascii=False, indent=2) if examples else "",
        ", ".join(told["responses"]),
    )


def _fields(schema: dict[str, Any], shape: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """(name, type, required) of an object or of the objects of a list."""
    shape = shape.get("items", shape)
    if reference := shape.get("$ref"):
        shape = schema["components"]["schemas"][reference.rsplit("/", 1)[1]]
    for name, field in shape.get("properties", {}).items():
        kind = field.get("format") or field.get("type") or "choice"
        yield name, kind, name in shape.get("required", ())
