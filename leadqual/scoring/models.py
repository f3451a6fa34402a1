from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leadqual.leads.models import ActivityType, Lead
from leadqual.scoring.trial import Trial as Trial

LONGEST_WINDOW = 1825
USUAL_WINDOW = 365


class ModelState(models.TextChoices):
    DRAFT = "draft", _("draft")
    BUILDING = "building", _("being built")
    LIVE = "live", _("live")
    RETIRED = "retired", _("retired")


class Axis(models.TextChoices):
    FIT = "fit", _("fit")
    ENGAGEMENT = "engagement", _("engagement")


class RuleKind(models.TextChoices):
    BEHAVIOUR = "behaviour", _("behaviour")
    ATTRIBUTE = "attribute", _("attribute")
    INACTIVITY = "inactivity", _("inactivity")


class LimitPeriod(models.TextChoices):
    NONE = "", _("no limit")
    DAY = "day", _("a day")
    WEEK = "week", _("a week")
    MONTH = "month", _("a month")
    EVER = "ever", _("ever")


class OpenedReason(models.TextChoices):
    SCORE = "score", _("score")
    PUBLISH = "publish", _("another model went live")


class EndedReason(models.TextChoices):
    NONE = "", _("open")
    COOLED = "cooled", _("cooled down")
    SALES = "sales", _("sales gave it back")
    MODEL = "model", _("another model went live")
    CUSTOMER = "customer", _("became a customer")
    DISQUALIFIED = "disqualified", _("disqualified")


