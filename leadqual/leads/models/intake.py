import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportKind(models.TextChoices):
    LEADS = "leads", _("leads")
    ACTIVITIES = "activities", _("activities")


class ImportState(models.TextChoices):
    STAGING = "staging", _("reading")
    APPLYING = "applying", _("applying")
    DONE = "done", _("done")


class RowState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    CREATED = "created", _("created")
    UPDATED = "updated", _("updated")
    SKIPPED = "skipped", _("skipped")
    REJECTED = "rejected", _("rejected")


class Import(models.Model):
    """One file taken in: read into rows first, applied in batches, resumable at any point by its digest and options."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=12, choices=ImportKind)
    file_name = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.STAGING)
    rows = models.PositiveIntegerField(default=0)
    # {"created": 3, ...}: how many rows came to which end so far, committed with the work itself
    counts = models.JSONField(default=dict)
    # `first` of the last row applied: rows are not looked at again
    position = models.PositiveIntegerField(default=0)
    # what was decided once the whole file had been seen: {"targets": {"3": "custom.age"}}
    plan = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")


class ImportRow(models.Model):
    """One row of the file until it is applied; a rejected one stays, without its cells, for the report.

    `number` is its row in a spreadsheet, the header being 1. `first` is the number of the first row about the same
    lead: rows are applied in the order (first, number), so all that the file says about one lead comes together.
    """

    batch = models.ForeignKey(Import, models.CASCADE, related_name="staged", db_index=False)
    number = models.PositiveIntegerField()
    first = models.PositiveIntegerField()
    # of an act: when it occurred
    moment = models.DateTimeField(null=True)
    cells = models.JSONField()
    identity = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=RowState, default=RowState.WAITING)
    column = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=50, blank=True)
    value = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "first", "number"], name="import_row_unique")]
