"""How much of what was handed over sales has answered, rep by rep: without answers nothing here can be learnt."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from handoff.models import Feedback, Handoff, SalesRep, State
from leadqual.common import clock
from leadqual.improvement.judgements import SAID, TAKEN
from leadqual.improvement.scope import Scope
from leadqual.improvement.statistics import Rate


@dataclass(frozen=True, slots=True)
class Answers:
    """Of the handoffs offered in these days. All of them are counted, so the shares are what was, not an estimate."""

    offered: int
    accepted: int
    declined: int
    expired: int
    answered: int  # accepted ones with feedback, be it "not decided yet"
    decided: int  # accepted ones with feedback that says yes or no

    @property
    def answered_share(self) -> Rate:
        return Rate(self.answered, self.accepted)

    @property
    def accepted_share(self) -> Rate:
        """Of the offers that are over."""
        return Rate(self.accepted, self.accepted + self.declined + self.expired)

    @property
    def unanswered(self) -> int:
        return self.accepted - self.answered


@dataclass(frozen=True, slots=True)
class RepAnswers:
    rep: SalesRep
    answers: Answers


COUNTED = {
    "offered": Count("pk"),
    "accepted": Count("pk", filter=Q(state__in=TAKEN)),
    "declined": Count("pk", filter=Q(state=State.REJECTED.value)),
    "expired": Count("pk", filter=Q(state=State.EXPIRED.value)),
    "answered": Count("pk", filter=Q(state__in=TAKEN, said=True)),
    "decided": Count("pk", filter=Q(state__in=TAKEN, said_for_sure=True)),
}


def answers_by_rep(scope: Scope, *, user: Any) -> Sequence[RepAnswers]:
    """The reps whose handoffs `user` may see, those who answer least first. Two queries."""
    rows = offered(scope).visible_to(user).filter(rep__isnull=False)
    counted = {row.pop("rep"): Answers(**row) for row in rows.values("rep").annotate(**COUNTED)}
    reps = SalesRep.objects.filter(pk__in=counted).select_related("user", "team")
    found = [RepAnswers(rep, counted[rep.pk]) for rep in reps]
    return sorted(found, key=lambda each: (-each.answers.unanswered, str(each.rep)))


def answers(scope: Scope) -> Answers:
    return Answers(**offered(scope).aggregate(**COUNTED))


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
