"""Which leads a report is about: days, a segment, a version of the scoring model."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from leadqual.common import clock
from leadqual.scoring.models import ModelState, Qualification, ScoringModel
from segments.models import Membership, Segment

USUAL_DAYS = 365


@dataclass(frozen=True, slots=True)
class Scope:
    """`first` .. `last` are inclusive. The segment has the leads that are in it now, not those that were then."""

    first: int
    last: int
    segment: Segment | None = None
    model: ScoringModel | None = None

    def __contains__(self, day: int) -> bool:
        return self.first <= day <= self.last

    def members(self, lead: str) -> Exists | None:
        """For a queryset whose rows name their lead in `lead`; None when everybody is meant."""
        if self.segment is None:
            return None
        return Exists(Membership.objects.filter(segment=self.segment, lead=OuterRef(lead)))

    def qualifications(self) -> QuerySet[Qualification]:
        """Those that opened in these days, of these leads, under this version."""
        found = Qualification.objects.filter(opened_day__range=(self.first, self.last))
        if self.model is not None:
            found = found.filter(model=self.model)
        members = self.members("lead")
        return found if members is None else found.filter(members)


def months(first: int, last: int) -> Iterator[tuple[int, int]]:
    """The months that touch these days, each with its first and its last day among them."""
    begin = first
    while begin <= last:
        date = clock.date_of(begin)
        following = date.replace(year=date.year + date.month // 12, month=date.month % 12 + 1, day=1)
        end = min(last, clock.day_number(following) - 1)
        yield begin, end
        begin = end + 1


def judging_models() -> QuerySet[ScoringModel]:
    """Versions that have judged leads, the newest first."""
    published = ScoringModel.objects.filter(state__in=(ModelState.LIVE, ModelState.RETIRED))
    return published.order_by("-published_day", "-published_at", "-pk").defer("frozen")


@dataclass(frozen=True, slots=True)
class Published:
    """A mark on a time axis: from this day on another version judged."""

    day: int
    name: str


def published_among(models: Iterable[ScoringModel], scope: Scope) -> list[Published]:
    marks = [Published(model.published_day or 0, str(model)) for model in models]
    return sorted((mark for mark in marks if mark.day in scope), key=lambda mark: mark.day)
