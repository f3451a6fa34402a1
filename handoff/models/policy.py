from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from handoff.models.teams import SalesTeam
from segments.models import Segment


class PolicyState(models.TextChoices):
    DRAFT = "draft", _("draft")
    LIVE = "live", _("live")
    RETIRED = "retired", _("retired")


class Means(models.TextChoices):
    """How a rep is told. Digest and CSV collect what one turn of the cadence gave the rep."""

    IN_APP = "in_app", _("in the application")
    MAIL = "mail", _("one mail per lead")
    DIGEST = "digest", _("one mail with all leads")
    CSV = "csv", _("mail with a CSV file")


class Cadence(models.TextChoices):
    AT_ONCE = "at_once", _("at once")
    DAILY = "daily", _("daily at")
    WEEKLY = "weekly", _("weekly on")


class Strategy(models.TextChoices):
    WEIGHTED = "weighted", _("by weight and free capacity")
    ROUND_ROBIN = "round_robin", _("in turn")
    TERRITORY_FIRST = "territory_first", _("territory first")
    SAME_COMPANY_FIRST = "same_company_first", _("same company's rep first")


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")


# Business days after which sales is asked what became of a lead, unless a policy says otherwise.
FEEDBACK_AFTER_DAYS = 10


def _live_is_agreed() -> models.Q:
    """What the database can see of "nothing is empty"; `handoff/policies.py` says the rest, with names."""
    agreed = models.Q(
        team__isnull=False,
        fallback_team__isnull=False,
        accept_within_hours__isnull=False,
        accept_within_hours__gte=1,
        review_date__isnull=False,
    )
    return ~models.Q(state=PolicyState.LIVE.value) | (
        agreed & ~models.Q(cadence="") & ~models.Q(strategy="") & ~models.Q(follow_up="")
    )


class HandoffPolicy(models.Model):
    """What marketing and sales agreed on: which leads go to whom, by which means, how often, with what, by when.

    Live policies are asked in the order of `position`; the first whose segment has the lead decides. No segment
    means everybody. `accept_within_hours` are business hours.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=PolicyState, default=PolicyState.DRAFT)
    segment = models.ForeignKey(
        Segment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="handoff_policies",
        verbose_name=_("segment"),
    )
    team = models.ForeignKey(
        SalesTeam, models.PROTECT, null=True, blank=True, related_name="policies", verbose_name=_("team")
    )
    fallback_team = models.ForeignKey(
        SalesTeam, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("fallback team")
    )
    means = models.JSONField(_("means"), default=list, blank=True)
    cadence = models.CharField(_("frequency"), max_length=10, choices=Cadence, blank=True)
    cadence_time = models.TimeField(_("time of day"), null=True, blank=True)
    cadence_weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday, null=True, blank=True)
    follow_up = models.TextField(_("follow-up content"), blank=True)
    strategy = models.CharField(_("strategy"), max_length=20, choices=Strategy, blank=True)
    accept_within_hours = models.PositiveSmallIntegerField(
        _("accept within (business hours)"), null=True, blank=True
    )
    feedback_after_days = models.PositiveSmallIntegerField(
        _("ask for feedback after (business days)"), default=FEEDBACK_AFTER_DAYS
    )
    review_date = models.DateField(_("review date"), null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("handoff policy")
        verbose_name_plural = _("handoff policies")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=_live_is_agreed(), name="policy_live_is_agreed"),
            models.CheckConstraint(
                condition=~models.Q(state=PolicyState.LIVE.value)
                | models.Q(cadence=Cadence.AT_ONCE.value)
                | models.Q(cadence=Cadence.DAILY.value, cadence_time__isnull=False)
                | models.Q(cadence_time__isnull=False, cadence_weekday__isnull=False),
                name="policy_live_has_its_time",
            ),
            models.CheckConstraint(
                condition=models.Q(feedback_after_days__gte=1), name="policy_asks_after_a_day_at_least"
            ),
        ]

    def __str__(self) -> str:
        return self.name
