"""What the list of leads can be narrowed down by. Every name is listed here; nothing else of an address is read."""

import uuid
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet, MultipleChoiceFilter

from journeys.models import StagePlacement
from leadqual.common import clock
from leadqual.common.words import folded
from leadqual.desk.lookups import Choices, Lookups
from leadqual.desk.views.search import matching
from leadqual.leads.company_names import normalised
from leadqual.leads.models import Lead, Outcome, Status
from leadqual.leads.querysets import LeadQuerySet, sees_everybody
from leadqual.scoring.explaining import COLD, HOT, WARM
from leadqual.scoring.models import Qualification
from leadqual.scoring.showing import band_words
from segments.models import Membership

NOW, NONE, MINE = "now", "none", "me"
YES_NO = [("yes", _("yes")), ("no", _("no"))]
DAY = {"widget": forms.DateInput(attrs={"type": "date"})}


def in_no_segment(segments: Choices) -> Any:
    """Leads that no live segment describes. The key of a membership begins with its segment, so these are named."""
    ids = [pk for pk, _name in segments]
    return ~Exists(Membership.objects.filter(segment__in=ids, lead=OuterRef("pk"))) if ids else Q()


def hot_now() -> Any:
    return Exists(Qualification.objects.filter(lead=OuterRef("pk"), ended_day=None))


class LeadFilter(FilterSet):
    q = CharFilter(label=_("Words"), method="by_words", max_length=200)
    status = MultipleChoiceFilter(
        label=_("Status"), choices=Status.choices, widget=forms.CheckboxSelectMultiple, method="by_status"
    )
    band = ChoiceFilter(label=_("Score"), method="by_band", empty_label=_("any"), choices=())
    segment = ChoiceFilter(label=_("Segment"), method="by_segment", empty_label=_("any"), choices=())
    stage = ChoiceFilter(label=_("Stage"), method="by_stage", empty_label=_("any"), choices=())
    owner = ChoiceFilter(label=_("Owner"), method="by_owner", empty_label=_("any"), choices=())
    source = CharFilter(label=_("Source"), method="by_source", max_length=200)
    company = CharFilter(label=_("Company"), method="by_company", max_length=200)
    has_email = ChoiceFilter(
        label=_("Has an e-mail address"), method="by_email", empty_label=_("any"), choices=YES_NO
    )
    outcome = ChoiceFilter(
        label=_("Outcome"), method="by_outcome", empty_label=_("any"),
        choices=[("open", Outcome.OPEN.label), *(each for each in Outcome.choices if each[0])],
    )  # fmt: skip
    created_from = DateFilter(label=_("Created from"), method="from_day", **DAY)
    created_to = DateFilter(label=_("Created until"), method="to_day", **DAY)

    class Meta:
        model = Lead
        fields: list[str] = []

    def __init__(self, data: Any, queryset: LeadQuerySet, lookups: Lookups, *, user: Any) -> None:
        super().__init__(data, queryset)
        self.lookups = lookups
        self.user = user
        self._offer(
            "band", [(NOW, _("hot lead now")), *((band, band_words(band)) for band in (HOT, WARM, COLD))]
        )
        self._offer("segment", [(NONE, _("in no segment")), *lookups.segments])
        self._offer("stage", lookups.stages)
        self._offer("owner", [(MINE, _("me")), (NONE, _("nobody")), *lookups.owners])
        if not sees_everybody(user):
            del self.filters["owner"]
        if lookups.model is None:
            self._offer("band", [(NOW, _("hot lead now"))])

    def _offer(self, name: str, choices: list[Any]) -> None:
        self.filters[name].extra["choices"] = [(str(value), label) for value, label in choices]

    @property
    def asks_score(self) -> bool:
        return self.data.get("band") in (HOT, WARM, COLD)

    def by_words(self, rows: LeadQuerySet, name: str, value: str) -> Any:
        return matching(rows, value)

    def by_status(self, rows: LeadQuerySet, name: str, value: list[str]) -> Any:
        return rows.filter(status__in=value) if value else rows

    def by_band(self, rows: LeadQuerySet, name: str, value: str) -> Any:
        model = self.lookups.model
        if value == NOW:
            return rows.filter(hot_now())
        if model is None:
            return rows
        if value == HOT:
            return rows.filter(score_total__gte=model.hot_at)
        if value == WARM:
            return rows.filter(score_total__gte=model.cool_at, score_total__lt=model.hot_at)
        return rows.filter(score_total__lt=model.cool_at)

    def by_segment(self, rows: LeadQuerySet, name: str, value: str) -> Any:
        if value == NONE:
            return rows.filter(in_no_segment(self.lookups.segments))
        return rows.filter(Exists(Membership.objects.filter(segment=int(value), lead=OuterRef("pk"))))

    def by_stage(self, rows: LeadQuerySet, name: str, value: str) -> Any:
        return rows.filter(Exists(StagePlacement.objects.filter(lead=OuterRef("pk"), stage=int(value))))

    def by_owner(self, rows: LeadQuerySet, name: str, value: str) -> Any:
        if value == NONE:
            return rows.filter(owner=None)
        return rows.filter(owner=self.user if value == MINE else int(value))

    def by_source(self, rows: LeadQuerySet, name: str, value: str) -> Any:
        return rows.filter(source_folded__contains=folded(value))

    def by_company(self, rows: LeadQuerySet, name: str, value: str) -> Any:
        try:
            return rows.filter(company__public_id=uuid.UUID(value))
        except ValueError:
            return rows.filter(company__normalised_name__contains=normalised(value) or folded(value))

    def by_email(self, rows: LeadQuerySet, name: str, value: str) -> Any:
        return rows.exclude(email="") if value == "yes" else rows.filter(email="")

    def by_outcome(self, rows: LeadQuerySet, name: str, value: str) -> Any:
        return rows.filter(outcome="" if value == "open" else value)

    def from_day(self, rows: LeadQuerySet, name: str, value: Any) -> Any:
        return rows.filter(created_day__gte=clock.day_number(value))

    def to_day(self, rows: LeadQuerySet, name: str, value: Any) -> Any:
        return rows.filter(created_day__lte=clock.day_number(value))


NAMES = (*LeadFilter.base_filters, "where")
