from django.db import models
from django.utils.translation import gettext_lazy as _


class Content(models.Model):
    """Something to give a customer: a paper, a case study, a page, a talk.

    It stands in the stages whose touchpoints hand it out, in every version of a map: another last day is no redesign.
    """

    title = models.CharField(_("title"), max_length=200, unique=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    reference = models.CharField(
        _("where it lies"),
        max_length=200,
        blank=True,
        help_text=_("when it has no address: a shelf, a folder"),
    )
    owner = models.CharField(
        _("owner"),
        max_length=100,
        blank=True,
        help_text=_("the person or department that keeps it up to date"),
    )
    expires_on = models.DateField(
        _("good until"), null=True, blank=True, help_text=_("the last day on which it may be handed out")
    )

    class Meta:
        verbose_name = _("content")
        verbose_name_plural = _("contents")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title
