"""Saved views of the list, and its columns."""

from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from leadqual.common.access import EVERYBODY, open_to
from leadqual.common.errors import LeadqualError
from leadqual.desk.arranging import arranged, keep_columns, keep_view
from leadqual.desk.columns import MOST, chosen
from leadqual.desk.listing import LeadList
from leadqual.desk.models import SavedView

LONGEST = 8000


@require_POST
@open_to(*EVERYBODY)
def save(request: HttpRequest) -> HttpResponse:
    query = request.POST.get("query", "")[:LONGEST]
    try:
        view = keep_view(
            request.user,
            request.POST.get("name", ""),
            arranged(request.user, QueryDict(query)),
            shared="shared" in request.POST,
            is_default="is_default" in request.POST,
        )
    except LeadqualError as error:
        messages.error(request, str(error.message))
        return redirect(f"{reverse('desk:leads')}?{query}")
    messages.success(request, _("The view “%s” is saved.") % view.name)
    return redirect(f"{reverse('desk:leads')}?view={view.pk}")


@require_POST
@open_to(*EVERYBODY)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView.objects.exclude(name=""), pk=pk, owner=request.user)
    view.delete()
    messages.success(request, _("The view “%s” is deleted.") % view.name)
    return redirect(f"{reverse('desk:leads')}?view=all")


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*EVERYBODY)
def columns(request: HttpRequest) -> HttpResponse:
    """Which columns the reader sees: those ticked, the ones they had before in their old order, new ones behind."""
    query = (
        request.GET if request.method != "POST" else QueryDict(request.POST.get("query", "")[:LONGEST])
    ).copy()
    how = arranged(request.user, query)
    known = LeadList(request.user, {}).columns
    before = [column.key for column in chosen(known, how.columns)]
    if request.method == "POST":
        ticked = [key for key in request.POST.getlist("column") if key in known]
        wanted = [key for key in before if key in ticked] + [key for key in ticked if key not in before]
        if len(wanted) <= MOST:
            return _keep(request, wanted, how.view)
        before = wanted
        messages.error(request, _("At most %d columns are possible.") % MOST)
    groups = [
        (str(group), list(some)) for group, some in groupby(known.values(), key=lambda column: column.group)
    ]
    by_name: dict[str, list[object]] = {}
    for group, some in groups:
        by_name.setdefault(group, []).extend(some)
    context = {"groups": by_name.items(), "ticked": before, "query": how.query, "view": how.view}
    return render(request, "desk/lead_list/columns.html", context)


def _keep(request: HttpRequest, wanted: list[str], view: SavedView | None) -> HttpResponse:
    """In the view that is looked at, if it is the reader's own; else for all that have no view of their own."""
    told = ngettext("%d column is shown.", "%d columns are shown.", len(wanted)) % len(wanted)
    messages.success(request, told)
    if view is not None and view.owner_id == request.user.pk:
        SavedView.objects.filter(pk=view.pk).update(columns=wanted)
    else:
        keep_columns(request.user, wanted)
    query = QueryDict(request.POST.get("query", "")[:LONGEST])
    return redirect(f"{reverse('desk:leads')}?{query.urlencode()}")
