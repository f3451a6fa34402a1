"""All segments, read at once: what every page about them begins with. There are tens of them, not thousands."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import BigIntegerField
from django.db.models.expressions import RawSQL
from django.http import Http404

from leadqual.leads.models import Lead
from segments.models import Segment, SegmentState
from segments.standing import working_day

EVERYBODY = f"(SELECT COUNT(*) FROM {Lead._meta.db_table})"


@dataclass(frozen=True, slots=True)
class Shelf:
    """`everybody` is the number of leads there are, 0 where there is no segment to compare them with."""

    rows: dict[int, Segment]
    everybody: int

    @classmethod
    def filled(cls) -> "Shelf":
        rows = Segment.objects.annotate(everybody=RawSQL(EVERYBODY, (), BigIntegerField())).order_by("name")
        found: dict[int, Segment] = {row.pk: row for row in rows}
        return cls(found, next((row.everybody for row in rows), 0))

    def segment(self, pk: int) -> Segment:
        if pk not in self.rows:
            raise Http404
        return self.rows[pk]

    def live(self) -> list[int]:
        return [pk for pk, row in self.rows.items() if row.state == SegmentState.LIVE]

    def day(self, now: datetime) -> int:
        days = [row.refreshed_day for row in self.rows.values() if row.refreshed_day is not None]
        return working_day(max(days, default=None), now)
