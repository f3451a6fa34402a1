from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from leadqual.leads.models import Lead


class Notice(models.Model):
    """Something a colleague should see in the application, told exactly once: `key` names the event and the reader.

    `data` holds ids and numbers only; the words are chosen where it is shown, in the reader's language.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", db_index=False)
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=50)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notice_of_user"),
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class MailState(models.TextChoices):
    QUEUED = "queued", _("queued")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    UNCERTAIN = "uncertain", _("perhaps sent")


class EmailMessage(models.Model):
    """A mail to a colleague, written with the change it tells of and sent later: the row is the queue.

    At least once, always under the same Message-ID, so that mail programs fold a second copy into the first.
    What it says about people stands in its parts, which disappear with the person.
    """

    message_id = models.CharField(max_length=200, unique=True)
    to_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    to_address = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    closing = models.TextField(blank=True)
    table_name = models.CharField(max_length=100, blank=True)
    table_header = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=10, choices=MailState, default=MailState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(state=MailState.QUEUED.value), name="email_waiting"
            ),
            models.Index(
                fields=["claimed_until"],
                condition=models.Q(state=MailState.SENDING.value),
                name="email_in_flight",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=MailState.SENDING.value) | models.Q(claimed_until__isnull=False),
                name="email_in_flight_is_claimed",
            )
        ]

    def __str__(self) -> str:
        return self.message_id


class EmailPart(models.Model):
    """What one mail says about one lead: lines of the text, or one row of the attached table."""

    message = models.ForeignKey(EmailMessage, models.CASCADE, related_name="parts", db_index=False)
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="email_parts")
    position = models.PositiveIntegerField(default=0)
    text = models.TextField(blank=True)
    cells = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "position"], name="email_part_position")]
