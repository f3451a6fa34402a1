import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from handoff.models.policy import HandoffPolicy
from handoff.models.reassignment import Reassignment
from handoff.models.teams import SalesRep, SalesTeam
from handoff.querysets import HandoffQuerySet
from leadqual.leads.models import Lead
from leadqual.scoring.models import EndedReason, Qualification


class Origin(models.TextChoices):
    HOT = "hot", pgettext_lazy("origin", "hot lead")
    DIRECT = "direct", _("act that goes to sales at once")
    MANUAL = "manual", _("handed over by hand")


class State(models.TextChoices):
    WAITING = "waiting", _("waiting for a rep")
    OFFERED = "offered", _("offered")
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("declined")
    EXPIRED = "expired", _("not accepted in time")
    RECYCLED = "recycled", _("handed back")
    CLOSED = "closed", _("closed")
    WITHDRAWN = "withdrawn", _("withdrawn")


# With a rep, counted against the rep's capacity.
OPEN = (State.OFFERED.value, State.ACCEPTED.value)
# At most one per lead.
UNFINISHED = (State.WAITING.value, *OPEN)
# Ends of a qualification that leave the handoff as it is.
COOLING = (EndedReason.COOLED.value, EndedReason.MODEL.value)


class Handoff(models.Model):
    """A lead offered to one rep, and what became of it. The next rep's offer is a row of its own (`moved_from`).

    `candidates` are the reps who came into question, best first, as [rep, free places]; `reasons` says why the first
    of them got it and how many were passed over for which reason. `to_collect`: a digest or CSV file has yet to tell.
    `next_action` is the rep's own reminder. `reassignment` made this offer when another rep's leads were given away.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="handoffs")
    qualification = models.ForeignKey(
        Qualification, models.SET_NULL, null=True, blank=True, related_name="handoffs"
    )
    policy = models.ForeignKey(HandoffPolicy, models.PROTECT, null=True, blank=True, related_name="handoffs")
    team = models.ForeignKey(
        SalesTeam, models.PROTECT, null=True, blank=True, related_name="handoffs", db_index=False
    )
    rep = models.ForeignKey(
        SalesRep, models.PROTECT, null=True, blank=True, related_name="handoffs", db_index=False
    )
    origin = models.CharField(_("origin"), max_length=10, choices=Origin)
    state = models.CharField(_("state"), max_length=10, choices=State)
    candidates = models.JSONField(default=list)
    reasons = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    offered_at = models.DateTimeField(null=True, blank=True)
    accept_by = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_as = models.CharField(_("closed as"), max_length=20, blank=True)
    answer = models.CharField(_("reason"), max_length=500, blank=True)
    moved_from = models.OneToOneField("self", models.SET_NULL, null=True, blank=True, related_name="moved_to")
    alarmed_at = models.DateTimeField(null=True, blank=True)
    to_collect = models.BooleanField(default=False)
    next_action = models.CharField(_("next action"), max_length=200, blank=True)
    next_action_on = models.DateField(_("next action on"), null=True, blank=True)
    reassignment = models.ForeignKey(
        Reassignment, models.SET_NULL, null=True, blank=True, related_name="handoffs"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = HandoffQuerySet.as_manager()

    class Meta:
        verbose_name = _("handoff")
        verbose_name_plural = _("handoffs")
        indexes = [
            models.Index(fields=["rep", "state"], name="handoff_of_rep"),
            models.Index(
                fields=["accept_by"],
                condition=models.Q(state=State.OFFERED.value, alarmed_at=None),
                name="handoff_due",
            ),
            models.Index(
                fields=["id"], condition=models.Q(state=State.WAITING.value), name="handoff_waiting"
            ),
            models.Index(fields=["rep"], condition=models.Q(to_collect=True), name="handoff_to_collect"),
            models.Index(fields=["made_at"], name="handoff_made"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["lead"],
                condition=models.Q(state__in=UNFINISHED),
                name="handoff_one_unfinished_per_lead",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=OPEN) | models.Q(rep__isnull=False, offered_at__isnull=False),
                name="handoff_open_has_a_rep",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.WAITING.value) | models.Q(rep=None),
                name="handoff_waiting_has_no_rep",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def cooled(self) -> bool:
        """Still with the rep, although the lead is not hot any more; reads the qualification."""
        hot = self.qualification
        return self.is_open and hot is not None and hot.ended_reason in COOLING
