"""Journey maps: the file says what is in force; a map that differs goes live as the next version."""

from typing import Any

from django.utils.translation import gettext as _

from journeys import drawing, going_live
from journeys.entries import checked_entry
from journeys.models import Content, Feeling, JourneyMap, MapState, Stage, Touchpoint
from journeys.picture import Picture, Spot, pictures
from leadqual.common import clock
from leadqual.leads.models import ActivityType
from leadqual.operations.design import trees
from leadqual.operations.design.context import Context
from leadqual.operations.design.problems import Path
from leadqual.operations.design.rows import Change
from leadqual.operations.design.schema import (
    REQUIRED,
    Key,
    mapping,
    named,
    one_of,
    read_object,
    spoken,
    text,
    texts,
    whole,
    yes_no,
)
from segments.models import Segment

KEYS = [
    Key("state", one_of(MapState.values), MapState.LIVE.value),
    Key("segment", text, REQUIRED),
    Key("persona", text, ""),
    Key("may_regress", yes_no, False),
    Key("stages", mapping, dict),
]
STAGE_KEYS = [
    Key("name", text, ""),
    Key("goal", text, ""),
    Key("entry", mapping, None),
    Key("touchpoints", mapping, dict),
]
PLAIN = ("channel", "question", "feeling", "strength", "owner")
TOUCHPOINT_KEYS = [
    *(Key(name, text, "") for name in PLAIN),
    Key("feeling_level", whole, None),
    Key("activity_types", texts, list),
    Key("contents", texts, list),
]

Described = dict[str, Any]


def load(context: Context, name: str, spec: dict[str, Any], path: Path) -> Change:
    before = len(context.problems.found)
    wanted = _wanted(context, spec, path)
    if len(context.problems.found) > before or ("segments", spec["segment"]) in context.broken:
        return Change.UNCHANGED
    versions = {each.state: each for each in JourneyMap.objects.current().filter(name=name)}
    live, draft = versions.get(MapState.LIVE), versions.get(MapState.DRAFT)
    if spec["state"] == MapState.RETIRED:
        return _retire(context, live)
    if live and describe(live) == wanted:
        return Change.UNCHANGED
    if draft and describe(draft) == wanted and spec["state"] == MapState.DRAFT:
        return Change.UNCHANGED
    known = live or draft or JourneyMap.objects.versions_of(name).first()
    _go_on(context, name, known, wanted, spec["state"], path)
    return Change.UPDATED if known else Change.CREATED


def _go_on(
    context: Context, name: str, known: JourneyMap | None, wanted: Described, state: str, path: Path
) -> None:
    segment = Segment.objects.get(name=wanted["segment"])
    if known is None:
        each = JourneyMap(name=name, segment=segment)
    else:
        each = known if known.state == MapState.DRAFT else drawing.draft_from(known, now=context.now)
    each.segment, each.persona, each.may_regress = segment, wanted["persona"], wanted["may_regress"]
    drawing.draw(each, now=context.now)
    _draw_stages(context, each, wanted["stages"])
    if state == MapState.LIVE:
        found = going_live.problems(each)
        for problem in found:
            context.problems.add_place(problem.code, path, problem.place, problem.message)
        if not found:
            going_live.go_live(each, now=context.now)


def dump() -> dict[str, dict[str, Any]]:
    """Of each name the version in force or, where none is, the draft."""
    maps: dict[str, JourneyMap] = {}
    for each in JourneyMap.objects.current().order_by("name", "state"):
        if each.name not in maps or each.state == MapState.LIVE:
            maps[each.name] = each
    segments = dict(Segment.objects.values_list("pk", "name"))
    return {
        name: {"state": each.state, **_as_written(describe(each), segments)} for name, each in maps.items()
    }


def prune(named_maps: set[str]) -> dict[str, Change]:
    """Drafts go, what is in force is retired; versions of the past stay."""
    changes = {}
    for each in JourneyMap.objects.current().exclude(name__in=named_maps):
        if each.state == MapState.LIVE:
            going_live.retire(each, now=clock.now())
        else:
            each.delete()
        changes[each.name] = Change.REMOVED
    return changes


def _retire(context: Context, live: JourneyMap | None) -> Change:
    if live is None:
        return Change.UNCHANGED
    going_live.retire(live, now=context.now)
    return Change.UPDATED


def _wanted(context: Context, spec: dict[str, Any], path: Path) -> Described:
    """What the file says, in the words of `describe`; faults are noted."""
    found = {row.name: row for row in Segment.objects.filter(name=spec["segment"])}
    context.refer("segments", spec["segment"], found, (*path, "segment"), _("there is no segment “%s”"))
    stages = {}
    for key, value in named(spec["stages"], (*path, "stages"), context.problems).items():
        stage_path = (*path, "stages", key)
        read = read_object(value, STAGE_KEYS, stage_path, context.problems)
        if read is not None:
            stages[key.lower()] = _wanted_stage(context, key, read, stage_path)
    return {key: spec[key] for key in ("segment", "persona", "may_regress")} | {"stages": stages}


