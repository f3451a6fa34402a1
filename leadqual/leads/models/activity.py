import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from leadqual.leads.models.people import Lead


class Intent(models.TextChoices):
    WEAK = "weak", _("weak")
    MEDIUM = "medium", _("medium")
    STRONG = "strong", _("strong")


class ActivityType(models.Model):
    """A kind of act: a page viewed, a mail opened, an inquiry.

    `url_globs` turn a plain page view into this type at intake; `declared_attributes` are the attributes low enough
    in number to become part of the signature, and so the only ones that rules can ask.
    """

    key = models.SlugField(_("key"), max_length=50, unique=True)
    label = models.CharField(_("label"), max_length=200)
    category = models.CharField(_("category"), max_length=50, blank=True)
    intent = models.CharField(_("intent"), max_length=10, choices=Intent, default=Intent.WEAK)
    is_conversion = models.BooleanField(_("conversion"), default=False)
    by_person = models.BooleanField(_("done by the person"), default=True)
    direct_to_sales = models.BooleanField(_("goes to sales at once"), default=False)
    url_globs = models.JSONField(_("addresses"), default=list, blank=True)
    declared_attributes = models.JSONField(_("attributes"), default=list, blank=True)
    # since when this type has so many pages that new ones are stored folded to two segments
    paths_folded_since = models.DateTimeField(_("pages folded since"), null=True, blank=True, editable=False)
    history = HistoricalRecords(excluded_fields=["paths_folded_since"])

    class Meta:
        verbose_name = _("activity type")
        verbose_name_plural = _("activity types")

    def __str__(self) -> str:
        return self.label


class Signature(models.Model):
    """One distinct type + page or content + declared attributes. Rules match signatures, never activities."""

    type = models.ForeignKey(ActivityType, models.PROTECT, related_name="signatures")
    path = models.CharField(max_length=500, blank=True)
    attributes = models.JSONField(default=dict)
    digest = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "digest"], name="signature_unique")]

    def __str__(self) -> str:
        return f"{self.type_id} {self.path}"


class Visitor(models.Model):
    """A browser, known by a random 128-bit id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    first_seen = models.DateTimeField()


class VisitorTie(models.Model):
    """From `since` on, the browser belongs to this person; an act goes to the tie in force when it occurred.

    The first tie also takes everything the browser did before it.
    """

    visitor = models.ForeignKey(Visitor, models.CASCADE, related_name="ties")
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="visitor_ties")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visitor", "since"], name="visitor_tie_unique")]


class Activity(models.Model):
    """Something a person did, append only; `leads/recording.py` is its only writer.

    One covering index serves scoring: every own act of a lead by signature and day, machines left out.
    """

    lead = models.ForeignKey(Lead, models.CASCADE, null=True, related_name="activities", db_index=False)
    visitor = models.ForeignKey(Visitor, models.CASCADE, null=True, related_name="activities", db_index=False)
    signature = models.ForeignKey(Signature, models.PROTECT, related_name="activities", db_index=False)
    day = models.IntegerField()
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    event_id = models.CharField(max_length=64, null=True, unique=True)
    machine = models.BooleanField(default=False)
    attributes = models.JSONField(null=True)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        indexes = [
            models.Index(
                fields=["lead", "signature", "day"],
                condition=models.Q(machine=False, lead__isnull=False),
                name="activity_own_acts",
            ),
            models.Index(
                fields=["visitor"], condition=models.Q(visitor__isnull=False), name="activity_by_visitor"
            ),
            models.Index(fields=["lead"], condition=models.Q(machine=True), name="activity_machines"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lead__isnull=False) | models.Q(visitor__isnull=False),
                name="activity_has_an_actor",
            )
        ]


class Inbox(models.Model):
    """An event as received, until it is recorded: the rows are the queue, a message is only a wake-up.

    A recorded row is deleted in the transaction that records it; one that failed three times stays, with its error.
    """

    received_at = models.DateTimeField()
    payload = models.JSONField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    quarantined_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("received event")
        verbose_name_plural = _("received events")
        indexes = [models.Index(fields=["id"], condition=models.Q(quarantined_at=None), name="inbox_waiting")]
