from django.db import models
from django.utils.translation import gettext_lazy as _


class Target(models.TextChoices):
    LEAD = "lead", _("lead")
    COMPANY = "company", _("company")


class FieldType(models.TextChoices):
    TEXT = "text", _("text")
    NUMBER = "number", _("number")
    DATE = "date", _("date")
    BOOLEAN = "boolean", _("yes/no")
    CHOICE = "choice", _("choice")


class CustomField(models.Model):
    """A column nobody foresaw: imported, shown, filtered, asked as `custom.KEY` or `company.custom.KEY`."""

    target = models.CharField(_("belongs to"), max_length=10, choices=Target, default=Target.LEAD)
    key = models.SlugField(_("key"), max_length=50, allow_unicode=True)
    label = models.CharField(_("label"), max_length=200)
    type = models.CharField(_("type"), max_length=10, choices=FieldType)
    choices = models.JSONField(_("choices"), default=list, blank=True)

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        constraints = [models.UniqueConstraint(fields=["target", "key"], name="custom_field_key_unique")]

    def __str__(self) -> str:
        return self.label
