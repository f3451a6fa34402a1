"""Drawing a map: the only writer of maps, stages and touchpoints. Only drafts are changed; every save leaves a line."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from journeys.entries import checked_entry, checked_segment
from journeys.models import (
    Act,
    Content,
    JourneyMap,
    MapChange,
    MapState,
    Stage,
    Touchpoint,
)
from leadqual.common.errors import LeadqualError
from leadqual.leads.models import ActivityType

Part = Stage | Touchpoint
OWN = ("name", "segment", "persona", "may_regress")
OF_STAGE = ("order", "key", "name", "entry", "goal")
OF_TOUCHPOINT = ("position", "action", "channel", "question", "feeling", "feeling_level", "strength", "owner")


@transaction.atomic
def draw(each: JourneyMap, *, now: datetime, by: Any = None) -> JourneyMap:
    """Saves a new map as a draft, or what was changed of a draft."""
    checked_segment(each.segment)
    if each.pk is None:
        last = JourneyMap.objects.filter(name=each.name).aggregate(last=Max("version"))["last"]
        each.version, each.state, each.by, each.created_at = (last or 0) + 1, MapState.DRAFT, by, now
    _save(each, each, OWN, now, by)
    return each


@transaction.atomic
def draw_part(part: Part, *, now: datetime, by: Any = None) -> Part:
    """Saves a stage or a touchpoint of a draft."""
    if isinstance(part, Stage):
        part.key = part.key.lower()
        part.entry = None if part.entry in (None, {}) else checked_entry(part.entry)
    _save(part, map_of(part), OF_STAGE if isinstance(part, Stage) else OF_TOUCHPOINT, now, by)
    return part


@transaction.atomic
def erase_part(part: Part, *, now: datetime, by: Any = None) -> None:
    each = map_of(part)
    refuse_unless_draft(each)
    note(each, Act.REMOVED, str(part), now=now, by=by)
    part.delete()


@transaction.atomic
def bind(
    touchpoint: Touchpoint,
    types: Collection[ActivityType],
    contents: Collection[Content],
    *,
    now: datetime,
    by: Any = None,
) -> None:
    """These acts happen at the touchpoint, these contents are handed out there, and no others."""
    each = touchpoint.stage.map
    refuse_unless_draft(each)
    changed = []
    wanted_types, wanted_contents = {row.pk for row in types}, {row.pk for row in contents}
    if set(touchpoint.activity_types.values_list("pk", flat=True)) != wanted_types:
        touchpoint.activity_types.set(wanted_types)
        changed.append("activity_types")
    if set(touchpoint.contents.values_list("pk", flat=True)) != wanted_contents:
        touchpoint.contents.set(wanted_contents)
        changed.append("contents")
    # Whoever has just drawn the touchpoint is still at the same save.
    drawn_now = each.changes.filter(at=now, act=Act.CREATED, what=str(touchpoint)).exists()
    if changed and not drawn_now:
        note(each, Act.CHANGED, str(touchpoint), changed, now=now, by=by)


@transaction.atomic
def draft_from(each: JourneyMap, *, now: datetime, by: Any = None) -> JourneyMap:
    """The next version, to be changed; the draft that is there, if one is."""
    if draft := JourneyMap.objects.drafts().filter(name=each.name).first():
        return draft
    draft = JourneyMap(based_on=each, **{name: getattr(each, name) for name in OWN})
    draw(draft, now=now, by=by)
    for stage in each.stages.order_by("order", "pk"):
        copy = Stage(map=draft, **{name: getattr(stage, name) for name in OF_STAGE})
        copy.save()
        for touchpoint in stage.touchpoints.order_by("position", "pk"):
            new = Touchpoint(stage=copy, **{name: getattr(touchpoint, name) for name in OF_TOUCHPOINT})
            new.save()
            new.activity_types.set(touchpoint.activity_types.all())
            new.contents.set(touchpoint.contents.all())
    return draft


def refuse_unless_draft(each: JourneyMap) -> None:
    if each.state != MapState.DRAFT:
        message = _("a version that went live is not changed any more; make a draft from it")
        raise LeadqualError("not_a_draft", message, str(each))


def map_of(part: Part) -> JourneyMap:
    return part.map if isinstance(part, Stage) else part.stage.map


def note(
    each: JourneyMap, act: Act, what: str = "", fields: Collection[str] = (), *, now: datetime, by: Any
) -> None:
    MapChange.objects.create(map=each, act=act, what=what[:300], fields=sorted(fields), at=now, by=by)


def _save(row: JourneyMap | Part, each: JourneyMap, names: Collection[str], now: datetime, by: Any) -> None:
    refuse_unless_draft(each)
    row.full_clean()
    stored = type(row)._default_manager.filter(pk=row.pk).first() if row.pk else None
    changed = [name for name in names if stored is None or getattr(stored, name) != getattr(row, name)]
    if stored is not None and not changed:
        return
    row.save()
    what = "" if isinstance(row, JourneyMap) else str(row)
    note(
        each, Act.CREATED if stored is None else Act.CHANGED, what, changed if stored else (), now=now, by=by
    )
