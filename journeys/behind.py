"""The leads behind a number of a map."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from journeys.models import JourneyMap, MapState, Stage, StagePlacement, Touchpoint
from leadqual.common import clock
from leadqual.leads.models import Activity, Lead
from segments.models import Membership

PAGE = 50


@dataclass(frozen=True, slots=True)
class Person:
    lead: Lead
    on: date  # in the stage since, or passed last


@dataclass(frozen=True, slots=True)
class People:
    """`days` says of some leads since when, or when last; it is asked for one page only.

    `stage`: the list of leads can show the same ones.
    """

    title: str
    date_label: str
    leads: QuerySet[Any]
    days: Callable[[list[int]], dict[int, int]]
    stage: int | None = None

    def rows(self, user: Any, before: int | None = None) -> list[Person]:
        """One more than a page, newest leads first."""
        found = Lead.objects.visible_to(user).filter(pk__in=self.leads)
        if before is not None:
            found = found.filter(pk__lt=before)
        page = list(found.select_related("company", "owner").order_by("-pk")[: PAGE + 1])
        days = self.days([lead.pk for lead in page])
        return [Person(lead, clock.date_of(days[lead.pk])) for lead in page if lead.pk in days]


def in_stage(each: JourneyMap, key: str) -> People:
    """Also where they still stand in an earlier version."""
    stage = Stage.objects.filter(map=each, key=key).first()
    if stage is None:
        raise Http404
    rows = StagePlacement.objects.filter(map__name=each.name, stage__key=key)

    def since(leads: list[int]) -> dict[int, int]:
        return dict(rows.filter(lead__in=leads).values_list("lead_id", "since_day"))

    title = _("Leads in the stage “%s”") % stage.name
    return People(
        title,
        _("in the stage since"),
        rows.values("lead_id"),
        since,
        stage.pk if each.state == MapState.LIVE else None,
    )


def passing(each: JourneyMap, touchpoint: int, days: int, day: int) -> People:
    found = Touchpoint.objects.filter(stage__map=each, pk=touchpoint).first()
    if found is None:
        raise Http404
    acts = Activity.objects.filter(
        lead__in=Membership.objects.filter(segment=each.segment_id).values("lead_id"),
        machine=False,
        day__gt=day - days,
        day__lte=day,
        signature__type__in=found.activity_types.values("pk"),
    )

    def last(leads: list[int]) -> dict[int, int]:
        grouped = acts.filter(lead__in=leads).order_by().values("lead_id").annotate(last=Max("day"))
        return {row["lead_id"]: row["last"] for row in grouped}

    title = ngettext(
        "Leads that passed “%(touchpoint)s” in the last %(days)d day",
        "Leads that passed “%(touchpoint)s” in the last %(days)d days",
        days,
    ) % {"touchpoint": found.action, "days": days}
    return People(title, _("last passed"), acts.values("lead_id"), last)