class ScoringModel(models.Model):
    """One version of what earns points and from how many points on a lead is hot.

    `frozen` is everything the model asks, written when it is published; from then on the model is never edited.
    `as_of` is the latest day for which any score of it was written: live state only moves forward.
    """

    name = models.CharField(_("name"), max_length=200)
    version = models.PositiveIntegerField(_("version"), default=1)
    state = models.CharField(_("state"), max_length=10, choices=ModelState, default=ModelState.DRAFT)
    hot_at = models.IntegerField(_("hot from"))
    cool_at = models.IntegerField(_("cools below"))
    cool_down_days = models.PositiveIntegerField(_("cool-down in days"), default=0)
    gate_strong_within = models.PositiveIntegerField(_("a strong act within days"), null=True, blank=True)
    gate_active_days = models.PositiveIntegerField(_("active on different days"), null=True, blank=True)
    gate_active_within = models.PositiveIntegerField(_("active within days"), null=True, blank=True)
    review_date = models.DateField(_("review date"), null=True, blank=True)
    based_on = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="drafts")
    frozen = models.JSONField(null=True, editable=False)
    as_of = models.IntegerField(null=True, editable=False)
    build_position = models.BigIntegerField(null=True, editable=False)
    released_hot = models.BooleanField(default=False, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    published_day = models.IntegerField(null=True, editable=False)
    retired_at = models.DateTimeField(null=True, editable=False)
    retired_day = models.IntegerField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )

    class Meta:
        verbose_name = _("scoring model")
        verbose_name_plural = _("scoring models")
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="scoring_model_version_unique"),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="live"), name="scoring_model_one_live"
            ),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="building"), name="scoring_model_one_building"
            ),
            models.CheckConstraint(
                condition=Q(cool_at__lte=models.F("hot_at")), name="scoring_model_cools_below_hot"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(frozen__isnull=False),
                name="scoring_model_frozen_when_published",
            ),
            models.CheckConstraint(
                condition=Q(gate_active_days=None, gate_active_within=None)
                | Q(gate_active_days__gte=1, gate_active_within__gte=1),
                name="scoring_model_gate_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class RuleGroup(models.Model):
    """Rules whose points are summed together and cut at a cap and a floor."""

    model = models.ForeignKey(ScoringModel, models.CASCADE, related_name="groups")
    name = models.CharField(_("name"), max_length=200)
    axis = models.CharField(_("axis"), max_length=10, choices=Axis)
    cap = models.IntegerField(_("cap"), null=True, blank=True)
    floor = models.IntegerField(_("floor"), null=True, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("rule group")
        verbose_name_plural = _("rule groups")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["model", "name"], name="rule_group_unique"),
            models.CheckConstraint(
                condition=Q(cap=None) | Q(floor=None) | Q(floor__lte=models.F("cap")),
                name="rule_group_floor_below_cap",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ScoringRule(models.Model):
    """What earns points: an act, an attribute that holds, or silence."""

    model = models.ForeignKey(ScoringModel, models.CASCADE, related_name="rules")
    group = models.ForeignKey(RuleGroup, models.CASCADE, related_name="rules")
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=RuleKind)
    activity_type = models.ForeignKey(ActivityType, models.PROTECT, null=True, blank=True, related_name="+")
    where = models.JSONField(_("where"), null=True, blank=True)
    points = models.IntegerField(_("points"), default=0)
    limit_count = models.PositiveIntegerField(_("at most"), null=True, blank=True)
    limit_period = models.CharField(_("per"), max_length=5, choices=LimitPeriod, blank=True)
    window_days = models.PositiveIntegerField(_("window in days"), default=USUAL_WINDOW)
    half_life_days = models.PositiveIntegerField(_("half-life in days"), null=True, blank=True)
    condition = models.JSONField(_("condition"), null=True, blank=True)
    inactive_days = models.PositiveIntegerField(_("days without an act"), null=True, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("scoring rule")
        verbose_name_plural = _("scoring rules")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["model", "name"], name="scoring_rule_unique"),
            models.CheckConstraint(
                condition=Q(kind__in=["behaviour", "attribute", "inactivity"]),
                name="scoring_rule_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(window_days__gte=1, window_days__lte=LONGEST_WINDOW), name="scoring_rule_window"
            ),
            models.CheckConstraint(
                condition=Q(half_life_days=None) | Q(half_life_days__gte=1), name="scoring_rule_half_life"
            ),
            models.CheckConstraint(
                condition=Q(limit_count=None, limit_period="")
                | Q(limit_count__gte=1, limit_period__in=["day", "week", "month", "ever"]),
                name="scoring_rule_limit_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(kind="behaviour") | Q(activity_type__isnull=False),
                name="scoring_rule_names_its_act",
            ),
            models.CheckConstraint(
                condition=~Q(kind="attribute") | Q(condition__isnull=False),
                name="scoring_rule_has_its_condition",
            ),
            models.CheckConstraint(
                condition=~Q(kind="inactivity") | Q(inactive_days__gte=1), name="scoring_rule_has_its_days"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RuleSignature(models.Model):
    """A rule's `where`, answered once for each signature, with how far back and how often the rule counts.

    The numbers are the rule's own, repeated here so that one look-up per activity says everything: it counts for
    `horizon` days; the limit needs the acts of the last `look_back` days; at most `most` a `period`.
    """

    pk = models.CompositePrimaryKey("signature_id", "rule_id")
    signature = models.ForeignKey("leads.Signature", models.CASCADE, related_name="+", db_index=False)
    rule = models.ForeignKey(ScoringRule, models.CASCADE, related_name="+", db_index=False)
    horizon = models.IntegerField()
    look_back = models.IntegerField()
    most = models.IntegerField()
    period = models.SmallIntegerField()


class RuleHit(models.Model):
    """The ledger: how often a behaviour rule counted for a lead on a day. A cache of the activities.

    No constraint in the database and no second index: a full build writes millions of these. What a lead is and
    how long it has been silent stands in one row, on LeadScore: rows are what a rebuild costs.
    """

    pk = models.CompositePrimaryKey("lead_id", "rule_id", "day")
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    rule = models.ForeignKey(
        ScoringRule, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    day = models.IntegerField()
    n = models.IntegerField()


class PointCurve(models.Model):
    """What one hit of a rule is worth at an age in days; `next_age` is the first age at which that differs."""

    pk = models.CompositePrimaryKey("rule_id", "age")
    rule = models.ForeignKey(ScoringRule, models.CASCADE, related_name="+", db_index=False)
    age = models.IntegerField()
    points = models.IntegerField()
    next_age = models.IntegerField()
    group = models.ForeignKey(
        RuleGroup, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )


class LeadScore(models.Model):
    """A lead's points under one model, as of a day; they hold until `next_change`.

    `facts` has a bit for each attribute rule that holds, in the order of the model; `last_act` is the day from which
    silence counts. Both were read from the lead and its acts and hold until `facts_until`.
    """

    pk = models.CompositePrimaryKey("model_id", "lead_id")
    model = models.ForeignKey(
        ScoringModel, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="scores", db_index=False, db_constraint=False)
    total = models.IntegerField()
    fit = models.IntegerField()
    engagement = models.IntegerField()
    as_of = models.IntegerField()
    next_change = models.IntegerField(null=True)
    facts_until = models.IntegerField(null=True)
    facts = models.BigIntegerField(default=0)
    last_act = models.IntegerField()

    class Meta:
        indexes = [
            # The list of leads by score, a page of which goes on after the (total, lead) of the last.
            models.Index(fields=["model", "-total", "lead"], name="lead_score_by_total"),
        ]


class Qualification(models.Model):
    """A time during which a lead was hot, with the explanation as it was judged then. History: never rewritten."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="qualifications", verbose_name=_("lead"))
    model = models.ForeignKey(
        ScoringModel, models.PROTECT, related_name="qualifications", verbose_name=_("model")
    )
    opened_day = models.IntegerField()
    opened_at = models.DateTimeField(_("became hot at"))
    opened_reason = models.CharField(_("opened because of"), max_length=10, choices=OpenedReason)
    score = models.IntegerField(_("score then"))
    card = models.JSONField(default=dict)
    released = models.BooleanField(_("released for handoff"), default=True)
    ended_day = models.IntegerField(null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_reason = models.CharField(_("ended because of"), max_length=12, choices=EndedReason, blank=True)

    class Meta:
        verbose_name = _("qualification")
        verbose_name_plural = _("qualifications")
        constraints = [
            models.UniqueConstraint(
                fields=["lead"], condition=Q(ended_day=None), name="qualification_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ended_day=None, ended_at=None, ended_reason="")
                | Q(ended_day__isnull=False, ended_at__isnull=False) & ~Q(ended_reason=""),
                name="qualification_ended_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.score}"
