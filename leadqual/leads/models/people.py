import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leadqual.leads.querysets import CompanyQuerySet, LeadQuerySet


class Status(models.TextChoices):
    NEW = "new", _("new")
    NURTURING = "nurturing", _("nurturing")
    HOT = "hot", _("hot (MQL)")
    ACCEPTED = "accepted", _("accepted (SAL)")
    OPPORTUNITY = "opportunity", _("opportunity (SQL)")
    CUSTOMER = "customer", _("customer")
    LOST = "lost", _("lost")
    RECYCLED = "recycled", _("recycled")
    DISQUALIFIED = "disqualified", _("disqualified")


class Outcome(models.TextChoices):
    OPEN = "", _("open")
    WON = "won", _("won")
    LOST = "lost", _("lost")


class Seniority(models.TextChoices):
    UNKNOWN = "", _("unknown")
    STAFF = "staff", _("staff")
    MANAGER = "manager", pgettext_lazy("seniority", "manager")
    DIRECTOR = "director", _("director")
    EXECUTIVE = "executive", _("executive")


class Company(models.Model):
    """An organisation whose people are leads.

    Columns named `*_folded` hold the form in which texts are compared (NFKC, casefold); `leads/editing.py` writes both.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    normalised_name = models.CharField(max_length=200, db_index=True, editable=False)
    domain = models.CharField(_("domain"), max_length=253, blank=True, db_index=True)
    corporate_number = models.CharField(_("corporate number"), max_length=13, blank=True, db_index=True)
    industry = models.CharField(_("industry"), max_length=100, blank=True)
    industry_folded = models.CharField(max_length=100, blank=True, editable=False)
    employees = models.BigIntegerField(_("employees"), null=True, blank=True)
    revenue = models.BigIntegerField(_("revenue"), null=True, blank=True)
    prefecture = models.CharField(_("prefecture"), max_length=50, blank=True)
    prefecture_folded = models.CharField(max_length=50, blank=True, editable=False)
    country = models.CharField(_("country"), max_length=50, blank=True)
    country_folded = models.CharField(max_length=50, blank=True, editable=False)
    custom = models.JSONField(default=dict, blank=True)
    custom_folded = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_day = models.IntegerField(editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")

    def __str__(self) -> str:
        return self.name


class Lead(models.Model):
    """A person who may become a customer.

    `custom` holds {key: value} as shown; `custom_folded` the same keys as conditions compare them: folded text,
    numbers, booleans, dates as day numbers. `with_sales` is true while a handoff is open: `leads/ownership.py`
    writes it together with `owner`.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    external_id = models.CharField(_("external id"), max_length=200, blank=True)
    row_identity = models.CharField(max_length=64, null=True, unique=True, editable=False)
    company = models.ForeignKey(
        Company, models.SET_NULL, null=True, blank=True, related_name="leads", verbose_name=_("company")
    )
    family_name = models.CharField(_("family name"), max_length=100, blank=True)
    given_name = models.CharField(_("given name"), max_length=100, blank=True)
    family_kana = models.CharField(_("family name (kana)"), max_length=100, blank=True)
    given_kana = models.CharField(_("given name (kana)"), max_length=100, blank=True)
    name_folded = models.CharField(max_length=200, blank=True, editable=False)
    email = models.CharField(_("e-mail"), max_length=254, blank=True, db_index=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    department = models.CharField(_("department"), max_length=200, blank=True)
    department_folded = models.CharField(max_length=200, blank=True, editable=False)
    title = models.CharField(_("title"), max_length=200, blank=True)
    title_folded = models.CharField(max_length=200, blank=True, editable=False)
    seniority = models.CharField(_("seniority"), max_length=20, blank=True, choices=Seniority)
    source = models.CharField(_("source"), max_length=200, blank=True)
    source_folded = models.CharField(max_length=200, blank=True, editable=False)
    interests = models.JSONField(_("interests"), default=list, blank=True)
    # "|cloud|security|": a list that both databases can search with LIKE
    interests_folded = models.CharField(max_length=1000, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.NEW, db_index=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="leads",
        verbose_name=_("owner"),
    )
    with_sales = models.BooleanField(default=False, editable=False)
    outcome = models.CharField(_("outcome"), max_length=10, blank=True, choices=Outcome)
    outcome_day = models.IntegerField(null=True, blank=True)
    custom = models.JSONField(default=dict, blank=True)
    custom_folded = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_day = models.IntegerField(editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        indexes = [
            # A page of the list of leads goes on after the (value, id) of the last.
            models.Index(fields=["name_folded", "id"], name="lead_by_name"),
            models.Index(fields=["-created_at", "id"], name="lead_by_creation"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"], condition=~models.Q(external_id=""), name="lead_external_id_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="", outcome_day=None)
                | ~models.Q(outcome="") & ~models.Q(outcome_day=None),
                name="lead_outcome_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        name = f"{self.family_name} {self.given_name}".strip()
        return name or self.email or self.external_id or str(self.public_id)
