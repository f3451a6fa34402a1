"""All segments, read at once: what every page about them begins with. There are tens of them, not thousands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField
from django.db.models.expressions import RawSQL
from django.http import Http404

from leadqual.leads.models import Lead
from segments.models import Membership, Segment, SegmentState
from segments.standing import working_day

EVERYBODY = f"(SELECT COUNT(*) FROM {Lead._meta.db_table})"
MEMBERS = (
    f"(SELECT COUNT(*) FROM {Membership._meta.db_table} m WHERE m.segment_id = {Segment._meta.db_table}.id)"
)


@dataclass(frozen=True, slots=True)
class Shelf:
    """`everybody` is the number of leads there are, 0 where there is no segment to compare them with.

    `sizes` are counted only where they are asked for: that reads every membership.
    """

    rows: dict[int, Segment]
    everybody: int
    sizes: dict[int, int]

    @classmethod
    def filled(cls, *, sizes: bool = False) -> "Shelf":
        numbers = {"everybody": RawSQL(EVERYBODY, (), BigIntegerField())}
        if sizes:
            numbers["members"] = RawSQL(MEMBERS, (), BigIntegerField())
        rows: list[Any] = list(Segment.objects.annotate(**numbers).order_by("name"))
        found: dict[int, Segment] = {row.pk: row for row in rows}
        counted = {row.pk: row.members for row in rows} if sizes else {}
        return cls(found, next((row.everybody for row in rows), 0), counted)

    def segment(self, pk: int) -> Segment:
        if pk not in self.rows:
            raise Http404
        return self.rows[pk]

    def live(self) -> list[int]:
        return [pk for pk, row in self.rows.items() if row.state == SegmentState.LIVE]

    def day(self, now: datetime) -> int:
        days = [row.refreshed_day for row in self.rows.values() if row.refreshed_day is not None]
        return working_day(max(days, default=None), now)
