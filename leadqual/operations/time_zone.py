"""The organisation's time zone: nobody works in another one by accident, and one command changes it with all days."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Expression, F, Func, IntegerField, Max
from django.utils.translation import gettext as _

from handoff.models import Feedback
from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.common.locks import Lock, lock_alone
from leadqual.common.models import Organisation
from leadqual.leads.models import Activity, BantAnswer, Company, FieldChange, Lead, StatusChange
from leadqual.scoring import as_of
from leadqual.scoring.models import ModelState, ScoringModel
from leadqual.scoring.rescoring import rebuild_all
from segments.membership import refresh
from segments.models import Segment

COMMAND = "change_time_zone"

# Days that follow from a moment. All others (as of which day something was judged, an outcome's day, a date that
# somebody entered) were said as days and stay the days that were said.
DAYS: list[tuple[Any, str, str]] = [
    (Activity, "day", "occurred_at"),
    (Lead, "created_day", "created_at"),
    (Company, "created_day", "created_at"),
    (FieldChange, "day", "at"),
    (StatusChange, "day", "at"),
    (BantAnswer, "day", "at"),
    (Feedback, "day", "at"),
]


class DayIn(Func):
    """The day number of a moment in a zone, the same on both databases."""

    output_field = IntegerField()

    def __init__(self, moment: Expression | F, zone: str) -> None:
        super().__init__(moment)
        self.zone = zone

    def as_sqlite(self, compiler: Any, connection: Any, **_rest: Any) -> Any:
        moment, params = compiler.compile(self.source_expressions[0])
        date = f"django_datetime_cast_date({moment}, %s, 'UTC')"
        return f"CAST(JULIANDAY({date}) - 2440587.5 AS INTEGER)", [*params, self.zone]

    def as_postgresql(self, compiler: Any, connection: Any, **_rest: Any) -> Any:
        moment, params = compiler.compile(self.source_expressions[0])
        return f"(({moment} AT TIME ZONE %s)::date - DATE '1970-01-01')", [*params, self.zone]


def stored_zone() -> str | None:
    """The zone in the database; None while there is none yet (before the first migrate) or no database answers."""
    try:
        return Organisation.objects.values_list("time_zone", flat=True).first()
    except DatabaseError:
        return None


def refuse_other_zone() -> None:
    """Called where anything starts: in another zone every act would fall on another day than those before it."""
    stored = stored_zone()
    if stored not in (None, settings.TIME_ZONE):
        message = _(
            "the database counts its days in %(stored)s, the settings say %(set)s; run “manage.py %(command)s”"
        )
        values = {"stored": stored, "set": settings.TIME_ZONE, "command": COMMAND}
        raise LeadqualError("other_time_zone", message % values, "LEADQUAL_TIME_ZONE")


def change(*, now: datetime, progress: Callable[[str], None] = lambda step: None) -> dict[str, int]:
    """Counts every day anew in the zone of the settings and rebuilds what was counted from them.

    One transaction, so that no day of the old zone is ever scored beside one of the new; nobody else writes meanwhile.
    Qualifications keep the days on which they were judged. Other processes must be started again afterwards.
    """
    zone = settings.TIME_ZONE
    counts: dict[str, int] = {}
    with transaction.atomic():
        lock_alone(Lock.PEOPLE)
        lock_alone(Lock.LEDGER)
        _refuse_while_building()
        Organisation.objects.filter(pk=Organisation.ONLY).update(time_zone=zone)
        clock.forget_zone()
        for model, day, moment in DAYS:
            progress(str(model._meta.verbose_name_plural))
            new = DayIn(F(moment), zone)
            rows = model._default_manager.exclude(**{day: new})
            counts[model._meta.db_table] = rows.update(**{day: new})
        progress(_("scores"))
        if (stands_at := as_of.latest()) is not None:
            rebuild_all(day=stands_at, now=now)
        progress(_("segments"))
        refreshed = Segment.objects.aggregate(day=Max("refreshed_day"))["day"]
        if refreshed is not None:
            refresh(day=refreshed, now=now)
    return counts


def _refuse_while_building() -> None:
    if model := ScoringModel.objects.filter(state=ModelState.BUILDING).first():
        message = _("a model is being published; finish or discard it first")
        raise LeadqualError("publishing_already", message, str(model))
