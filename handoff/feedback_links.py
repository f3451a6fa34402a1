"""The link in a reminder: one answer about one handoff from the rep who has it, without signing in."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db.models import F
from django.utils.translation import gettext as _

from handoff import answering
from handoff.feedback import current, give_feedback
from handoff.models import Feedback, FeedbackReminder, State
from handoff.models.reminder import link_digest
from leadqual.common.errors import LeadqualError

# Where the handoff still is that rep's business.
THEIRS = (State.ACCEPTED.value, State.CLOSED.value)

A_MINUTE, MINUTE = 30, 60


def too_many(address: str) -> bool:
    """Whether this visitor has opened so many links that never were, within a minute, that somebody is guessing."""
    return int(cache.get(_guesses(address), 0)) >= A_MINUTE


def note_guess(token: str, address: str) -> None:
    """Counts a link that was never sent; one that is spent was, and a whole office may share an address."""
    if FeedbackReminder.objects.filter(digest=link_digest(token)).exists():
        return
    cache.add(_guesses(address), 0, MINUTE)
    with suppress(ValueError):  # the minute ended in between
        cache.incr(_guesses(address))


def _guesses(address: str) -> str:
    return f"feedback-link:{address}"


def usable(token: str, *, now: datetime) -> FeedbackReminder | None:
    """The reminder behind a link that may still be answered; one query."""
    return (
        FeedbackReminder.objects.filter(
            digest=link_digest(token),
            expires_at__gt=now,
            used_at=None,
            handoff__state__in=THEIRS,
            handoff__feedback=None,
            handoff__rep=F("rep"),
            rep__active=True,
            rep__user__is_active=True,
        )
        .select_related("handoff__lead__company", "handoff__rep", "rep__user")
        .first()
    )


def answer(link: FeedbackReminder, *, now: datetime, **said: Any) -> Feedback:
    """Once: the link is spent in the transaction that writes the answer. It never corrects one given in the app."""
    with answering.held(link.handoff, link.rep.user) as row:
        spent = FeedbackReminder.objects.filter(pk=link.pk, used_at=None).update(used_at=now)
        if not spent or current(row) is not None:
            raise LeadqualError("link_spent", _("this link has been used already"), "token")
        return give_feedback(row, now=now, by=link.rep.user, **said)
