from io import StringIO

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from leadqual.common.access import EVERYBODY, Role, has_role, open_to
from leadqual.common.exports import CsvWriter
from leadqual.improvement.exporting import BY_VERSION, TABLES
from leadqual.improvement.views.reports import asked


@require_safe
@open_to(*EVERYBODY)
def export(request: HttpRequest, report: str) -> HttpResponse:
    """The numbers of a report's page, for the leads chosen there; a rep may take only the answers they may see."""
    if report not in TABLES or (report != "answers" and not has_role(request.user, Role.MARKETER)):
        raise Http404
    scope, _context = asked(request, by_version=report in BY_VERSION)
    header, rows = TABLES[report](scope, request.user)
    file = StringIO(newline="")
    writer = CsvWriter(file, header)
    for row in rows:
        writer.row(row)
    response = HttpResponse(
        file.getvalue().encode(CsvWriter.ENCODING), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{report}.csv"'
    return response
