"""What scoring adds to the condition language: derived, so that no score can ask it."""

from collections.abc import Collection
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, QuerySet, Subquery, TextField, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leadqual.scoring.explaining import COLD, HOT, WARM
from leadqual.scoring.models import LeadScore, ModelState, Qualification
from segments.conditions.fields import Field, Params, register
from segments.conditions.kinds import Kind


def _points(key: str, column: str, label: str | Promise) -> Field:
    def live() -> QuerySet[LeadScore]:
        return LeadScore.objects.filter(model__state=ModelState.LIVE)

    def expression(day: int, params: Params) -> Any:
        return Subquery(live().filter(lead_id=OuterRef("pk")).values(column))

    def load(leads: Collection[int], day: int, params: Params) -> dict[int, int]:
        return dict(live().filter(lead_id__in=leads).values_list("lead_id", column))

    return Field(key, label, Kind.NUMBER, derived=True, expression=expression, load=load)


def _is_hot(day: int, params: Params) -> Any:
    return Exists(Qualification.objects.filter(lead_id=OuterRef("pk"), ended_day=None))


def _are_hot(leads: Collection[int], day: int, params: Params) -> dict[int, bool]:
    open_ones = Qualification.objects.filter(lead_id__in=leads, ended_day=None)
    hot = set(open_ones.values_list("lead_id", flat=True))
    return {lead: lead in hot for lead in leads}


def _band_of_row() -> Any:
    return Case(
        When(total__gte=F("model__hot_at"), then=Value(HOT)),
        When(total__gte=F("model__cool_at"), then=Value(WARM)),
        default=Value(COLD),
        output_field=TextField(),
    )


def _live_bands() -> Any:
    return LeadScore.objects.filter(model__state=ModelState.LIVE).annotate(band=_band_of_row())


def _band(day: int, params: Params) -> Any:
    return Subquery(_live_bands().filter(lead_id=OuterRef("pk")).values("band"))


def _bands(leads: Collection[int], day: int, params: Params) -> dict[int, str]:
    return dict(_live_bands().filter(lead_id__in=leads).values_list("lead_id", "band"))


BANDS = (
    (HOT, pgettext_lazy("band", "Hot")),
    (WARM, pgettext_lazy("band", "Warm")),
    (COLD, pgettext_lazy("band", "Cold")),
)

FIELDS = (
    _points("score", "total", _("score")),
    _points("score_fit", "fit", _("points for fit")),
    _points("score_engagement", "engagement", _("points for engagement")),
    Field(
        "band",
        _("score band"),
        Kind.CHOICE,
        derived=True,
        choices=BANDS,
        expression=_band,
        load=_bands,
    ),
    Field(
        "hot",
        _("hot lead now"),
        Kind.BOOLEAN,
        nullable=False,
        derived=True,
        expression=_is_hot,
        load=_are_hot,
    ),
)


def register_fields() -> None:
    register(*FIELDS)
