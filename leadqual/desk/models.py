"""What people arrange and start at the list of leads; the rows are the work, a message is only a wake-up."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leadqual.leads.models import Import, ImportKind


class SavedView(models.Model):
    """A way to look at the list: which leads, which columns, in which order.

    The one without a name is what its owner arranged last: their columns.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="lead_views")
    name = models.CharField(_("name"), max_length=100, blank=True)
    filters = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    sort = models.CharField(max_length=20, blank=True)
    shared = models.BooleanField(_("shared with colleagues"), default=False)
    is_default = models.BooleanField(_("opens first"), default=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_view_name_unique"),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(is_default=True), name="saved_view_one_default"
            ),
            models.CheckConstraint(
                condition=~Q(name="") | Q(shared=False, is_default=False), name="saved_view_unnamed_is_own"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BulkAction(models.Model):
    """Something done to many leads at once, with what is needed to undo it; numbers and ids, nothing of a person."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    action = models.CharField(max_length=20)
    target = models.CharField(max_length=200, blank=True)
    done = models.PositiveIntegerField(default=0)
    # [[code, number], ...]: why leads were left aside
    skipped = models.JSONField(default=list)
    undo = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("bulk action")
        verbose_name_plural = _("bulk actions")


class WorkState(models.TextChoices):
    PREPARED = "prepared", _("prepared")
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class Work(models.Model):
    """Long work that somebody started: claimed until a moment, done in slices, given up after three failures."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=WorkState, default=WorkState.WAITING)
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    language = models.CharField(max_length=10, blank=True)

    class Meta:
        abstract = True

    @property
    def is_over(self) -> bool:
        return self.state in (WorkState.DONE, WorkState.FAILED)


class Export(Work):
    """A file of leads being written, then lying ready for its owner until it expires.

    `position` is the id of the last lead written and `size` the length of the file then, so that a killed run goes on.
    """

    format = models.CharField(max_length=4)
    # {"filters": {...}} or {"ids": [...]}
    choice = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    position = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")


class Upload(Work):
    """A file that somebody uploaded to be imported; `batch` is the import once it runs."""

    kind = models.CharField(max_length=12, choices=ImportKind)
    file_name = models.CharField(max_length=255)
    encoding = models.CharField(max_length=20, blank=True)
    separator = models.CharField(max_length=20, blank=True)
    options = models.JSONField(default=dict)
    batch = models.ForeignKey(Import, models.SET_NULL, null=True, related_name="uploads")

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
