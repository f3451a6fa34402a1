"""How many more leads the reps who are there can take now, for whoever decides about making leads hot."""

from datetime import datetime

from django.db.models import Count, Q

from handoff.models import OPEN, SalesRep
from handoff.pool import is_away
from handoff.working_day import working_day


def free_places(now: datetime) -> int:
    """Capacity less open handoffs, of each rep who is neither gone nor absent; one query beside the day's."""
    day = working_day(now)
    reps = SalesRep.objects.select_related("user").annotate(
        load=Count("handoffs", filter=Q(handoffs__state__in=OPEN))
    )
    return sum(max(0, rep.capacity - rep.load) for rep in reps if not is_away(rep, day))
