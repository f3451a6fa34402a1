"""Leads as the pages of segments show them: looked for by name, with the band of their score."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from leadqual.common.words import folded
from leadqual.leads.models import Lead
from segments.conditions import fields

FOUND = 20


@dataclass(frozen=True, slots=True)
class Person:
    """`band` is empty where no model has scored the lead."""

    lead: Lead
    score: int | None
    band: str
    words: str


def looking_for(leads: QuerySet[Lead], words: str) -> list[Lead]:
    """By the parts of the name in any order, or the beginning of the address."""
    text = folded(words)
    found = Q(email__startswith=text) | Q(*[Q(name_folded__contains=part) for part in text.split()])
    return list(leads.filter(found).select_related("company").order_by("pk")[:FOUND]) if text else []


def with_bands(leads: QuerySet[Lead], *, day: int) -> list[Person]:
    """In one query; scores are fields of an upper rung, and nothing where nobody has registered them."""
    known = fields.find(["score", "band"])
    leads = leads.annotate(**{f"now_{key}": one.sql(day, {}) for key, one in known.items()})
    words: dict[str, Any] = dict(known["band"].choices) if "band" in known else {}
    return [
        Person(lead, getattr(lead, "now_score", None), band, str(words.get(band, "")))
        for lead in leads
        for band in [getattr(lead, "now_band", None) or ""]
    ]
