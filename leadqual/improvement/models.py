from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leadqual.improvement.metrics import Metric
from leadqual.scoring.models import ScoringModel
from segments.models import Segment


class Step(models.IntegerChoices):
    """Of the six steps, the one that the cycle changes."""

    SEGMENTS = 1, _("1 Segments")
    JOURNEY = 2, _("2 Customer journey map")
    SCENARIO = 3, _("3 Scenarios")
    SCORING = 4, _("4 Scoring")
    HANDOFF = 5, _("5 Handoff")
    IMPROVEMENT = 6, _("6 Improvement")


class CycleState(models.TextChoices):
    PLAN = "plan", pgettext_lazy("PDCA", "plan")
    DO = "do", pgettext_lazy("PDCA", "do")
    CHECK = "check", pgettext_lazy("PDCA", "check")
    ACT = "act", pgettext_lazy("PDCA", "act")


class Decision(models.TextChoices):
    NONE = "", _("not decided yet")
    KEEP = "keep", _("keep the change")
    ADJUST = "adjust", _("change it further")
    UNDO = "undo", _("take it back")


def _measured(name: str) -> Q:
    """All of a measurement, or nothing of it."""
    parts = [f"{name}_{part}" for part in ("hits", "of", "first", "last")]
    hits, of, first, last = parts
    nothing = Q(**{f"{part}__isnull": True for part in parts})
    # A check that comes to NULL passes: all four are asked for by name.
    there = Q(**{f"{part}__isnull": False for part in parts})
    whole = Q(**{f"{hits}__gte": 0, f"{hits}__lte": F(of), f"{last}__gte": F(first)})
    return nothing | there & whole


class PdcaCycle(models.Model):
    """Something we believe would sell better, what was changed for it, and what it did: measured before and after.

    `before_*` and `after_*` are counts with their days (inclusive), written by `cycles.py` from the reports.
    """

    title = models.CharField(pgettext_lazy("PDCA", "title"), max_length=200)
    step = models.PositiveSmallIntegerField(_("which of the six steps"), choices=Step, default=Step.SCORING)
    state = models.CharField(_("state"), max_length=5, choices=CycleState, default=CycleState.PLAN)
    hypothesis = models.TextField(_("hypothesis"))
    change = models.TextField(_("what is changed"), blank=True)
    model = models.ForeignKey(
        ScoringModel,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="cycles",
        verbose_name=_("version of the scoring model made for it"),
    )
    segment = models.ForeignKey(
        Segment, models.SET_NULL, null=True, blank=True, related_name="cycles", verbose_name=_("segment")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="cycles", verbose_name=_("owner")
    )
    metric = models.CharField(_("what is measured"), max_length=20, choices=Metric)
    due = models.DateField(_("due"))
    before_hits = models.IntegerField(null=True, editable=False)
    before_of = models.IntegerField(null=True, editable=False)
    before_first = models.IntegerField(null=True, editable=False)
    before_last = models.IntegerField(null=True, editable=False)
    started_day = models.IntegerField(null=True, editable=False)
    after_hits = models.IntegerField(null=True, editable=False)
    after_of = models.IntegerField(null=True, editable=False)
    after_first = models.IntegerField(null=True, editable=False)
    after_last = models.IntegerField(null=True, editable=False)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True)
    learnt = models.TextField(_("what we learnt"), blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("PDCA cycle")
        verbose_name_plural = _("PDCA cycles")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=_measured("before"), name="cycle_before_is_whole"),
            models.CheckConstraint(condition=_measured("after"), name="cycle_after_is_whole"),
            models.CheckConstraint(
                condition=Q(state=CycleState.PLAN.value)
                | Q(before_of__isnull=False, started_day__isnull=False),
                name="cycle_starts_from_a_baseline",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(CycleState.PLAN.value, CycleState.DO.value))
                | Q(after_of__isnull=False),
                name="cycle_is_checked_by_a_measurement",
            ),
            models.CheckConstraint(
                condition=Q(decision="", state__in=("plan", "do", "check"))
                | ~Q(decision="") & Q(state="act"),
                name="cycle_ends_with_a_decision",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class CycleSave(models.Model):
    """One line per save: who changed what. `changed` is {field: [old, new]} as shown."""

    cycle = models.ForeignKey(PdcaCycle, models.CASCADE, related_name="saves")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(_("state"), max_length=5, choices=CycleState)
    changed = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("saved change")
        verbose_name_plural = _("saved changes")
        ordering = ["-at", "-pk"]
