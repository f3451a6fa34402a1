from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from journeys.models.contents import Content
from journeys.querysets import MapQuerySet
from leadqual.leads.models import ActivityType
from segments.models import Segment


class MapState(models.TextChoices):
    DRAFT = "draft", _("draft")
    LIVE = "live", _("live")
    RETIRED = "retired", _("retired")


class Feeling(models.IntegerChoices):
    VERY_LOW = -2, _("very uneasy")
    LOW = -1, _("uneasy")
    EVEN = 0, _("neutral")
    HIGH = 1, _("positive")
    VERY_HIGH = 2, _("very positive")


class JourneyMap(models.Model):
    """One version of how the people of a segment come to buy: stages in a row, and what meets them in each.

    Only a draft is edited; `journeys/drawing.py` is the only writer. `placed_day` is the day at which the leads stand.
    """

    name = models.CharField(_("name"), max_length=200)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=MapState, default=MapState.DRAFT, editable=False
    )
    segment = models.ForeignKey(
        Segment, models.PROTECT, related_name="journey_maps", verbose_name=_("segment")
    )
    persona = models.TextField(
        _("persona"), blank=True, help_text=_("who they are, what they are measured by, what troubles them")
    )
    may_regress = models.BooleanField(
        _("leads may go back"),
        default=False,
        help_text=_("back to an earlier stage when the later one's condition no longer holds"),
    )
    based_on = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="drafts", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    live_since = models.DateTimeField(_("live since"), null=True, editable=False)
    retired_at = models.DateTimeField(_("retired on"), null=True, editable=False)
    placed_day = models.IntegerField(null=True, editable=False)
    placed_at = models.DateTimeField(null=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )

    objects = MapQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer journey map")
        verbose_name_plural = _("customer journey maps")
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="journey_map_version_unique"),
            models.UniqueConstraint(
                fields=["segment"], condition=Q(state="live"), name="journey_map_one_live_per_segment"
            ),
            models.UniqueConstraint(
                fields=["name"], condition=Q(state="live"), name="journey_map_one_live_version"
            ),
            models.UniqueConstraint(
                fields=["name"], condition=Q(state="draft"), name="journey_map_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Stage(models.Model):
    """How far somebody has come: who fulfils `entry` has reached it. The first stage takes everybody of the segment.

    `key` names the stage in conditions and from version to version.
    """

    map = models.ForeignKey(JourneyMap, models.CASCADE, related_name="stages", verbose_name=_("map"))
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    key = models.SlugField(
        _("key"), max_length=50, allow_unicode=True, db_index=False,
        help_text=_("names the stage in conditions; stays the same in later versions"),
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=100)
    entry = models.JSONField(
        _("entry condition"), null=True, blank=True,
        help_text=_("a lead has reached the stage when this holds; empty for the first stage"),
    )  # fmt: skip
    goal = models.TextField(
        _("goal"), blank=True, help_text=_("what the customer should have done or understood here")
    )

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering = ["map", "order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["map", "key"], name="stage_key_unique"),
            models.CheckConstraint(condition=Q(order__gte=1), name="stage_order_from_one"),
        ]

    def __str__(self) -> str:
        return self.name


class Touchpoint(models.Model):
    """Where they meet us within a stage: what the customer does, asks and feels, and what we have to say to it."""

    stage = models.ForeignKey(Stage, models.CASCADE, related_name="touchpoints", verbose_name=_("stage"))
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    action = models.CharField(_("customer action"), max_length=200)
    channel = models.CharField(_("channel"), max_length=100, blank=True)
    question = models.TextField(_("question"), blank=True)
    feeling = models.CharField(_("feeling"), max_length=200, blank=True)
    feeling_level = models.SmallIntegerField(_("level of feeling"), choices=Feeling, null=True, blank=True)
    strength = models.TextField(_("our strength"), blank=True)
    owner = models.CharField(_("owner"), max_length=100, blank=True)
    activity_types = models.ManyToManyField(
        ActivityType,
        through="TouchpointActivity",
        related_name="touchpoints",
        verbose_name=_("activity types"),
    )
    contents = models.ManyToManyField(
        Content, through="TouchpointContent", related_name="touchpoints", verbose_name=_("contents")
    )

    class Meta:
        verbose_name = _("touchpoint")
        verbose_name_plural = _("touchpoints")
        ordering = ["stage", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["stage", "action"], name="touchpoint_action_unique"),
            models.CheckConstraint(
                condition=Q(feeling_level=None) | Q(feeling_level__gte=-2, feeling_level__lte=2),
                name="touchpoint_feeling_level",
            ),
        ]

    def __str__(self) -> str:
        return self.action


class TouchpointActivity(models.Model):
    """Acts of this type happen at the touchpoint."""

    touchpoint = models.ForeignKey(Touchpoint, models.CASCADE, related_name="bound", db_index=False)
    activity_type = models.ForeignKey(ActivityType, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["touchpoint", "activity_type"], name="touchpoint_activity_unique")
        ]


class TouchpointContent(models.Model):
    """The content is handed out at the touchpoint."""

    touchpoint = models.ForeignKey(Touchpoint, models.CASCADE, related_name="given", db_index=False)
    content = models.ForeignKey(Content, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["touchpoint", "content"], name="touchpoint_content_unique")
        ]
