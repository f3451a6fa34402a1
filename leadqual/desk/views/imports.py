"""Import in the browser: upload, see ten rows, say which column is what, watch it, read the report."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadqual.common.access import Role, open_to
from leadqual.common.errors import LeadqualError
from leadqual.common.uploads import too_large
from leadqual.desk import tasks
from leadqual.desk.import_forms import MappingForm
from leadqual.desk.import_report import counts_of, rejected_csv, rejected_of
from leadqual.desk.models import Upload, WorkState
from leadqual.desk.uploading import forget, job_of, keep, maps_of, opened, preview
from leadqual.desk.views.exports import share
from leadqual.desk.working import wake
from leadqual.leads.models import Import, ImportKind

SHOWN = 20
KINDS = [(ImportKind.LEADS, gettext_lazy("leads")), (ImportKind.ACTIVITIES, gettext_lazy("activities"))]


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV file"), allow_empty_file=True,
        help_text=gettext_lazy("Any usual encoding and separator, also gzip; the first row names the columns."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=gettext_lazy("What its rows are"), choices=KINDS, initial=ImportKind.LEADS)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.MARKETER)
def imports(request: HttpRequest) -> HttpResponse:
    """A file to upload, and what was imported before."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if too_large(request):
            form.errors["file"] = form.error_class(
                [_("is larger than %d MB") % (settings.IMPORT_MOST_BYTES // 1_000_000)]
            )
        elif form.is_valid():
            try:
                row = keep(form.cleaned_data["file"], form.cleaned_data["kind"], by=request.user,
                           language=request.LANGUAGE_CODE)  # fmt: skip
            except LeadqualError as error:
                form.add_error("file", str(error.message))
            else:
                return redirect("desk:import", row.public_id)
    runs = Import.objects.select_related("by").prefetch_related("uploads").order_by("-started_at")[:SHOWN]
    open_ones = Upload.objects.filter(batch=None).exclude(state=WorkState.DONE).order_by("-made_at")[:SHOWN]
    context = {"form": form, "runs": runs, "uploads": open_ones}
    return render(request, "desk/lead_list/imports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.MARKETER)
def import_(request: HttpRequest, public_id: str) -> HttpResponse:
    """One upload: to be mapped, on its way, or done with its report."""
    row = get_object_or_404(Upload.objects.select_related("batch", "by"), public_id=public_id)
    if row.state == WorkState.PREPARED:
        return _mapped(request, row)
    context = _progress(row)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "desk/lead_list/_import_state.html", context)
    return render(request, "desk/lead_list/import.html", context)


def _mapped(request: HttpRequest, row: Upload) -> HttpResponse:
    try:
        seen = preview(row)
    except LeadqualError as error:
        messages.error(request, str(error.message))
        return redirect("desk:imports")
    form = MappingForm(request.POST or None, kind=row.kind, columns=seen.table.columns, guessed=seen.guessed)
    if request.method == "POST" and form.is_valid():
        options = form.options(maps_of(seen, form.targets, rest=form.keeps_rest, taken=form.taken))
        try:
            job_of(row, opened(row), options)
        except LeadqualError as error:
            form.put(error)
        else:
            Upload.objects.filter(pk=row.pk, state=WorkState.PREPARED).update(
                options=options, state=WorkState.WAITING
            )
            wake(tasks.import_uploads)
            return redirect("desk:import", row.public_id)
    return render(
        request, "desk/lead_list/import_mapping.html", {"upload": row, "preview": seen, "form": form}
    )


def _progress(row: Upload) -> dict[str, Any]:
    batch = row.batch
    counts = counts_of(batch) if batch is not None else []
    done = sum(number for _key, _words, number in counts)
    return {
        "work": row, "upload": row, "batch": batch, "counts": counts, "sum": done,
        "share": share(done, batch.rows) if batch is not None else 0,
        "rejected": rejected_of(batch) if batch is not None and row.is_over else [],
    }  # fmt: skip


@require_POST
@open_to(Role.MARKETER)
def import_cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """A file that was uploaded and not imported is thrown away."""
    row = get_object_or_404(_unused(), public_id=public_id)
    forget(row)
    row.delete()
    messages.success(request, _("The file is thrown away; nothing was imported."))
    return redirect("desk:imports")


def _unused() -> QuerySet[Upload]:
    return Upload.objects.filter(batch=None, state__in=[WorkState.PREPARED, WorkState.FAILED])


@require_safe
@open_to(Role.MARKETER)
def import_rejected(request: HttpRequest, public_id: str) -> StreamingHttpResponse:
    """The report as a file: every rejected row with row, column, code and value."""
    batch = get_object_or_404(Import, public_id=public_id)
    answer = StreamingHttpResponse(rejected_csv(batch), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="rejected-{batch.pk}.csv"'
    return answer


@require_safe
@open_to(Role.MARKETER)
def import_report(request: HttpRequest, public_id: str) -> HttpResponse:
    """The report of an import that a command or the browser ran."""
    batch = get_object_or_404(Import.objects.select_related("by"), public_id=public_id)
    counts = counts_of(batch)
    context = {
        "batch": batch, "counts": counts, "sum": sum(number for _key, _words, number in counts),
        "rejected": rejected_of(batch),
    }  # fmt: skip
    return render(request, "desk/lead_list/import_report.html", context)
