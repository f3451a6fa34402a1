from typing import Any

from django.db import models

from journeys.models import Content
from leadqual.operations.design.context import Context
from leadqual.operations.design.problems import Path
from leadqual.operations.design.rows import Change, write_row
from leadqual.operations.design.schema import Key, day, text

KEYS = [
    Key("link", text, ""),
    Key("reference", text, ""),
    Key("owner", text, ""),
    Key("expires_on", day, None),
    Key("renamed_from", text, ""),
]
OWN = [key.name for key in KEYS if key.name != "renamed_from"]


def load(context: Context, name: str, spec: dict[str, Any], path: Path) -> Change:
    found = Content.objects.filter(title=name).first()
    if found is None and spec["renamed_from"]:
        found = Content.objects.filter(title=spec["renamed_from"]).first()
    return write_row(found or Content(), {"title": name} | {key: spec[key] for key in OWN})


def dump() -> dict[str, dict[str, Any]]:
    return {
        content.title: {key: getattr(content, key) for key in OWN}
        for content in Content.objects.order_by("pk")
    }


def prune(named: set[str]) -> dict[str, Change]:
    """A content that some version of a map hands out is history and stays."""
    changes = {}
    for content in Content.objects.exclude(title__in=named):
        try:
            content.delete()
        except models.ProtectedError:
            continue
        changes[content.title] = Change.REMOVED
    return changes
