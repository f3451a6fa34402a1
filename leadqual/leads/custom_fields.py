"""Defines fields that nobody foresaw. A field with values keeps its type: what is stored could not be compared else."""

from collections.abc import Iterable
from typing import Any

from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.common.words import folded
from leadqual.leads.cleaning import clean_text
from leadqual.leads.models import Company, CustomField, FieldType, Lead, Target

MOST_CHOICES = 200


def define(target: str, key: str, *, label: str, type: str, choices: Iterable[str] = ()) -> CustomField:
    """Makes the field or brings it up to date. Refused: another type, or taking away a choice, while values exist."""
    field = CustomField.objects.filter(target=target, key=key).first() or CustomField(target=target, key=key)
    wanted = _checked_choices(type, choices)
    if key.isdigit():  # JSON paths would read it as a position in a list
        raise LeadqualError("bad_key", _("a key needs a letter"), "key")
    if type not in FieldType.values:
        raise LeadqualError("not_a_choice", _("is not one of the choices"), "type")
    if field.pk is not None and field.type != type and has_values(target, key):
        raise LeadqualError("field_in_use", _("has values, so its type stays"), "type")
    if field.pk is not None and (gone := _lost(field, wanted)) and has_values(target, key, gone):
        raise LeadqualError(
            "choice_in_use", _("“%s” is in use and cannot be taken away") % gone[0], "choices"
        )
    field.label, field.type, field.choices = clean_text("label", label, 200) or key, type, wanted
    field.full_clean(validate_unique=False, validate_constraints=False)
    field.save()
    return field


def add_choices(field: CustomField, values: Iterable[str]) -> bool:
    """Takes up new choices at the end of the list, as long as it stays a list that people can choose from."""
    known = {folded(str(choice)) for choice in field.choices}
    new = [value for value in values if folded(value) not in known]
    if not new or len(field.choices) + len(new) > MOST_CHOICES:
        return False
    field.choices = [*field.choices, *new]
    field.save(update_fields=["choices"])
    return True


def has_values(target: str, key: str, values: Iterable[str] | None = None) -> bool:
    things: Any = Lead.objects if target == Target.LEAD else Company.objects
    if values is None:
        return bool(things.filter(custom__has_key=key).exists())
    valued = things.annotate(asked=KeyTransform(key, "custom_folded"))
    return bool(valued.filter(asked__in=[folded(value) for value in values]).exists())


def _lost(field: CustomField, wanted: list[str]) -> list[str]:
    kept = {folded(choice) for choice in wanted}
    return [choice for choice in field.choices if folded(str(choice)) not in kept]


def _checked_choices(type: str, choices: Iterable[str]) -> list[str]:
    texts: dict[str, str] = {}
    for choice in choices:
        text = clean_text("choices", choice, 200)
        if text:
            texts.setdefault(folded(text), text)
    if type == FieldType.CHOICE and not texts:
        raise LeadqualError("missing", _("a choice needs its choices"), "choices")
    if len(texts) > MOST_CHOICES:
        raise LeadqualError("too_many", _("has more than %d choices") % MOST_CHOICES, "choices")
    return list(texts.values()) if type == FieldType.CHOICE else []
