"""Custom fields of leads and, in a section of their own, of companies."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.leads.custom_fields import define, has_values
from leadqual.leads.models import CustomField, FieldType, Target
from leadqual.operations.design.context import Context
from leadqual.operations.design.problems import Path
from leadqual.operations.design.rows import Change
from leadqual.operations.design.schema import REQUIRED, Key, one_of, text, texts

KEYS = [
    Key("label", text, ""),
    Key("type", one_of(FieldType.values), REQUIRED),
    Key("choices", texts, list),
]


def loader(target: Target) -> Callable[[Context, str, dict[str, Any], Path], Change]:
    def load(context: Context, name: str, spec: dict[str, Any], path: Path) -> Change:
        if spec["choices"] and spec["type"] != FieldType.CHOICE:
            raise LeadqualError(
                "choices_without_choice", _("only a field of the type choice has choices"), "choices"
            )
        known = CustomField.objects.filter(target=target, key=name).first()
        field = define(target, name, label=spec["label"] or name, type=spec["type"], choices=spec["choices"])
        if known is None:
            return Change.CREATED
        same = (known.label, known.type, known.choices) == (field.label, field.type, field.choices)
        return Change.UNCHANGED if same else Change.UPDATED

    return load


def dumper(target: Target) -> Callable[[], dict[str, dict[str, Any]]]:
    def dump() -> dict[str, dict[str, Any]]:
        fields = CustomField.objects.filter(target=target).order_by("pk")
        return {field.key: {key.name: getattr(field, key.name) for key in KEYS} for field in fields}

    return dump


def pruner(target: Target) -> Callable[[set[str]], dict[str, Change]]:
    def prune(named: set[str]) -> dict[str, Change]:
        """A field that anybody has a value in stays."""
        unused = [
            field
            for field in CustomField.objects.filter(target=target).exclude(key__in=named)
            if not has_values(target, field.key)
        ]
        for field in unused:
            field.delete()
        return {field.key: Change.REMOVED for field in unused}

    return prune
