from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from leadqual.common.names import person_name


class SalesTeam(models.Model):
    """Reps among whom leads are shared out; the manager hears of the leads that nobody took."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="managed_teams",
        verbose_name=_("manager"),
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("sales team")
        verbose_name_plural = _("sales teams")

    def __str__(self) -> str:
        return self.name


class SalesRep(models.Model):
    """Somebody who calls leads.

    `capacity` counts open handoffs, and the load is counted when leads are shared out, never stored. `territory` is a
    condition: the rep gets only leads for which it holds. `turn` grows with every lead received: whoever has the
    lowest is next in the round.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="sales_rep", verbose_name=_("user")
    )
    team = models.ForeignKey(SalesTeam, models.PROTECT, related_name="reps", verbose_name=_("team"))
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)
    capacity = models.PositiveIntegerField(_("capacity"), default=20)
    territory = models.JSONField(_("territory"), null=True, blank=True)
    absent_from = models.DateField(_("absent from"), null=True, blank=True)
    absent_until = models.DateField(_("absent until"), null=True, blank=True)
    active = models.BooleanField(_("active"), default=True)
    turn = models.BigIntegerField(default=0, editable=False)
    history = HistoricalRecords(excluded_fields=["turn"])

    class Meta:
        verbose_name = _("sales rep")
        verbose_name_plural = _("sales reps")
        constraints = [
            models.CheckConstraint(condition=models.Q(weight__gte=1), name="rep_has_weight"),
            models.CheckConstraint(
                condition=models.Q(absent_until=None)
                | models.Q(absent_from__isnull=False, absent_until__gte=models.F("absent_from")),
                name="rep_absence_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return person_name(self.user)