def _wanted_stage(context: Context, key: str, spec: dict[str, Any], path: Path) -> Described:
    entry = None
    if spec["entry"]:
        with context.problems.gather(path):
            entry = checked_entry(trees.read_tree(spec["entry"], context, "entry"))
    points = {}
    for action, value in named(spec["touchpoints"], (*path, "touchpoints"), context.problems).items():
        point_path = (*path, "touchpoints", action)
        read = read_object(value, TOUCHPOINT_KEYS, point_path, context.problems)
        if read is not None:
            points[action] = _wanted_point(context, read, point_path)
    return {"name": spec["name"] or key, "goal": spec["goal"], "entry": entry, "touchpoints": points}


def _wanted_point(context: Context, spec: dict[str, Any], path: Path) -> Described:
    if spec["feeling_level"] not in (None, *Feeling.values):
        message = _("this must be a whole number from -2 to 2")
        context.problems.add("out_of_range", (*path, "feeling_level"), message)
    types = {row.key: row for row in ActivityType.objects.filter(key__in=spec["activity_types"])}
    contents = {row.title: row for row in Content.objects.filter(title__in=spec["contents"])}
    for key, section, rows, message in (
        ("activity_types", "activity_types", types, _("there is no activity type “%s”")),
        ("contents", "contents", contents, _("there is no content “%s”")),
    ):
        for number, name in enumerate(spec[key]):
            context.refer(section, name, rows, (*path, key, number), message)
    return spec | {key: sorted(set(spec[key])) for key in ("activity_types", "contents")}


def describe(each: JourneyMap) -> Described:
    (drawn,) = pictures([each])
    return {
        "segment": each.segment.name,
        "persona": each.persona,
        "may_regress": each.may_regress,
        "stages": {stage.key: _described_stage(stage, drawn) for stage in drawn.stages},
    }


def _described_stage(stage: Stage, drawn: Picture) -> Described:
    return {
        "name": stage.name,
        "goal": stage.goal,
        "entry": stage.entry,
        "touchpoints": {spot.touchpoint.action: _described_spot(spot) for spot in drawn.spots[stage.pk]},
    }


def _described_spot(spot: Spot) -> Described:
    return {name: getattr(spot.touchpoint, name) for name in (*PLAIN, "feeling_level")} | {
        "activity_types": sorted(kind.key for kind in spot.types),
        "contents": sorted(content.title for content in spot.contents),
    }


def _as_written(described: Described, segments: dict[int, str]) -> Described:
    stages = {}
    for key, stage in described["stages"].items():
        points = {action: spoken(point, TOUCHPOINT_KEYS) for action, point in stage["touchpoints"].items()}
        entry = trees.with_names(stage["entry"], segments)
        own = {"touchpoints": points, "entry": entry, "name": "" if stage["name"] == key else stage["name"]}
        stages[key] = spoken(stage | own, STAGE_KEYS)
    return described | {"stages": stages}


def _draw_stages(context: Context, each: JourneyMap, wanted: Described) -> None:
    """Stages that are as they should be stay; the others are made anew, for a draft has no leads yet."""
    (drawn,) = pictures([each])
    there = {stage.key: stage for stage in drawn.stages}
    for key, stage in there.items():
        if _described_stage(stage, drawn) != wanted.get(key):
            drawing.erase_part(stage, now=context.now)
    for order, (key, said) in enumerate(wanted.items(), start=1):
        kept = there.get(key)
        if kept is not None and kept.pk is not None:
            kept.order = order
            drawing.draw_part(kept, now=context.now)
        else:
            _draw_stage(context, each, order, key, said)


def _draw_stage(context: Context, each: JourneyMap, order: int, key: str, said: Described) -> None:
    own = {name: said[name] for name in ("name", "goal", "entry")}
    stage = Stage(map=each, order=order, key=key, **own)
    with context.problems.gather(("journey_maps", each.name, "stages", key)):
        drawing.draw_part(stage, now=context.now)
        for position, (action, point) in enumerate(said["touchpoints"].items(), start=1):
            plain = {name: point[name] for name in (*PLAIN, "feeling_level")}
            touchpoint = Touchpoint(stage=stage, position=position, action=action, **plain)
            drawing.draw_part(touchpoint, now=context.now)
            types = ActivityType.objects.filter(key__in=point["activity_types"])
            contents = Content.objects.filter(title__in=point["contents"])
            drawing.bind(touchpoint, list(types), list(contents), now=context.now)
