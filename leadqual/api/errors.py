"""Every refusal has one shape: {"errors": [{"place": ..., "code": ..., "message": ...}]}."""

from collections.abc import Iterator
from typing import Any

from rest_framework import status
from rest_framework.exceptions import APIException, ErrorDetail
from rest_framework.response import Response
from rest_framework.views import exception_handler

from leadqual.common.errors import LeadqualError

STATUS = {"not_yours": status.HTTP_403_FORBIDDEN, "wrong_state": status.HTTP_409_CONFLICT}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    if isinstance(error, LeadqualError):
        told = {"place": error.place, "code": error.code, "message": str(error.message)}
        return Response({"errors": [told]}, status=STATUS.get(error.code, status.HTTP_400_BAD_REQUEST))
    answer = exception_handler(error, context)
    if answer is not None and isinstance(error, APIException):
        answer.data = {"errors": list(_flat(error.detail, ""))}
    elif answer is not None:
        answer.data = {"errors": [{"place": "", "code": "not_found", "message": "Not found."}]}
    return answer


def _flat(detail: Any, place: str) -> Iterator[dict[str, str]]:
    if isinstance(detail, dict):
        for key, inner in detail.items():
            where = "" if key == "non_field_errors" else str(key)
            yield from _flat(inner, f"{place}.{where}".strip(".") if where else place)
    elif isinstance(detail, list):
        nested = [inner for inner in detail if not isinstance(inner, ErrorDetail)]
        for index, inner in enumerate(detail):
            yield from _flat(inner, f"{place}[{index}]" if nested else place)
    else:
        yield {"place": place, "code": getattr(detail, "code", "invalid"), "message": str(detail)}
