"""Segments to look at: the list, one of them, and why a lead is in or out."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from leadqual.common import clock
from leadqual.common.access import Role, open_to
from leadqual.leads.models import Lead
from segments import figures, trend
from segments.conditions import parse_stored, sentence, sentences
from segments.models import ManualMember, MembershipChange, Segment, SegmentState, SegmentVersion
from segments.people import looking_for, with_bands
from segments.shelf import Shelf
from segments.standing import standing_day
from segments.uses import uses
from segments.why import why

MEMBERS, CHANGES, VERSIONS, OVERLAPS = 50, 50, 50, 5


@require_safe
@open_to(Role.MARKETER)
def segment_list(request: HttpRequest) -> HttpResponse:
    shelf = Shelf.filled(sizes=True)
    ids, day = list(shelf.rows), shelf.day(clock.now())
    sizes, moved = shelf.sizes, figures.changes(ids, day=day)
    used = uses(ids, shelf.rows.values())
    said = sentences(list(parse_stored({pk: row.condition for pk, row in shelf.rows.items()}).values()))
    shown: list[dict[str, Any]] = [
        {
            "segment": row,
            "sentence": words,
            "size": sizes[row.pk],
            "share": share(sizes[row.pk], shelf.everybody),
            "week": moved[row.pk][0],
            "month": moved[row.pk][1],
            "uses": used.get(row.pk, []),
        }
        for row, words in zip(shelf.rows.values(), said, strict=True)
    ]
    context = {
        "rows": [row for row in shown if row["segment"].state != SegmentState.ARCHIVED],
        "archived": [row for row in shown if row["segment"].state == SegmentState.ARCHIVED],
        "coverage": figures.coverage(shelf.live(), shelf.everybody),
        "day": clock.date_of(day),
    }
    return render(request, "segments/list.html", context)


def share(part: int, of: int) -> float:
    return 100 * part / of if of else 0


@require_safe
@open_to(Role.MARKETER)
def segment(request: HttpRequest, pk: int) -> HttpResponse:
    shelf = Shelf.filled()
    row, day = shelf.segment(pk), shelf.day(clock.now())
    shared, moved = figures.sharing(row), figures.steps(row, day=day)
    size = shared.pop(pk, 0)
    members = Lead.objects.visible_to(request.user).filter(memberships__segment=row)
    context: dict[str, Any] = {
        "segment": row,
        "sentence": sentence(parse_stored({pk: row.condition})[pk]),
        "day": clock.date_of(day),
        "size": size,
        "share": share(size, shelf.everybody),
        "week": sum(n for each, n in moved.items() if each > day - 7),
        "month": sum(n for each, n in moved.items() if each > day - 30),
        "trend": trend.drawn(figures.history(moved, size, day=day)),
        "overlaps": overlaps(shelf, shared, size),
        "uses": uses([pk], shelf.rows.values()).get(pk, []),
        "members": with_bands(members.select_related("company").order_by("-pk")[:MEMBERS], day=day),
    }
    return render(request, "segments/segment.html", context)


def overlaps(shelf: Shelf, shared: dict[int, int], size: int) -> list[tuple[Segment, int, float]]:
    """Other live segments with members of this one, the greatest part first: (segment, leads, per cent)."""
    live = set(shelf.live())
    pairs = sorted(((n, pk) for pk, n in shared.items() if pk in live), reverse=True)[:OVERLAPS]
    return [(shelf.rows[pk], n, share(n, size)) for n, pk in pairs]


@require_safe
@open_to(Role.MARKETER)
def segment_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who was put in or out by hand, what the segment was, who joined and left."""
    row = get_object_or_404(Segment, pk=pk)
    changes = MembershipChange.objects.filter(segment=row).select_related("lead")
    context = {
        "segment": row,
        "manual": row.manual_members.select_related("lead", "by").order_by("-at", "-pk")[:CHANGES],
        "changes": changes.order_by("-day", "-pk")[:CHANGES],
        "versions": versions_told(row.versions.select_related("by").order_by("-number")[: VERSIONS + 1]),
    }
    return render(request, "segments/history.html", context)


def versions_told(rows: Iterable[SegmentVersion]) -> list[dict[str, Any]]:
    """Each version with its condition in words and the names of what its save changed."""
    versions = list(rows)
    trees = parse_stored({version.number: version.condition for version in versions})
    said = dict(zip(trees, sentences(list(trees.values())), strict=True))
    names = {field.name: str(field.verbose_name) for field in SegmentVersion._meta.fields}
    return [
        {
            "version": version,
            "sentence": said[version.number],
            "changed": [names.get(name, name) for name in version.changed],
        }
        for version in versions[:VERSIONS]
    ]


@require_safe
@open_to(Role.MARKETER)
def segment_why(request: HttpRequest, pk: int) -> HttpResponse:
    """`q` looks for a lead, `lead` has been chosen."""
    row = get_object_or_404(Segment, pk=pk)
    words, chosen = request.GET.get("q", "").strip()[:200], request.GET.get("lead", "")
    visible = Lead.objects.visible_to(request.user)
    context: dict[str, Any] = {
        "segment": row,
        "q": words,
        "found": looking_for(visible, words) if words else [],
    }
    if chosen:
        lead = get_object_or_404(visible.select_related("company"), public_id=public_id(chosen))
        manual = ManualMember.objects.filter(segment=row, lead=lead).select_related("by").first()
        context |= {"lead": lead, "manual": manual, "told": why(row, lead, day=standing_day(clock.now()))}
    return render(request, "segments/why.html", context)


def public_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
