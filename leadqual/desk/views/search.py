from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from leadqual.common.access import EVERYBODY, open_to
from leadqual.common.words import folded
from leadqual.desk.scored import scores_of
from leadqual.leads.company_names import normalised
from leadqual.leads.models import Company, Lead
from leadqual.leads.phones import to_e164

LEADS, COMPANIES = 20, 10
LONGEST = 200


@require_safe
@open_to(*EVERYBODY)
def search(request: HttpRequest) -> HttpResponse:
    """Leads and companies that the reader may see; an address or number that fits one lead leads there at once."""
    words = request.GET.get("q", "").strip()[:LONGEST]
    people: list[Lead] = []
    companies: list[Company] = []
    if words:
        visible = Lead.objects.visible_to(request.user)
        people = list(matching(visible, words).select_related("company").order_by("pk")[:LEADS])
        if len(people) == 1 and people[0].email == folded(words):
            return redirect("desk:lead", people[0].public_id)
        companies = list(
            Company.objects.visible_to(request.user)
            .filter(normalised_name__contains=normalised(words) or folded(words))
            .order_by("name", "pk")[:COMPANIES]
        )
    scores = scores_of([person.pk for person in people])
    context = {
        "search_words": words,
        "rows": [(person, scores.get(person.pk)) for person in people],
        "companies": companies,
        "full": len(people) == LEADS,
    }
    return render(request, "desk/search.html", context)


def matching(leads: QuerySet[Lead], words: str) -> QuerySet[Lead]:
    """By name in either order of its parts, address, external id, phone or company."""
    text = folded(words)
    found = (
        Q(email__startswith=text)
        | Q(external_id=words)
        | Q(company__normalised_name__contains=normalised(words) or text)
    )
    parts = [part for part in text.split() if part]
    found |= Q(*[Q(name_folded__contains=part) for part in parts])
    if number := to_e164(words):
        found |= Q(phone=number)
    return leads.filter(found)
