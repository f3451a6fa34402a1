import re
from functools import lru_cache
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from leadqual.common.access import EVERYBODY, Role, has_role, open_to
from leadqual.desk import asking
from leadqual.desk.arranging import Arrangement, arranged
from leadqual.desk.columns import Column, chosen
from leadqual.desk.filters import NONE
from leadqual.desk.listing import SORTS, LeadList
from leadqual.desk.paging import counted
from leadqual.scoring.showing import band_words
from segments.conditions.operators import OPERATORS

KEPT = 60  # seconds for which the number of leads in no segment may be old


@require_safe
@open_to(*EVERYBODY)
def leads(request: HttpRequest) -> HttpResponse:
    """The leads that the reader may see: narrowed down, in an order, with the columns they chose."""
    how = arranged(request.user, request.GET)
    found = LeadList(request.user, how.params, how.sort)
    columns = chosen(found.columns, how.columns)
    page = found.page(columns, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    form = found.filter.form
    context = {
        "list": found,
        "how": how,
        "page": page,
        "columns": columns,
        "rows": [_row(lead, columns, found) for lead in page.rows],
        "form": form,
        "statuses": how.params.get("status", ()),
        "chips": _chips(found, how, page.rows),
        "sorts": [(key, words, how.with_sort(key)) for key, words in SORTS.items()],
        "adding": _adding(request, found),
        "is_marketer": has_role(request.user, Role.MARKETER),
        "more_open": bool(found.problem or form.errors),
    }
    return render(request, "desk/lead_list.html", context)


def _row(lead: Any, columns: list[Column], found: LeadList) -> dict[str, Any]:
    model = found.lookups.model
    band = model.band(lead.score_total) if model is not None and lead.score_total is not None else ""
    return {
        "lead": lead,
        "address": reverse("desk:lead", args=[lead.public_id]),
        "total": lead.score_total,
        "band": band,
        "band_words": band_words(band) if band else "",
        "cells": [(capfirst(column.label), column.shown(lead), column.looks) for column in columns],
    }


def _chips(found: LeadList, how: Arrangement, rows: list[Any]) -> list[tuple[str, str]]:
    """What narrows the list, in words, each with the address without it."""
    chips = []
    for name, field in found.filter.form.fields.items():
        words = dict(getattr(field, "choices", ()))
        for value in how.params.get(name, ()):
            if value:
                shown = _company(value, rows) if name == "company" else words.get(value, value)
                chips.append((f"{field.label}: {shown}", how.without(name, value)))
    return chips + [(each.words, how.without("where", each.text)) for each in found.asked]


def _company(value: str, rows: list[Any]) -> str:
    """A link names a company by its id, which says nothing to people; the rows are all of that company."""
    is_id = bool(re.fullmatch(r"[0-9a-f-]{36}", value))
    return str(rows[0].company) if is_id and rows else value


def _adding(request: HttpRequest, found: LeadList) -> dict[str, Any]:
    """The row of inputs that adds a condition; after a mistake it shows what was typed."""
    text, error = found.problem if found.problem else ("", None)
    typed = dict(zip(("field", "op", "value"), asking.split(text), strict=True))
    fields = [field for field in found.fields.values() if not field.params]
    return {
        "fields": [(field.key, field.label, field.kind.value) for field in fields],
        "operators": _operators(get_language()),
        "typed": typed,
        "error": error,
        "kept": [each.text for each in found.asked],
    }


@lru_cache
def _operators(language: str | None) -> list[tuple[str, str, str]]:
    """(key, words, kinds of fields) in the active language; always the same, so put into words once."""
    return [
        (row.key, asking.operator_words(row), " ".join(sorted(kind.value for kind in row.kinds)))
        for row in OPERATORS.values()
    ]


@require_safe
@open_to(Role.MARKETER)
def unsegmented(request: HttpRequest) -> HttpResponse:
    """How many leads are in no segment, as a fragment that comes after the list: counting them looks at many rows."""
    count = cache.get("leads-in-no-segment")
    if count is None:
        count = counted(LeadList(request.user, {"segment": [NONE]}).leads)
        cache.set("leads-in-no-segment", count, KEPT)
    return render(request, "desk/lead_list/_unsegmented.html", {"count": count})
