from hashlib import sha256

from django.db import models
from django.utils.translation import gettext_lazy as _

from handoff.models.handoff import Handoff
from handoff.models.teams import SalesRep


def link_digest(token: str) -> str:
    """Unsalted on purpose: a link is random, and is looked up by this."""
    return sha256(token.encode()).hexdigest()


class FeedbackReminder(models.Model):
    """Once a rep was asked what became of a lead, and the link in that mail by which they answer without signing in.

    Only the mail knows the link; here is its digest. It is good for this rep and this handoff only, until it expires,
    is used, or the handoff leaves the rep.
    """

    handoff = models.ForeignKey(Handoff, models.CASCADE, related_name="reminders")
    rep = models.ForeignKey(SalesRep, models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("feedback reminder")
        verbose_name_plural = _("feedback reminders")
        constraints = [models.UniqueConstraint(fields=["handoff", "number"], name="feedback_asked_once_each")]

    def __str__(self) -> str:
        return f"{self.handoff_id} {self.number}"
