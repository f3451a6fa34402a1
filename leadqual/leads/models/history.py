"""The past of attributes, so that a score as of an earlier day is true."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from leadqual.leads.models.people import Company, Lead, Status


class FieldChange(models.Model):
    """One changed attribute of a lead or a company, in the form conditions compare; none is written at creation.

    `field` is the key as conditions name it, without the prefix `company.`: "title", "custom.size", "industry".
    """

    lead = models.ForeignKey(Lead, models.CASCADE, null=True, related_name="field_changes", db_index=False)
    company = models.ForeignKey(
        Company, models.CASCADE, null=True, related_name="field_changes", db_index=False
    )
    field = models.CharField(max_length=80)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    day = models.IntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["lead", "day"], condition=models.Q(lead__isnull=False), name="field_change_of_lead"
            ),
            models.Index(
                fields=["company", "day"],
                condition=models.Q(company__isnull=False),
                name="field_change_of_company",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lead__isnull=False, company__isnull=True)
                | models.Q(lead__isnull=True, company__isnull=False),
                name="field_change_of_one_thing",
            )
        ]


class StatusChange(models.Model):
    """One step of a lead through the funnel."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="status_changes")
    before = models.CharField(max_length=20, choices=Status)
    after = models.CharField(max_length=20, choices=Status)
    day = models.IntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    why = models.CharField(max_length=200, blank=True)


class BantLetter(models.TextChoices):
    BUDGET = "budget", _("budget")
    AUTHORITY = "authority", _("authority")
    NEED = "need", _("need")
    TIMING = "timing", _("timing")


class BantValue(models.TextChoices):
    YES = "yes", _("yes")
    PARTLY = "partly", _("partly")
    NO = "no", _("no")


class BantAnswer(models.Model):
    """What somebody said about one of budget, authority, need, timing; the newest answer that still holds counts.

    It holds on `day` .. `until_day` (inclusive; empty: for good). Rows are never edited.
    """

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="bant_answers")
    letter = models.CharField(max_length=10, choices=BantLetter)
    value = models.CharField(max_length=10, choices=BantValue)
    note = models.CharField(max_length=500, blank=True)
    said_by = models.CharField(max_length=200, blank=True)
    day = models.IntegerField()
    until_day = models.IntegerField(null=True, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("BANT answer")
        verbose_name_plural = _("BANT answers")


class ConsentBasis(models.TextChoices):
    """How somebody agreed, or said no. The law wants to know who, when and how."""

    FORM = "form", _("ticked in a form")
    CARD = "card", _("gave a business card")
    CONTRACT = "contract", _("business relation")
    SPOKEN = "spoken", _("said so")
    WRITTEN = "written", _("wrote so")


class ConsentEvent(models.Model):
    """A yes or no to marketing mail, with when and how. The newest counts; rows are never edited."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="consent_events")
    given = models.BooleanField(_("agrees to marketing mail"))
    basis = models.CharField(_("how"), max_length=10, choices=ConsentBasis)
    note = models.CharField(_("note"), max_length=500, blank=True)
    day = models.IntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
