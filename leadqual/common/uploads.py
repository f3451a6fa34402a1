"""Files that browsers send: one that is too large is let pass without being kept, and its form says so."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest


def too_large(request: HttpRequest) -> bool:
    """By what the browser announced; nothing has been read."""
    return _announced(request.META.get("CONTENT_LENGTH")) > settings.IMPORT_MOST_BYTES + ROOM


ROOM = 100_000  # the other fields of a form


class LimitedUploadHandler(FileUploadHandler):
    """The first of the handlers: it leaves a too large body unread on its way, before anything is parsed or stored."""

    too_large = False

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        self.too_large = content_length > settings.IMPORT_MOST_BYTES + ROOM

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.too_large:
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:
        return None


def _announced(text: str | None) -> int:
    try:
        return int(text or 0)
    except ValueError:
        return 0
