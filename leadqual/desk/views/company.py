from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from handoff.models import OPEN, Handoff
from leadqual.common.access import EVERYBODY, open_to
from leadqual.desk.custom import custom_facts
from leadqual.desk.scored import scores_of
from leadqual.leads.models import Company, Lead
from leadqual.scoring.explaining import HOT

SHOWN = 100


@require_safe
@open_to(*EVERYBODY)
def company(request: HttpRequest, public_id: str) -> HttpResponse:
    """The company, and of its people those whom the reader may see, the warmest first."""
    found = get_object_or_404(Company.objects.visible_to(request.user), public_id=public_id)
    people = list(
        Lead.objects.visible_to(request.user)
        .filter(company=found)
        .select_related("owner")
        .order_by("family_name", "given_name", "pk")[: SHOWN + 1]
    )
    more, people = len(people) > SHOWN, people[:SHOWN]
    scores = scores_of([person.pk for person in people])
    rows = sorted(
        ((person, scores.get(person.pk)) for person in people),
        key=lambda row: -(row[1].total if row[1] else -1_000_000),
    )
    handoffs = (
        Handoff.objects.filter(Q(state__in=OPEN), lead__in=[person.pk for person in people])
        .select_related("lead", "rep__user")
        .order_by("accept_by")
    )
    context = {
        "company": found,
        "rows": rows,
        "more": more,
        "hot": sum(1 for _person, score in rows if score and score.band == HOT),
        "handoffs": handoffs,
        "custom": custom_facts(found.custom, "company"),
    }
    return render(request, "desk/company.html", context)
