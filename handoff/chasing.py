"""Sales is asked what became of a lead: after the policy's business days, then weekly, at most three times more."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from handoff.business_time import business_days_before, is_open
from handoff.models import FEEDBACK_AFTER_DAYS, Bought, FeedbackReminder, Handoff, HandoffPolicy
from handoff.models.reminder import link_digest
from handoff.querysets import HandoffQuerySet
from handoff.telling import notice
from leadqual.common import clock
from leadqual.leads.models import Lead
from leadqual.messaging import outbox
from leadqual.messaging.notices import notify

ASK = "handoff.feedback"
AGAIN_AFTER = timedelta(days=7)
TIMES = 4
GOOD_FOR = timedelta(days=30)
# Older handoffs are history: nobody remembers.
LOOK_BACK = timedelta(days=120)
BATCH = 100


def ask_for_feedback(*, now: datetime) -> int:
    """Reminders sent; in office hours only. Runs twice safely: each time of asking is one row per handoff."""
    if not is_open(now):
        return 0
    asked, after = 0, 0
    while ids := list(_due(now).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        after = ids[-1]
        with transaction.atomic():
            asked += _ask(ids, now)
    return asked


def feedback_due(now: datetime) -> Q:
    """Accepted so long ago that what became of the lead should be known by now."""
    today = clock.date_of(clock.day_of(now))

    def before(days: int) -> Q:
        last = clock.day_number(business_days_before(today, days))
        return Q(answered_at__lt=clock.start_of(last + 1))

    due = Q(before(FEEDBACK_AFTER_DAYS), policy=None)
    policies = HandoffPolicy.objects.order_by().values_list("feedback_after_days", flat=True)
    for days in policies.distinct():
        due |= Q(before(days), policy__feedback_after_days=days)
    return due


def _due(now: datetime) -> HandoffQuerySet:
    rows: HandoffQuerySet = (
        Handoff.objects.awaiting_feedback()
        .filter(feedback_due(now), answered_at__gte=now - LOOK_BACK)
        .filter(rep__active=True, rep__user__is_active=True)
        .annotate(asked=Count("reminders"), last=Max("reminders__sent_at"))
        .filter(Q(last=None) | Q(last__lte=now - AGAIN_AFTER), asked__lt=TIMES)
    )
    return rows


def _ask(ids: Sequence[int], now: datetime) -> int:
    """Asked again with the rows locked: whoever comes second finds nothing due."""
    held = Handoff.objects.select_for_update(of=("self",), skip_locked=True, no_key=True).filter(pk__in=ids)
    locked = list(held.order_by("pk").values_list("pk", flat=True))
    rows = list(_due(now).filter(pk__in=locked).select_related("lead__company", "rep__user").order_by("pk"))
    tokens = {row.pk: secrets.token_urlsafe(24) for row in rows}
    made = FeedbackReminder.objects.bulk_create(
        FeedbackReminder(
            handoff=row, rep=row.rep, number=row.asked, digest=link_digest(tokens[row.pk]),
            sent_at=now, expires_at=now + GOOD_FOR,
        )
        for row in rows
    )  # fmt: skip
    notify([notice(ASK, each.handoff, each.rep.user_id, detail=str(each.number)) for each in made], now=now)
    with override(settings.LANGUAGE_CODE):
        mails = [_mail(each, tokens[each.handoff_id]) for each in made if each.rep.user.email]
    if mails:
        outbox.queue(mails, now=now)
    return len(made)


def _mail(reminder: FeedbackReminder, token: str) -> outbox.Mail:
    handoff = reminder.handoff
    until = date_format(reminder.expires_at.astimezone(clock.zone()).date(), "SHORT_DATE_FORMAT")
    return outbox.Mail(
        key=f"feedback-{handoff.public_id}-{reminder.number}",
        user_id=reminder.rep.user_id,
        address=reminder.rep.user.email,
        subject=ngettext("What became of %(count)d lead?", "What became of %(count)d leads?", 1)
        % {"count": 1},
        text=_("Please say in two taps what became of this lead. You need not sign in."),
        parts=[outbox.Part(handoff.lead_id, "\n".join(_lines(handoff.lead, token)))],
        closing=_("The links are meant for you alone and are good until %s.") % until,
    )


def _lines(lead: Lead, token: str) -> Iterable[str]:
    yield " / ".join(part for part in (str(lead), lead.company.name if lead.company else "") if part)
    for bought, words in (
        (Bought.YES, _("They bought")),
        (Bought.NO, _("They did not buy")),
        (Bought.OPEN, _("Not decided yet")),
    ):
        yield f"{words}: {address_of(token)}?bought={bought.value}"


def address_of(token: str) -> str:
    return settings.PUBLIC_ADDRESS + reverse("inbox:answer", kwargs={"token": token})
