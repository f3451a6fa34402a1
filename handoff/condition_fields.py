"""What handoff adds to the condition language: derived, so that no score can ask it."""

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from handoff.models import Handoff
from segments.conditions.fields import Field, Params, register
from segments.conditions.kinds import Kind


def _offered(day: int, params: Params) -> Any:
    return Exists(Handoff.objects.filter(lead_id=OuterRef("pk"), offered_at__isnull=False))


def _were_offered(leads: Collection[int], day: int, params: Params) -> dict[int, bool]:
    offered = set(
        Handoff.objects.filter(lead_id__in=leads, offered_at__isnull=False).values_list("lead_id", flat=True)
    )
    return {lead: lead in offered for lead in leads}


def register_fields() -> None:
    register(
        Field(
            "handed_off", _("handed over to sales before"), Kind.BOOLEAN, nullable=False, derived=True,
            expression=_offered, load=_were_offered,
        ),
        Field("with_sales", _("with sales now"), Kind.BOOLEAN, "with_sales", nullable=False, derived=True),
    )  # fmt: skip
