from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from journeys import drawing, going_live
from journeys.behind import PAGE, People, in_stage, passing
from journeys.counts import LONG, SHORT, map_counts
from journeys.gaps import gaps, segments_without_map
from journeys.models import JourneyMap, MapChange, MapState
from journeys.picture import pictures
from journeys.telling import told
from journeys.wall import hang
from leadqual.common import clock
from leadqual.common.access import Role, open_to
from leadqual.common.errors import LeadqualError

LAST_CHANGES = 100


@require_safe
@open_to(Role.MARKETER)
def maps(request: HttpRequest) -> HttpResponse:
    today = clock.date_of(clock.today())
    found = list(JourneyMap.objects.current().select_related("segment").order_by("name", "version"))
    counts = map_counts(found)
    rows = [
        {
            "map": drawn.map,
            "by_stage": [counts[drawn.map.pk].by_order.get(stage.order, 0) for stage in drawn.stages],
            "leads": counts[drawn.map.pk].leads,
            "gaps": len(gaps(drawn, on=today)),
            "as_of": drawn.map.placed_day and clock.date_of(drawn.map.placed_day),
        }
        for drawn in pictures(found)
    ]
    return render(request, "journeys/list.html", {"rows": rows, "without": segments_without_map()[:100]})


@require_safe
@open_to(Role.MARKETER)
def journey_map(request: HttpRequest, pk: int) -> HttpResponse:
    each = get_object_or_404(JourneyMap.objects.select_related("segment"), pk=pk)
    wall = hang(each, today=clock.today())
    context = {
        "map": each,
        "wall": wall,
        "as_of": clock.date_of(wall.day),
        "short": SHORT,
        "long": LONG,
        "may_edit": request.user.has_perm("journeys.change_journeymap"),
        "missing": bool(wall.gaps),
    }
    return render(request, "journeys/map.html", context)


@require_safe
@open_to(Role.MARKETER)
def leads(request: HttpRequest, pk: int) -> HttpResponse:
    """Who stands behind a number of the map: `stage=KEY`, or `touchpoint=ID&days=30`; `before` pages on."""
    each = get_object_or_404(JourneyMap.objects.select_related("segment"), pk=pk)
    day = each.placed_day if each.placed_day is not None else clock.today()
    people = _people(request, each, day)
    rows = people.rows(request.user, before=_number(request, "before"))
    context = {
        "map": each,
        "people": people,
        "rows": rows[:PAGE],
        "next": rows[PAGE - 1].lead.pk if len(rows) > PAGE else None,
        "query": _without_before(request),
        "as_of": clock.date_of(day),
    }
    return render(request, "journeys/leads.html", context)


def _people(request: HttpRequest, each: JourneyMap, day: int) -> People:
    if touchpoint := _number(request, "touchpoint"):
        days = SHORT if request.GET.get("days") == str(SHORT) else LONG
        return passing(each, touchpoint, days, day)
    return in_stage(each, request.GET.get("stage", ""))


def _number(request: HttpRequest, name: str) -> int | None:
    given = request.GET.get(name, "")
    if not given:
        return None
    if not given.isascii() or not given.isdecimal() or len(given) > 18:
        raise BadRequest(name)
    return int(given)


def _without_before(request: HttpRequest) -> str:
    kept = request.GET.copy()
    kept.pop("before", None)
    return kept.urlencode()


@require_safe
@open_to(Role.MARKETER)
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Versions of the map, and who changed what."""
    each = get_object_or_404(JourneyMap, pk=pk)
    versions = JourneyMap.objects.versions_of(each.name).select_related("by")
    changes = MapChange.objects.filter(map__name=each.name).select_related("by", "map")
    rows = [(change, told(change)) for change in changes[:LAST_CHANGES]]
    context = {"map": each, "versions": versions, "changes": rows}
    return render(request, "journeys/history.html", context)


@require_POST
@open_to(Role.MARKETER)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft is edited as it is; what went live goes on in its next version."""
    each = get_object_or_404(JourneyMap, pk=pk)
    if each.state != MapState.DRAFT:
        each = drawing.draft_from(each, now=clock.now(), by=request.user)
    return redirect("admin:journeys_journeymap_change", each.pk)


@require_POST
@open_to(Role.MARKETER)
def bring_live(request: HttpRequest, pk: int) -> HttpResponse:
    each = get_object_or_404(JourneyMap, pk=pk)
    try:
        going_live.go_live(each, now=clock.now(), by=request.user)
    except LeadqualError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%(map)s” is live. Its leads are being placed.") % {"map": each.name})
    return redirect("journeys:map", each.pk)
