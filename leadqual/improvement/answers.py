"""How much of what was handed over sales has answered, rep by rep: without answers nothing here can be learnt."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from handoff.chasing import feedback_due
from handoff.models import Feedback, Handoff, SalesRep, State
from leadqual.common import clock
from leadqual.improvement.judgements import SAID, TAKEN
from leadqual.improvement.scope import Scope
from leadqual.improvement.statistics import Rate
from leadqual.leads.models import Status


@dataclass(frozen=True, slots=True)
class Answers:
    """Of the handoffs offered in these days. All of them are counted, so the shares are what was, not an estimate.

    Feedback is due as the reps are told it is: some days after acceptance, not on leads given back.
    """

    offered: int
    accepted: int
    declined: int
    expired: int
    due: int
    answered: int  # of those due, be it "not decided yet"
    decided: int  # of those due, with a yes or a no

    @property
    def answered_share(self) -> Rate:
        return Rate(self.answered, self.due)

    @property
    def accepted_share(self) -> Rate:
        """Of the offers that are over."""
        return Rate(self.accepted, self.accepted + self.declined + self.expired)

    @property
    def unanswered(self) -> int:
        return self.due - self.answered


@dataclass(frozen=True, slots=True)
class RepAnswers:
    rep: SalesRep
    answers: Answers


def _counted(scope: Scope) -> dict[str, Count]:
    """Feedback counts as due by the end of the last day."""
    open_or_over = Q(state__in=(State.ACCEPTED.value, State.CLOSED.value)) & ~Q(closed_as=Status.DISQUALIFIED)
    due = open_or_over & feedback_due(clock.start_of(scope.last + 1))
    return {
        "offered": Count("pk"),
        "accepted": Count("pk", filter=Q(state__in=TAKEN)),
        "declined": Count("pk", filter=Q(state=State.REJECTED.value)),
        "expired": Count("pk", filter=Q(state=State.EXPIRED.value)),
        "due": Count("pk", filter=due),
        "answered": Count("pk", filter=due & Q(said=True)),
        "decided": Count("pk", filter=due & Q(said_for_sure=True)),
    }


def answers_by_rep(scope: Scope, *, user: Any) -> Sequence[RepAnswers]:
    """The reps whose handoffs `user` may see, those who answer least first. Three queries."""
    rows = offered(scope).visible_to(user).filter(rep__isnull=False)
    counted = {row.pop("rep"): Answers(**row) for row in rows.values("rep").annotate(**_counted(scope))}
    reps = SalesRep.objects.filter(pk__in=counted).select_related("user", "team")
    found = [RepAnswers(rep, counted[rep.pk]) for rep in reps]
    return sorted(found, key=lambda each: (-each.answers.unanswered, str(each.rep)))


def answers(scope: Scope) -> Answers:
    return Answers(**offered(scope).aggregate(**_counted(scope)))


def offered(scope: Scope) -> Any:
    """Handoffs offered in these days, with what was said about them."""
    current = Feedback.objects.filter(handoff=OuterRef("pk"), corrected_by=None)
    rows: QuerySet[Handoff] = Handoff.objects.filter(
        offered_at__gte=clock.start_of(scope.first), offered_at__lt=clock.start_of(scope.last + 1)
    )
    if scope.model is not None:
        rows = rows.filter(qualification__model=scope.model)
    members = scope.members("lead")
    if members is not None:
        rows = rows.filter(members)
    return rows.annotate(said=Exists(current), said_for_sure=Exists(current.filter(bought__in=SAID)))
