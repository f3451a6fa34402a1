"""Whether the system does its work: what waits, since when, when the clockwork last ticked, what failed."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _

from handoff.models import Handoff, State
from leadqual.common import clock
from leadqual.common.periods import last_tick
from leadqual.leads.models import Import, ImportState, Inbox
from leadqual.messaging.models import EmailMessage, MailState
from leadqual.scoring.models import ModelState, ScoringModel

GOOD, LATE, BAD = "good", "note", "bad"


@dataclass(frozen=True)
class Sign:
    """One thing looked at: `state` says how it is, `words` the state in a word, `detail` the figures."""

    name: str
    state: str
    words: str
    detail: str


def signs(*, now: datetime) -> list[Sign]:
    return [_inbox(now), _beat(now), _scores(now), _mail(now), _waiting(now), _imports(), _database()]


def _age(moment: datetime | None, now: datetime) -> int:
    """Whole minutes."""
    return int((now - moment).total_seconds() // 60) if moment else 0


def _inbox(now: datetime) -> Sign:
    found = Inbox.objects.aggregate(
        waiting=Count("pk", filter=Q(quarantined_at=None)),
        oldest=Min("received_at", filter=Q(quarantined_at=None)),
        failed=Count("pk", filter=Q(quarantined_at__isnull=False)),
    )
    minutes = _age(found["oldest"], now)
    detail = _(
        "%(waiting)d wait, the oldest for %(minutes)d minutes; %(failed)d failed three times and are set aside"
    )
    state = BAD if minutes >= 15 else LATE if found["failed"] or minutes >= 2 else GOOD
    return _sign(_("Incoming events"), state, detail % (found | {"minutes": minutes}))


def _beat(now: datetime) -> Sign:
    last = last_tick()
    if last is None:
        return _sign(_("Clockwork"), LATE, _("has not ticked yet: is a worker with beat running?"))
    minutes = _age(last, now)
    return _sign(_("Clockwork"), BAD if minutes >= 5 else GOOD, _("last ticked %d minutes ago") % minutes)


def _scores(now: datetime) -> Sign:
    models = ScoringModel.objects.filter(state__in=(ModelState.LIVE, ModelState.BUILDING)).defer("frozen")
    found = {model.state: model for model in models}
    live = found.get(ModelState.LIVE)
    if live is None:
        return _sign(_("Scores"), LATE, _("no model is live"))
    behind = clock.day_of(now) - (live.as_of or 0)
    detail = _("%(model)s, as of %(day)s") % {"model": live, "day": clock.date_of(live.as_of or 0)}
    if building := found.get(ModelState.BUILDING):
        detail += "; " + _("%s is being built") % building
    return _sign(_("Scores"), GOOD if behind <= 1 else BAD, detail)


def _mail(now: datetime) -> Sign:
    found = EmailMessage.objects.aggregate(
        waiting=Count("pk", filter=Q(state=MailState.QUEUED)),
        failed=Count("pk", filter=Q(state=MailState.FAILED)),
    )
    return _sign(
        _("Mail to colleagues"),
        LATE if found["failed"] else GOOD,
        _("%(waiting)d wait to be sent, %(failed)d failed for good") % found,
    )


def _waiting(now: datetime) -> Sign:
    found = Handoff.objects.filter(state__in=(State.WAITING, State.OFFERED)).aggregate(
        waiting=Count("pk", filter=Q(state=State.WAITING)),
        alarmed=Count("pk", filter=Q(alarmed_at__isnull=False)),
    )
    detail = _("%(waiting)d leads wait for a rep, %(alarmed)d offers nobody took") % found
    return _sign(_("Handoffs"), LATE if found["alarmed"] else GOOD, detail)


def _imports() -> Sign:
    unfinished = Import.objects.exclude(state=ImportState.DONE).count()
    return _sign(_("Imports"), GOOD, _("%d not finished") % unfinished)


def _database() -> Sign:
    return _sign(
        _("Database"), GOOD, {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(connection.vendor, "")
    )


def _sign(name: str, state: str, detail: str) -> Sign:
    words = {GOOD: _("in order"), LATE: _("look at it"), BAD: _("not in order")}[state]
    return Sign(name, state, words, detail)
