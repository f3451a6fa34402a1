from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from handoff.models.teams import SalesRep


class Reassignment(models.Model):
    """The open leads of a rep who is absent or leaves, given to colleagues in one step.

    The offers it made name it. `before` is what the rep's row said until then, so that it can be taken back.
    """

    rep = models.ForeignKey(
        SalesRep, models.PROTECT, related_name="reassignments", verbose_name=_("sales rep")
    )
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    before = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("reassignment")
        verbose_name_plural = _("reassignments")
        indexes = [models.Index(fields=["-at"], name="reassignment_latest")]

    def __str__(self) -> str:
        return f"{self.rep_id} {self.at:%Y-%m-%d}"
