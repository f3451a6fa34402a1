from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from leadqual.leads.models import Lead


class SegmentState(models.TextChoices):
    DRAFT = "draft", _("draft")
    LIVE = "live", _("live")
    ARCHIVED = "archived", _("archived")


class Segment(models.Model):
    """A part of the market, told by a condition: the leads that it describes are its members.

    `size` and the members are as of `refreshed_day`; `segments/definition.py` is the only writer of `condition`.
    """

    name = models.CharField(_("name"), max_length=200, unique=True)
    description = models.TextField(_("description"), blank=True)
    condition = models.JSONField(_("condition"))
    state = models.CharField(_("state"), max_length=10, choices=SegmentState, default=SegmentState.LIVE)
    size = models.IntegerField(_("members"), null=True, editable=False)
    refreshed_at = models.DateTimeField(null=True, editable=False)
    refreshed_day = models.IntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")

    def __str__(self) -> str:
        return self.name


class SegmentVersion(models.Model):
    """What a segment has been since one save, what that save changed and who made it; the newest is the segment.

    Append only: the database refuses to change a version.
    """

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    condition = models.JSONField(_("condition"))
    state = models.CharField(_("state"), max_length=10, choices=SegmentState)
    changed = models.JSONField(_("changed"), default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    day = models.IntegerField()

    class Meta:
        verbose_name = _("version of a segment")
        verbose_name_plural = _("versions of a segment")
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="segment_version_unique")]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class Membership(models.Model):
    """A lead is in a segment since a day. A cache: `segments/membership.py` can make it anew at any time."""

    pk = models.CompositePrimaryKey("segment_id", "lead_id")
    segment = models.ForeignKey(
        Segment, models.CASCADE, related_name="memberships", db_index=False, db_constraint=False
    )
    lead = models.ForeignKey(
        Lead, models.CASCADE, related_name="memberships", db_index=False, db_constraint=False
    )
    since_day = models.IntegerField()


class ChangeReason(models.TextChoices):
    REFRESH = "refresh", _("refresh")
    MANUAL = "manual", _("by hand")
    DRAIN = "drain", _("new events")


class MembershipChange(models.Model):
    """A lead joined or left a segment. Append only."""

    segment = models.ForeignKey(
        Segment, models.CASCADE, related_name="membership_changes", db_index=False, db_constraint=False
    )
    lead = models.ForeignKey(
        Lead, models.CASCADE, related_name="membership_changes", db_index=False, db_constraint=False
    )
    joined = models.BooleanField()
    day = models.IntegerField()
    at = models.DateTimeField()
    why = models.CharField(max_length=10, choices=ChangeReason)

    class Meta:
        indexes = [
            models.Index(fields=["lead", "segment", "day"], name="membership_change_of_lead"),
            # How sizes moved in the last days, and the newest changes of one segment.
            models.Index(fields=["segment", "day"], name="membership_change_by_day"),
        ]


class ManualMember(models.Model):
    """Somebody decided by hand that a lead is in a segment, or is not, whatever the condition says."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="manual_members", db_index=False)
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="manual_segments")
    include = models.BooleanField(_("include"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    why = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("manual member")
        verbose_name_plural = _("manual members")
        constraints = [models.UniqueConstraint(fields=["segment", "lead"], name="manual_member_unique")]
