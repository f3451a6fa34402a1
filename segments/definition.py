"""Saving a segment: the only writer of its condition."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from segments.conditions import Condition, expand_segments, parse, to_json, trees_for
from segments.conditions.asking import all_segments_asked
from segments.conditions.nodes import InSegment, joined, walk
from segments.models import Segment, SegmentState
from segments.signals import segment_saving
from segments.versions import keep_version, refuse_meanwhile


@transaction.atomic
def save_segment(
    name: str,
    tree: Any,
    *,
    description: str | None = None,
    state: str | None = None,
    place: str = "condition",
    now: datetime | None = None,
    by: Any = None,
    expected: int | None = None,
) -> Segment:
    """Makes the segment of this name, or changes it; None leaves as it is. Its members are those of the next refresh.

    What it was stays as a version, with who changed it. A fault in the tree is a LeadqualError whose place is the
    path after `place`. `expected` is the number of the version that the writer has seen; another is refused.
    """
    if not name.strip() or len(name) > 200 or "\0" in name:
        raise LeadqualError("bad_name", _("a segment needs a name of at most 200 characters"), "name")
    if state is not None and state not in SegmentState.values:
        raise LeadqualError("bad_state", _("must be one of: %s") % ", ".join(SegmentState.values), "state")
    # One saves at a time: two that came together could each contain the other.
    rows = {row.name: row for row in Segment.objects.select_for_update().order_by("pk")}
    segment = rows.get(name) or Segment(name=name)
    refuse_meanwhile(segment, expected)
    condition = parse(tree, place=place)
    _refuse_circle(segment, condition, place)
    _refuse_size(condition, place)
    segment_saving.send(Segment, segment=segment.pk, condition=condition)
    stored = to_json(condition)
    if stored != segment.condition:
        segment.condition = stored
        segment.size = segment.refreshed_at = segment.refreshed_day = None
    segment.description = segment.description if description is None else description
    segment.state = segment.state if state is None else state
    segment.save()
    keep_version(segment, now=now or clock.now(), by=by)
    return segment


@transaction.atomic
def archive_segment(segment: Segment, *, now: datetime, by: Any = None) -> Segment:
    """Out of use, but not gone: its members of old, models and policies still speak of it."""
    held = Segment.objects.select_for_update().get(pk=segment.pk)
    held.state = SegmentState.ARCHIVED
    held.save(update_fields=["state"])
    keep_version(held, now=now, by=by)
    return held


def _refuse_size(condition: Condition, place: str) -> None:
    try:
        expand_segments(condition)
    except LeadqualError as error:
        raise LeadqualError(error.code, error.message, place) from error


def _refuse_circle(segment: Segment, condition: Condition, place: str) -> None:
    if segment.pk is None:
        return
    trees = trees_for(condition)
    for path, node in walk(condition, place):
        if isinstance(node, InSegment) and (
            node.segment == segment.pk or segment.pk in all_segments_asked(node, trees)
        ):
            raise LeadqualError("segment_cycle", _("the segment contains itself"), joined(path, "segment"))
