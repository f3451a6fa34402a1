"""A page of the segments costs the same queries with three rows and with thirty, and never more than twelve."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadqual.common import clock
from segments import membership
from segments.changing import change_segment
from segments.definition import save_segment
from tests.segments.browsing import a_marketer, field_row, posted
from tests.segments.factories import a_company, a_field, a_lead, a_type, field

pytestmark = pytest.mark.django_db
BUDGET = 12
ACT = {"activity": "download", "op": "at_least", "count": 1}


def grown(rows: int) -> int:
    """So many segments, members, changes, versions and manual members; the segment that has them all."""
    now = clock.now()
    found = [
        a_lead(title_folded="boss", name_folded="boss", company=a_company(name=f"Works {n}"))
        for n in range(rows)
    ]
    tree = {"any": [field("title", "is", "boss"), ACT, field("custom.size", "at_least", 3)]}
    values: dict[str, Any] = {"description": "", "state": "live", "now": now}
    segment = change_segment(None, name=f"All {rows}", tree=tree, **values)
    for number in range(rows):
        save_segment(f"{rows} {number}", {"all": [{"segment": segment.pk}]}, description=str(number), now=now)
        save_segment(segment.name, tree, description=str(number), now=now)
        membership.exclude(segment, found[number], now=now)
        membership.forget(segment, found[number], now=now)
        membership.include(segment, found[number], now=now)
    return segment.pk


def queries(client: Client, path: str, **data: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        answer = client.post(path, data) if data else client.get(path)
    assert answer.status_code == 200
    # A transaction within the test's own is a savepoint; on a server it begins without a statement to count.
    marks = ("SAVEPOINT", "RELEASE", "SET LOCAL")
    return sum(not query["sql"].startswith(marks) for query in caught.captured_queries)


PATHS = ("/segments/", "/segments/{pk}/", "/segments/{pk}/history/", "/segments/{pk}/edit/", "/segments/new/",
         "/segments/{pk}/retire/", "/segments/{pk}/why/?q=boss")  # fmt: skip


def test_queries_do_not_grow_with_rows() -> None:
    a_type("download")
    a_field("size", "number")
    _user, client = a_marketer()
    few = grown(3)
    counts = {path: queries(client, path.format(pk=few)) for path in PATHS}
    many = grown(30)
    assert {path: queries(client, path.format(pk=many)) for path in PATHS} == counts
    assert {path: number for path, number in counts.items() if number > BUDGET} == {}
    typed = posted(
        field_row("title", "is", "boss"), {"kind": "activity", "activity": "download"}, segment=str(many)
    )
    assert queries(client, "/segments/count/", **typed) <= BUDGET
