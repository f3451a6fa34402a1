"""What a segment was: one version per save that changed something, with who did it."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.common.names import person_name
from segments.models import Segment, SegmentVersion

# What a version keeps, in the order in which changes are told.
KEPT = ("name", "condition", "description", "state")


def latest(segment: int) -> SegmentVersion | None:
    return SegmentVersion.objects.select_related("by").filter(segment=segment).order_by("-number").first()


def number_of(version: SegmentVersion | None) -> int:
    return version.number if version is not None else 0


def refuse_meanwhile(segment: Segment, expected: int | None) -> None:
    """Whoever read version `expected` does not write over a later one unknowingly; None asks for no such care."""
    last = latest(segment.pk) if segment.pk is not None and expected is not None else None
    if last is None or last.number == expected:
        return
    words = (
        _("%s changed this segment since you opened it.") % person_name(last.by)
        if last.by is not None
        else _("This segment was changed since you opened it.")
    )
    raise LeadqualError("changed_meanwhile", words, "expected")


def keep_version(segment: Segment, *, now: datetime, by: Any = None) -> SegmentVersion | None:
    """The segment as it was just saved; None when nothing is different from the last version.

    In the transaction of the save, by whoever holds the segments: two could take the same number.
    """
    last = latest(segment.pk)
    changed = [name for name in KEPT if last is None or getattr(last, name) != getattr(segment, name)]
    if not changed:
        return None
    return SegmentVersion.objects.create(
        segment=segment,
        number=number_of(last) + 1,
        changed=changed,
        by=by,
        at=now,
        day=clock.day_of(now),
        **{name: getattr(segment, name) for name in KEPT},
    )
