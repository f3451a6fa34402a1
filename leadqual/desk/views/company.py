from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from handoff.models import OPEN, Handoff
from leadqual.common.access import EVERYBODY, open_to
from leadqual.desk.custom import custom_facts
from leadqual.desk.filters import hot_now
from leadqual.desk.scored import scores_of
from leadqual.leads.models import Company, Lead
from leadqual.scoring.models import LeadScore, ModelState

SHOWN = 100
UNSCORED = -1_000_000


@require_safe
@open_to(*EVERYBODY)
def company(request: HttpRequest, public_id: str) -> HttpResponse:
    """The company, and of its people those whom the reader may see, the warmest first."""
    found = get_object_or_404(Company.objects.visible_to(request.user), public_id=public_id)
    seen: QuerySet[Lead] = Lead.objects.visible_to(request.user).filter(company=found)
    live = LeadScore.objects.filter(lead=OuterRef("pk"), model__state=ModelState.LIVE).values("total")
    people = list(
        seen.select_related("owner")
        .annotate(points=Coalesce(Subquery(live), UNSCORED))
        .order_by("-points", "family_name", "given_name", "pk")[: SHOWN + 1]
    )
    more, people = len(people) > SHOWN, people[:SHOWN]
    scores = scores_of([person.pk for person in people])
    handoffs = (
        Handoff.objects.filter(Q(state__in=OPEN), lead__in=seen)
        .select_related("lead", "rep__user")
        .order_by("accept_by")[:SHOWN]
    )
    context = {
        "company": found,
        "rows": [(person, scores.get(person.pk)) for person in people],
        "more": more,
        "hot": seen.filter(hot_now()).count(),
        "handoffs": handoffs,
        "custom": custom_facts(found.custom, "company"),
    }
    return render(request, "desk/company.html", context)
