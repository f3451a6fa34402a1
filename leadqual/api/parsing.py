import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is too large."
    default_code = "too_large"


class CappedJSONParser(BaseParser):
    """JSON of at most `settings.API_MOST_BYTES`; no more than that is ever read."""

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: str | None = None, context: Mapping[str, Any] | None = None
    ) -> Any:
        body = stream.read(settings.API_MOST_BYTES + 1)
        if len(body) > settings.API_MOST_BYTES:
            raise TooLarge
        try:
            return json.loads(body.decode())
        except (ValueError, RecursionError) as error:
            raise ParseError("The body is not JSON.") from error
