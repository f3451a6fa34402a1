from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from leadqual.common.access import EVERYBODY, Role, has_role, open_to
from leadqual.common.words import folded
from leadqual.desk.filters import hot_now
from leadqual.desk.paging import Order, counted, page_of
from leadqual.leads.company_names import normalised
from leadqual.leads.models import Company, Lead

SIZE = 50
LONGEST = 200
BY_NAME = Order("normalised_name")


@require_safe
@open_to(*EVERYBODY)
def companies(request: HttpRequest) -> HttpResponse:
    """Companies that the reader may see, by name, each with how many of its leads they see and how many are hot."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    only_hot = request.GET.get("hot") == "yes"
    visible = Lead.objects.visible_to(request.user)
    found: QuerySet[Company] = Company.objects.visible_to(request.user)
    if words:
        found = found.filter(normalised_name__contains=normalised(words) or folded(words))
    if only_hot:
        found = found.filter(Exists(visible.filter(hot_now(), company=OuterRef("pk"))))
    page = page_of(
        found.annotate(leads_seen=_number(visible), hot_seen=_number(visible.filter(hot_now()))),
        BY_NAME, size=SIZE, after=request.GET.get("after", ""), before=request.GET.get("before", ""), shape="name",
    )  # fmt: skip
    context = {
        "page": page, "count": counted(found), "words": words, "only_hot": only_hot,
        "is_marketer": has_role(request.user, Role.MARKETER),
    }  # fmt: skip
    return render(request, "desk/lead_list/companies.html", context)


def _number(leads: QuerySet[Lead]) -> Any:
    """Of one company; counted only for the rows that are shown."""
    rows = leads.filter(company=OuterRef("pk")).order_by().values("company").annotate(number=Count("pk"))
    return Coalesce(Subquery(rows.values("number")), 0, output_field=IntegerField())
