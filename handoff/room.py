"""How many more leads the reps who are there can take now, for whoever decides about making leads hot."""

from django.db.models import Count, Q

from handoff.models import OPEN, SalesRep
from handoff.pool import is_away


def free_places(day: int) -> int:
    """Capacity less open handoffs, of each rep who is neither gone nor absent."""
    reps = SalesRep.objects.select_related("user").annotate(
        load=Count("handoffs", filter=Q(handoffs__state__in=OPEN))
    )
    return sum(max(0, rep.capacity - rep.load) for rep in reps if not is_away(rep, day))
