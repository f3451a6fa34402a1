"""Until when an offer waits for its answer, in words: “until 17:00 today”, “2 business hours left”."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handoff.business_time import open_time_between
from leadqual.common import clock

HOUR = timedelta(hours=1)
# Business hours; below it the answer is urgent.
SOON = 2


@dataclass(frozen=True, slots=True)
class Deadline:
    """`mark`: good, note (soon) or bad (overdue), which the words say too."""

    until: str
    left: str
    mark: str

    @property
    def overdue(self) -> bool:
        return self.mark == "bad"


def deadline(accept_by: datetime | None, now: datetime) -> Deadline | None:
    if accept_by is None:
        return None
    if accept_by <= now:
        late = open_time_between(accept_by, now)
        return Deadline(_("was due %s") % moment_in_words(accept_by, now), _overdue(late), "bad")
    left = open_time_between(now, accept_by)
    mark = "note" if left < SOON * HOUR else "good"
    return Deadline(_("until %s") % moment_in_words(accept_by, now), _left(left), mark)


def moment_in_words(moment: datetime, now: datetime) -> str:
    """“17:00 today”, “10:00 tomorrow”, “10:00 on 27 November”."""
    local = moment.astimezone(clock.zone())
    values = {"time": f"{local:%H:%M}", "day": date_format(local.date(), _("j F"))}
    days = clock.day_of(moment) - clock.day_of(now)
    words = {
        0: _("%(time)s today"),
        1: _("%(time)s tomorrow"),
        -1: _("%(time)s yesterday"),
    }.get(days, _("%(time)s on %(day)s"))
    return words % values


def _left(left: timedelta) -> str:
    if left < HOUR:
        return _minutes(left) % {"count": _whole_minutes(left)}
    hours = left // HOUR
    return ngettext("%(count)d business hour left", "%(count)d business hours left", hours) % {"count": hours}


def _minutes(left: timedelta) -> str:
    return ngettext("%(count)d minute left", "%(count)d minutes left", _whole_minutes(left))


def _whole_minutes(left: timedelta) -> int:
    return int(left.total_seconds() // 60)


def _overdue(late: timedelta) -> str:
    if late < HOUR:
        return _("Overdue")
    hours = late // HOUR
    return ngettext("Overdue by %(count)d business hour", "Overdue by %(count)d business hours", hours) % {
        "count": hours
    }
