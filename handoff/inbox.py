"""What lies in a rep's inbox: to answer, taken on, waiting for feedback, done; and whether it has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q

from handoff.chasing import LOOK_BACK, feedback_due
from handoff.models import OPEN, Feedback, Handoff, State
from handoff.querysets import HandoffQuerySet
from leadqual.leads.models import Status

MOST = 200
PAGE = 50


class Part(StrEnum):
    ANSWER = "answer"
    ACCEPTED = "accepted"
    FEEDBACK = "feedback"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Counts:
    answer: int
    accepted: int
    feedback: int


@dataclass(frozen=True, slots=True)
class Mark:
    """What the inbox held when it was drawn: the same digest means nothing has changed since."""

    digest: str
    offered_at: datetime | None

    @property
    def since(self) -> str:
        return self.offered_at.isoformat() if self.offered_at else ""


def of(user: Any) -> HandoffQuerySet:
    """The reader's own as a rep, whatever else they may see."""
    rows: HandoffQuerySet = Handoff.objects.visible_to(user).filter(rep__user=user)
    return rows


def with_everything(rows: HandoffQuerySet) -> HandoffQuerySet:
    return rows.select_related("lead__company", "qualification__model", "policy")


def part(user: Any, which: Part, *, due: Q, now: datetime, before: datetime | None = None) -> list[Handoff]:
    """The rows of one part, the most urgent first; one query."""
    rows = with_everything(of(user))
    if which is Part.ANSWER:
        rows = rows.filter(state=State.OFFERED).order_by(
            F("accept_by").asc(nulls_last=True), F("qualification__score").desc(nulls_last=True), "pk"
        )
    elif which is Part.ACCEPTED:
        rows = rows.filter(state=State.ACCEPTED).order_by(
            F("next_action_on").asc(nulls_last=True), "answered_at", "pk"
        )
    elif which is Part.FEEDBACK:
        rows = _without_feedback(rows, due, now).order_by("answered_at", "pk")
    else:
        rows = rows.exclude(state__in=OPEN).order_by("-closed_at", "-pk")
        if before is not None:
            rows = rows.filter(closed_at__lt=before)
        return list(rows[: PAGE + 1])
    return list(rows[:MOST])


def count(user: Any, *, due: Q, now: datetime) -> Counts:
    """One query."""
    said = Feedback.objects.filter(handoff=OuterRef("pk"))
    unsaid = due & Q(~Exists(said), answered_at__gte=now - LOOK_BACK)
    unsaid &= Q(state__in=(State.ACCEPTED, State.CLOSED)) & ~Q(closed_as=Status.DISQUALIFIED)
    found = of(user).aggregate(
        answer=Count("pk", filter=Q(state=State.OFFERED)),
        accepted=Count("pk", filter=Q(state=State.ACCEPTED)),
        feedback=Count("pk", filter=unsaid),
    )
    return Counts(**found)


def _without_feedback(rows: HandoffQuerySet, due: Q, now: datetime) -> HandoffQuerySet:
    return rows.awaiting_feedback().filter(due, answered_at__gte=now - LOOK_BACK)


def due_now(now: datetime) -> Q:
    return feedback_due(now)


def mark(user: Any) -> Mark:
    """One query over what is open: as many rows as the rep has places."""
    rows = of(user).filter(state__in=OPEN).order_by("pk")
    found = list(rows.values_list("pk", "state", "qualification__ended_reason", "accept_by", "offered_at"))
    told = blake2b(repr([row[:4] for row in found]).encode(), digest_size=9).hexdigest()
    return Mark(told, max((row[4] for row in found), default=None))


def arrived(user: Any, since: datetime | None) -> Sequence[Handoff]:
    """Offers that came after the inbox was drawn, in the order they came."""
    rows = with_everything(of(user)).filter(state=State.OFFERED)
    if since is not None:
        rows = rows.filter(offered_at__gt=since)
    return list(rows.order_by("offered_at", "pk")[:MOST])


def gone(user: Any, since: datetime) -> Sequence[Handoff]:
    """Offers that were answered, moved on or taken back since then."""
    rows = of(user).exclude(state=State.OFFERED)
    moved = Q(closed_at__gt=since) | Q(answered_at__gt=since)
    return list(rows.filter(moved).only("public_id", "state")[:MOST])


# A little more than the pages' clocks may differ from each other.
SLACK = timedelta(seconds=5)
