"""What a segment was: one version per save that changed something, with who did it."""

from datetime import datetime
from typing import Any

from leadqual.common import clock
from segments.models import Segment, SegmentVersion

# What a version keeps, in the order in which changes are told.
KEPT = ("name", "condition", "description", "state")


def keep_version(segment: Segment, *, now: datetime, by: Any = None) -> SegmentVersion | None:
    """The segment as it was just saved; None when nothing is different from the last version.

    In the transaction of the save, by whoever holds the segments: two could take the same number.
    """
    last = SegmentVersion.objects.filter(segment=segment).order_by("-number").first()
    changed = [name for name in KEPT if last is None or getattr(last, name) != getattr(segment, name)]
    if not changed:
        return None
    return SegmentVersion.objects.create(
        segment=segment,
        number=last.number + 1 if last else 1,
        changed=changed,
        by=by,
        at=now,
        day=clock.day_of(now),
        **{name: getattr(segment, name) for name in KEPT},
    )
