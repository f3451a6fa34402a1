"""What journeys add to the condition language: `{"field": "stage", "map": "NAME", "op": "is", "value": "KEY"}`."""

from collections.abc import Collection
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from journeys.models import JourneyMap, StagePlacement
from segments.conditions.fields import Field, Params, register
from segments.conditions.kinds import Kind

STAGE = "stage"


def placements(map_name: str) -> QuerySet[StagePlacement]:
    """Where the leads of a map stand. For a moment after a new version went live some still stand in the old one."""
    versions = dict(JourneyMap.objects.filter(name=map_name).values_list("pk", "state"))
    live = "live" in versions.values()
    return StagePlacement.objects.filter(map_id__in=list(versions) if live else [0])


def _key(day: int, params: Params) -> Any:
    standing = placements(params["map"]).filter(lead_id=OuterRef("pk"))
    return Subquery(standing.order_by("-map_id").values("stage__key")[:1])


def _keys(leads: Collection[int], day: int, params: Params) -> dict[int, str]:
    rows = placements(params["map"]).filter(lead_id__in=leads).order_by("map_id")
    return dict(rows.values_list("lead_id", "stage__key"))


def register_fields() -> None:
    register(
        Field(
            STAGE,
            _("stage"),
            Kind.CHOICE,
            derived=True,
            params=("map",),
            expression=_key,
            load=_keys,
        )
    )
