"""What the database cannot refuse by itself: a segment that would wait for the stages that wait for it."""

from typing import Any

from django.utils.translation import gettext as _

from journeys.entries import map_asking, stages_asked
from leadqual.common.errors import LeadqualError
from segments.conditions import Condition, trees_for
from segments.signals import segment_saving


def connect() -> None:
    segment_saving.connect(refuse_segment, dispatch_uid="journeys.guards")


def refuse_segment(sender: Any, segment: int | None, condition: Condition, **_rest: Any) -> None:
    """A segment on which stages depend, however deep, may not ask for a stage."""
    if segment is None:
        return
    for where in stages_asked(condition, trees_for(condition), "condition"):
        if found := map_asking(segment):
            message = _("the map “%s” depends on this segment, so it cannot ask for a stage")
            raise LeadqualError("asked_by_map", message % found.name, where)
