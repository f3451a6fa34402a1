from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from handoff.models.handoff import Handoff


class Bought(models.TextChoices):
    YES = "yes", _("yes")
    NO = "no", _("no")
    OPEN = "open", _("not decided yet")


class Timing(models.TextChoices):
    TOO_EARLY = "too_early", _("too early")
    RIGHT = "right", _("right")
    TOO_LATE = "too_late", _("too late")


class Feedback(models.Model):
    """What sales says about one handoff: did they buy, was the timing right. A correction is a new row."""

    handoff = models.ForeignKey(Handoff, models.CASCADE, related_name="feedback")
    bought = models.CharField(_("did they buy"), max_length=10, choices=Bought)
    timing = models.CharField(_("was the timing right"), max_length=10, choices=Timing, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    remark = models.TextField(_("remark"), blank=True)
    bant = models.JSONField(default=dict, blank=True)
    amount = models.BigIntegerField(_("amount"), null=True, blank=True)
    day = models.IntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    corrects = models.OneToOneField(
        "self", models.CASCADE, null=True, blank=True, related_name="corrected_by"
    )

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        constraints = [
            models.UniqueConstraint(
                fields=["handoff"], condition=models.Q(corrects=None), name="feedback_first_is_one"
            ),
            models.CheckConstraint(
                condition=models.Q(amount=None) | models.Q(amount__gte=0), name="feedback_amount_not_negative"
            ),
        ]
