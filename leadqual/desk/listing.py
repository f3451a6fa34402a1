"""The list of leads: what an address asks for, as rows the reader may see, in an order that an index knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.db.models import Exists, F, FilteredRelation, IntegerField, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.desk import asking
from leadqual.desk.columns import LAST_ACT, SEGMENTS, Column, all_columns, last_act
from leadqual.desk.filters import NAMES, LeadFilter, hot_now
from leadqual.desk.lookups import Lookups, look_up
from leadqual.desk.paging import COUNTED, Count, Order, Page, counted, page_of
from leadqual.leads.models import Lead
from leadqual.leads.querysets import sees_everybody
from leadqual.scoring.models import LeadScore
from segments.conditions import fields, to_q
from segments.models import Membership, SegmentState

SIZE = 50
MANY, KEPT = "leads-are-over-ten-thousand", 60
NEVER = -(10**6)
# A comparison that every score passes and a missing one does not: both databases see an inner join in it.
SCORED: dict[str, Any] = {"score_total__gte": -(2**31)}

SCORE, NAME, NEWEST, LAST = "score", "name", "newest", "last_act"
SORTS = {
    SCORE: _("highest score first"),
    NAME: _("by name"),
    NEWEST: _("newest first"),
    LAST: _("last act first"),
}
ORDERS = {
    SCORE: Order("score_total", "score_lead", descending=True),
    NAME: Order("name_folded"),
    NEWEST: Order("created_at", descending=True),
    LAST: Order("acted", descending=True),
}
Params = Mapping[str, Sequence[str]]


@dataclass
class LeadList:
    """`params` as {name: [values]}; names that the list does not know are not read."""

    user: Any
    params: Params
    sort: str = SCORE
    day: int = field(default_factory=clock.today)

    @cached_property
    def lookups(self) -> Lookups:
        return look_up(self.user)

    @cached_property
    def fields(self) -> dict[str, fields.Field]:
        return {each.key: each for each in fields.all()}

    @cached_property
    def columns(self) -> dict[str, Column]:
        return all_columns(self.fields.values(), self.lookups, day=self.day)

    @cached_property
    def filter(self) -> LeadFilter:
        data = {name: list(self.params.get(name, ())) for name in NAMES}
        rows = Lead.objects.visible_to(self.user)
        found = LeadFilter(_Data(data), rows, self.lookups, user=self.user)
        if found.asks_score:
            found.queryset = self.scored(found.queryset)
        return found

    def scored(self, rows: QuerySet[Lead]) -> QuerySet[Lead]:
        """Filters and orders name the annotations: another look through the relation would be another join."""
        model = self.lookups.model
        if model is None:
            return rows.annotate(score_total=Value(None, IntegerField()))
        return rows.annotate(
            score=FilteredRelation("scores", condition=Q(scores__model_id=model.pk)),
            score_total=F("score__total"),
            score_lead=F("score__lead_id"),
        )

    @cached_property
    def asked(self) -> list[asking.Asked]:
        """The conditions that can be asked; `problem` says what is wrong with another."""
        found = []
        for text in dict.fromkeys(self.params.get("where", ())):
            try:
                found.append(asking.ask(text, self.fields))
            except LeadqualError as error:
                self.problem = (text, error)
        return found[: asking.MOST]

    problem: tuple[str, LeadqualError] | None = None

    @property
    def is_sound(self) -> bool:
        _conditions = self.asked
        return self.filter.form.is_valid() and self.problem is None

    @property
    def is_narrowed(self) -> bool:
        return any(value for name in NAMES for value in self.params.get(name, ()))

    @cached_property
    def leads(self) -> QuerySet[Lead]:
        """Which leads, in no order; nobody where a filter cannot be understood, rather than everybody."""
        if not self.is_sound:
            return Lead.objects.none()
        found: QuerySet[Lead] = self.filter.qs
        for each in self.asked:
            found = found.filter(to_q(each.condition, day=self.day))
        return found

    @cached_property
    def count(self) -> Count:
        """That all leads are over 10,000 is remembered for a minute: to find it out, 10,000 rows are read."""
        if self.is_narrowed or not sees_everybody(self.user):
            return counted(self.leads)
        if cache.get(MANY):
            return Count(COUNTED, True)
        count = counted(self.leads)
        cache.set(MANY, count.more, KEPT)
        return count

    @property
    def order(self) -> str:
        """By last act only where it can be found out in reasonable time, by score only where there are scores."""
        if self.sort == LAST and self.count.more:
            return NEWEST
        if self.sort not in ORDERS or (self.sort == SCORE and self.lookups.model is None):
            return NEWEST if self.lookups.model is None else SCORE
        return self.sort

    def page(self, columns: Sequence[Column], *, after: str = "", before: str = "", size: int = SIZE) -> Page:
        """At most three statements: rows that tie with the last, rows behind them, rows without a score."""
        order = self.order
        rows = with_columns(self.leads, columns)
        if "score_total" not in rows.query.annotations:
            rows = self.scored(rows)
        rows = rows.annotate(hot=hot_now())
        if order == LAST:
            rows = rows.annotate(acted=Coalesce(last_act()[1], Value(NEVER)))
        if order == SCORE:
            page = page_of(
                rows.filter(**SCORED), ORDERS[SCORE],
                size=size, after=after, before=before, shape=order,
            )  # fmt: skip
            return self._with_unscored(page, rows, size, backwards=bool(before and not after))
        return page_of(rows, ORDERS[order], size=size, after=after, before=before, shape=order)

    def _with_unscored(self, page: Page, rows: QuerySet[Lead], size: int, *, backwards: bool) -> Page:
        """Every lead is scored when it is made; should some not be, the last page shows them as far as it has room."""
        model = self.lookups.model
        if model is None or backwards or page.after or len(page.rows) >= size:
            return page
        scored = LeadScore.objects.filter(model=model.pk, lead=OuterRef("pk"))
        left = rows.filter(~Exists(scored)).order_by("pk")[: size - len(page.rows)]
        return Page([*page.rows, *left], "", page.before)


def with_columns(leads: QuerySet[Lead], columns: Sequence[Column]) -> QuerySet[Lead]:
    """The leads with what the columns read: one more query for segments, none for anything else."""
    rows = leads.select_related("company", "owner")
    asked = dict(column.annotation() for column in columns if column.annotation is not None)
    if any(column.key == SEGMENTS for column in columns):
        live = Membership.objects.filter(segment__state=SegmentState.LIVE).select_related("segment")
        rows = rows.prefetch_related(Prefetch("memberships", live, to_attr="live_memberships"))
    return rows.annotate(**asked) if asked else rows


class _Data(dict[str, list[str]]):
    """What a form reads from an address, out of lists of values."""

    def get(self, name: str, default: Any = None) -> Any:
        values = dict.get(self, name)
        return values[-1] if values else default

    def getlist(self, name: str) -> list[str]:
        return dict.get(self, name) or []


__all__ = ["LAST_ACT", "SORTS", "LeadList"]
