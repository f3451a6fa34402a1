from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from journeys.models.maps import JourneyMap


class Act(models.TextChoices):
    CREATED = "created", _("created")
    CHANGED = "changed", _("changed")
    REMOVED = "removed", _("removed")
    LIVE = "live", _("went live")
    RETIRED = "retired", _("retired")


class MapChange(models.Model):
    """Who changed what of a map, one line per save. Append only."""

    map = models.ForeignKey(JourneyMap, models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    act = models.CharField(_("what was done"), max_length=10, choices=Act)
    what = models.CharField(_("done to"), max_length=300, blank=True)
    fields = models.JSONField(default=list)

    class Meta:
        verbose_name = _("change of a map")
        verbose_name_plural = _("changes of maps")
        ordering = ["-at", "-id"]
