"""The day on which segments stand, and bringing one up to date when it was changed."""

from datetime import datetime

from django.db.models import Max

from leadqual.common import clock
from leadqual.leads.models import Lead
from segments.membership import refresh
from segments.models import Segment, SegmentState
from segments.order import asking_these

# Members that stand further back than this are worked on as of the past.
PRESENT = 7
# More leads than this are not gone through while somebody waits; the night does it.
AT_ONCE = 200_000


def standing_day(now: datetime) -> int:
    return working_day(Segment.objects.aggregate(latest=Max("refreshed_day"))["latest"], now)


def working_day(latest: int | None, now: datetime) -> int:
    """Today, or where a past that is worked on stands."""
    today = clock.day_of(now)
    if latest is None:
        return today
    return max(latest, today) if today - latest <= PRESENT else latest


def refresh_now(segment: Segment, *, now: datetime) -> bool:
    """The segment and the live ones that ask it; false when that is left to the night."""
    if segment.state != SegmentState.LIVE or Lead.objects.count() > AT_ONCE:
        return False
    touched = Segment.objects.filter(pk__in={segment.pk} | asking_these({segment.pk}))
    refresh(touched, day=standing_day(now), now=now)
    segment.refresh_from_db()
    return True
