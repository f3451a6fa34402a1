"""Changing a segment as a person does it: its name, its condition, back to what it was, out of use and back."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from segments.definition import archive_segment, save_segment
from segments.models import Segment, SegmentState, SegmentVersion
from segments.standing import refresh_now
from segments.uses import Use, uses


def change_segment(
    segment: Segment | None,
    *,
    name: str,
    tree: Any,
    description: str,
    state: str,
    now: datetime,
    by: Any = None,
    expected: int | None = None,
) -> Segment:
    """A new segment, or this one changed; its members follow at once where they are not too many."""
    with transaction.atomic():
        saved = _write(segment, name, tree, description, state, now, by, expected)
    refresh_now(saved, now=now)
    return saved


def check_change(
    segment: Segment | None, *, name: str, tree: Any, description: str, state: str, now: datetime
) -> None:
    """The LeadqualError that changing would end in, if any; nothing is changed."""
    with transaction.atomic():
        _write(segment, name, tree, description, state, now, None)
        transaction.set_rollback(True)


def _write(
    segment: Segment | None,
    name: str,
    tree: Any,
    description: str,
    state: str,
    now: datetime,
    by: Any,
    expected: int | None = None,
) -> Segment:
    _refuse_taken(name, segment)
    if segment is not None and segment.name != name:
        Segment.objects.filter(pk=segment.pk).update(name=name)
    return save_segment(name, tree, description=description, state=state, now=now, by=by, expected=expected)


def restore_version(version: SegmentVersion, *, now: datetime, by: Any = None) -> Segment:
    """The segment as it was then; that is another version, so it can be taken back as well."""
    return change_segment(
        version.segment,
        name=version.name,
        tree=version.condition,
        description=version.description,
        state=version.state,
        now=now,
        by=by,
    )


def retire_segment(segment: Segment, *, now: datetime, by: Any = None) -> Segment:
    """Out of use; refused while something that is at work asks it."""
    if live := live_uses(segment):
        names = ", ".join(f"{use.kind} “{use.name}”" for use in live)
        raise LeadqualError("in_use", _("still used by %s") % names, "segment")
    return archive_segment(segment, now=now, by=by)


def live_uses(segment: Segment) -> list[Use]:
    return [use for use in uses([segment.pk]).get(segment.pk, []) if use.live]


def revive_segment(segment: Segment, *, now: datetime, by: Any = None) -> Segment:
    return change_segment(
        segment,
        name=segment.name,
        tree=segment.condition,
        description=segment.description,
        state=SegmentState.LIVE,
        now=now,
        by=by,
    )


def _refuse_taken(name: str, segment: Segment | None) -> None:
    """Saving by a name that another has would change the other."""
    taken = Segment.objects.filter(name=name)
    if segment is not None:
        taken = taken.exclude(pk=segment.pk)
    if taken.exists():
        raise LeadqualError("name_taken", _("another segment has this name"), "name")
