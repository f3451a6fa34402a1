"""When a lead that was hot before may be hot again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from leadqual.leads.models import Activity
from leadqual.scoring.chosen import of_leads
from leadqual.scoring.compiled import compiled
from leadqual.scoring.models import EndedReason, Qualification, ScoringModel


@dataclass(frozen=True, slots=True)
class End:
    """How the last qualification of a lead ended."""

    day: int
    at: datetime
    reason: str


def may_open(lead_ids: Collection[int], model: ScoringModel, *, day: int) -> set[int]:
    """Those that never were hot, or may be again: two queries at most.

    Sales' no holds until the cool-down is over and a strong act has occurred after it; any other end until one of
    the two. A model that went live holds nothing back.
    """
    ends = last_ends(lead_ids)
    asked = {lead for lead, end in ends.items() if _needs_an_act(end, model, day)}
    acts = last_strong_acts(asked, model, day=day)
    held = {lead for lead in asked if not (lead in acts and acts[lead] > (ends[lead].day, ends[lead].at))}
    held |= {
        lead for lead, end in ends.items() if end.reason == EndedReason.SALES and not _cooled(end, model, day)
    }
    return set(lead_ids) - held


def _needs_an_act(end: End, model: ScoringModel, day: int) -> bool:
    if end.reason == EndedReason.MODEL:
        return False
    return _cooled(end, model, day) == (end.reason == EndedReason.SALES)


def _cooled(end: End, model: ScoringModel, day: int) -> bool:
    return day >= end.day + model.cool_down_days


def last_ends(lead_ids: Collection[int]) -> dict[int, End]:
    ended = Qualification.objects.filter(of_leads(Qualification, lead_ids), ended_day__isnull=False)
    rows = ended.order_by("ended_day", "ended_at", "pk").values_list(
        "lead_id", "ended_day", "ended_at", "ended_reason"
    )
    return {
        lead: End(day, at, reason) for lead, day, at, reason in rows if day is not None and at is not None
    }


def last_strong_acts(
    lead_ids: Collection[int], model: ScoringModel, *, day: int
) -> Mapping[int, tuple[int, datetime]]:
    """Day and moment of each lead's last act of strong intent, as the model froze the types.

    The day comes first: where old data is worked, everything ends at the same late moment.
    """
    if not lead_ids:
        return {}
    acts = (
        Activity.objects.filter(
            of_leads(Activity, lead_ids),
            machine=False,
            day__lte=day,
            signature__type_id__in=compiled(model).strong_types,
        )
        .values_list("lead_id")
        .annotate(Max("day"), Max("occurred_at"))
    )
    return {lead: (last_day, at) for lead, last_day, at in acts}
