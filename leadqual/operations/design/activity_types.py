from typing import Any

from django.db import models

from leadqual.leads.models import ActivityType, Intent
from leadqual.operations.design.context import Context
from leadqual.operations.design.problems import Path
from leadqual.operations.design.rows import Change, write_row
from leadqual.operations.design.schema import Key, one_of, text, texts, yes_no
from segments.conditions.wheres import clean_glob

NAME = "activity_types"

KEYS = [
    Key("label", text, ""),
    Key("category", text, ""),
    Key("intent", one_of(Intent.values), Intent.WEAK.value),
    Key("is_conversion", yes_no, False),
    Key("by_person", yes_no, True),
    Key("direct_to_sales", yes_no, False),
    Key("url_globs", texts, list),
    Key("declared_attributes", texts, list),
]


def load(context: Context, name: str, spec: dict[str, Any], path: Path) -> Change:
    for number, glob in enumerate(spec["url_globs"]):
        clean_glob(glob, f"url_globs[{number}]")
    row = ActivityType.objects.filter(key=name).first() or ActivityType(key=name)
    if row.pk and (row.intent, row.by_person) != (spec["intent"], spec["by_person"]):
        context.types_changed.add(name)
    return write_row(row, spec | {"label": spec["label"] or name})


def dump() -> dict[str, dict[str, Any]]:
    return {
        kind.key: {key.name: getattr(kind, key.name) for key in KEYS}
        for kind in ActivityType.objects.order_by("pk")
    }


def prune(named: set[str]) -> dict[str, Change]:
    """A type somebody has acted by, or a rule asks for, is history and stays."""
    changes = {}
    for kind in ActivityType.objects.exclude(key__in=named):
        try:
            kind.delete()
        except models.ProtectedError:
            continue
        changes[kind.key] = Change.REMOVED
    return changes
