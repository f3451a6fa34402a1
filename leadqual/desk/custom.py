"""Custom fields as pages show them: the label that people gave, the value as it was entered."""

from typing import Any

from django.core.cache import cache
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from leadqual.leads.models import CustomField, FieldType

KEPT = 60  # seconds for which a page may still show an old label


def labels(target: str) -> dict[str, tuple[str, str]]:
    """{key: (label, type)}, kept for a minute: every page of a lead asks."""
    found = cache.get_or_set(
        f"custom-fields:{target}",
        lambda: {
            field.key: (field.label, field.type)
            for field in CustomField.objects.filter(target=target).order_by("label")
        },
        KEPT,
    )
    return found or {}


def custom_facts(values: dict[str, Any], target: str) -> list[tuple[str, str]]:
    if not values:
        return []
    known = labels(target)
    return [
        (label, _shown(values[key], kind))
        for key, (label, kind) in known.items()
        if values.get(key) not in (None, "")
    ]


def _shown(value: Any, kind: str) -> str:
    if kind == FieldType.BOOLEAN:
        return _("yes") if value else _("no")
    return number_format(value, use_l10n=True) if kind == FieldType.NUMBER else str(value)
