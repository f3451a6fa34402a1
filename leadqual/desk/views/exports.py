"""Files of leads: sent at once when they are few; else written by a worker, with a page that says how far it is."""

from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadqual.common import clock
from leadqual.common.access import EVERYBODY, open_to
from leadqual.desk import tasks
from leadqual.desk.bulk import Picked
from leadqual.desk.exporting import AT_ONCE, FORMATS, path_of, prepare, write_at_once
from leadqual.desk.models import Export, WorkState
from leadqual.desk.working import wake


def start_export(request: HttpRequest, picked: Picked, format: str, total: int) -> HttpResponse:
    ids = (
        [] if picked.everything else [str(each) for each in picked.leads.values_list("public_id", flat=True)]
    )
    export = prepare(request.user, format, ids=ids, query=picked.query, total=total)
    if total <= AT_ONCE:
        path = write_at_once(export)
        answer = _sent(export, path)
        path.unlink()  # the open file is still sent
        return answer  # type: ignore[return-value]
    export.save()
    wake(tasks.write_exports)
    return redirect("desk:export", export.public_id)


@require_safe
@open_to(*EVERYBODY)
def exports(request: HttpRequest) -> HttpResponse:
    """The reader's own large exports, as long as they lie ready."""
    rows = Export.objects.filter(by=request.user.pk).order_by("-made_at")[:20]
    return render(request, "desk/lead_list/exports.html", {"rows": rows})


@require_safe
@open_to(*EVERYBODY)
def export(request: HttpRequest, public_id: str) -> HttpResponse:
    """How far it is; asked again by htmx until it is over."""
    row = get_object_or_404(Export, public_id=public_id, by=request.user)
    part = request.htmx  # type: ignore[attr-defined]
    name = "desk/lead_list/_export_state.html" if part else "desk/lead_list/export.html"
    return render(request, name, {"work": row, "share": share(row.done, row.total)})


@require_safe
@open_to(*EVERYBODY)
def export_download(request: HttpRequest, public_id: str) -> HttpResponseBase:
    row = get_object_or_404(Export, public_id=public_id, by=request.user, state=WorkState.DONE)
    if row.expires_at is None or row.expires_at <= clock.now() or not path_of(row).exists():
        raise Http404
    return _sent(row, path_of(row))


def _sent(export: Export, path: Path) -> FileResponse:
    day = date_format(clock.date_of(clock.today()), "Y-m-d")
    name = f"{_('leads')}-{day}.{export.format}"
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=name, content_type=FORMATS[export.format]
    )


def share(done: int, total: int) -> int:
    """Per cent."""
    return min(100, 100 * done // total) if total else 0
