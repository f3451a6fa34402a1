"""What the desk registers with the person registry: files that may have an erased person in them."""

from datetime import datetime

from leadqual.desk import exporting, uploading
from leadqual.leads.persons import PersonRows, register


def erase_exports(lead: int, now: datetime) -> int:
    """Not searched for the person: an export is asked for again in a moment."""
    return exporting.throw_away(now=now)


def erase_uploads(lead: int, now: datetime) -> int:
    """Not searched either: a file names people in many ways, and whoever uploaded it still has it."""
    return uploading.throw_away()


def register_all() -> None:
    register(PersonRows("desk.Export", erase_exports), PersonRows("desk.Upload", erase_uploads))
