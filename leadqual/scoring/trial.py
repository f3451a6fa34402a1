from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Trial(models.Model):
    """A draft tried on every lead: what would change if it were live. One per draft, stored as far as it has come.

    `digest` is of what the draft said; `position` the last lead looked at. Ids of leads are kept, no more of them.
    """

    model = models.OneToOneField("scoring.ScoringModel", models.CASCADE, related_name="trial")
    against = models.ForeignKey("scoring.ScoringModel", models.SET_NULL, null=True, related_name="+")
    digest = models.CharField(max_length=64)
    day = models.IntegerField()
    leads = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    position = models.BigIntegerField(default=0)
    changed = models.IntegerField(default=0)
    higher = models.IntegerField(default=0)
    newly_hot = models.JSONField(default=list)
    ending = models.JSONField(default=list)
    staying = models.IntegerField(default=0)
    moved = models.JSONField(default=list)  # [lead, points before, points after], the greatest changes first
    fired = models.JSONField(default=dict)  # rule -> leads to whom it gives points
    begun_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("what-if")
        verbose_name_plural = _("what-ifs")

    def __str__(self) -> str:
        return f"{self.model_id} {self.day}"
