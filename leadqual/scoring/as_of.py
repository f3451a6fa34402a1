"""The day that live scores stand at. It only moves forward (semantics 2)."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.scoring.models import ModelState, ScoringModel

# Scores that stand further back than this are worked on as of the past: events leave them there. Commands move them,
# and the daily run of an installation that is running does, for after an outage it must find its way back.
PRESENT = 7


def latest() -> int | None:
    """The latest day for which a score of the live model was written; None while there is none."""
    return ScoringModel.objects.filter(state=ModelState.LIVE).values_list("as_of", flat=True).first()


def stands_at(model: ScoringModel) -> int | None:
    """The same for any model; one that is being built stands at least at the day it is built for."""
    if model.state == ModelState.BUILDING:
        return max(model.published_day or 0, model.as_of or 0)
    return model.as_of


def state_day(now: datetime) -> int | None:
    """The day on which what happens now is scored; None before anybody has a score."""
    as_of = latest()
    return None if as_of is None else working_day(as_of, now)


def working_day(as_of: int, now: datetime) -> int:
    """Today, or where a past that is worked on stands."""
    today = clock.day_of(now)
    return max(as_of, today) if today - as_of <= PRESENT else as_of


def refuse_going_back(day: int) -> None:
    as_of = latest()
    if as_of is not None and day < as_of:
        message = _("scores stand at %(as_of)s and only move forward; %(day)s is before that")
        raise LeadqualError(
            "day_goes_back",
            message % {"as_of": clock.date_of(as_of).isoformat(), "day": clock.date_of(day).isoformat()},
            "--as-of",
        )


def move_forward(model_id: int, day: int) -> None:
    """In the transaction that writes scores for the day."""
    ScoringModel.objects.filter(Q(as_of=None) | Q(as_of__lt=day), pk=model_id).update(as_of=day)
