from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Organisation(models.Model):
    """The one company that uses this installation; its time zone decides on which day an act falls."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    name = models.CharField(_("name"), max_length=200, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisation")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="organisation_is_one")]
        # What the roles stand on (leadqual/common/access.py); they belong to no row.
        permissions = [
            ("act_as_marketer", "Acts as a marketer"),
            ("act_as_sales_rep", "Acts as a sales rep"),
            ("act_as_admin", "Acts as an admin"),
        ]

    def __str__(self) -> str:
        return self.name or self.time_zone


class Slot(models.Model):
    """A turn of periodic work that somebody has taken: two schedulers that tick at once do the work once."""

    job = models.CharField(max_length=100)
    slot = models.CharField(max_length=64)
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "slot"], name="slot_taken_once")]

    def __str__(self) -> str:
        return f"{self.job} {self.slot}"


class OpenQuestion(models.Model):
    """Something about the design that nobody has decided; written by `leadqual/common/undecided.py` alone."""

    kind = models.CharField(max_length=50)
    ref = models.CharField(max_length=100)
    about = models.CharField(max_length=200)
    detail = models.CharField(max_length=200, blank=True)
    since_day = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "ref"], name="open_question_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"


class ApiToken(models.Model):
    """A key with which a program acts as a person, until it expires. Only its hash is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=100)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    # The first characters, by which people recognise which key is which.
    shown = models.CharField(_("begins with"), max_length=12, editable=False)
    created_at = models.DateTimeField(_("created"), editable=False)
    expires_at = models.DateTimeField(_("expires"))
    used_day = models.IntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.name} ({self.shown}…)"
