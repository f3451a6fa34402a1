"""Leads with a past told in one line each, for exact numbers."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from handoff.models import Feedback, Handoff, SalesRep
from leadqual.common import clock
from leadqual.leads.models import Lead, StatusChange
from leadqual.scoring.models import Qualification, ScoringModel, ScoringRule
from tests.handoff import factories
from tests.improvement.markets import card

DAY = 20_400


def a_lead(*, day: int = DAY, outcome: str = "", outcome_day: int | None = None, **fields: Any) -> Lead:
    if outcome and outcome_day is None:
        outcome_day = DAY + 60
    return Lead.objects.create(
        family_name="山田", created_day=day, outcome=outcome, outcome_day=outcome_day, **fields
    )


def hot(
    lead: Lead, model: ScoringModel, fired: Sequence[ScoringRule] = (), *, day: int = DAY, score: int = 60
) -> Qualification:
    ended = Qualification.objects.filter(lead=lead, ended_day=None)
    ended.update(ended_day=day, ended_at=clock.start_of(day), ended_reason="sales")
    return Qualification.objects.create(
        lead=lead, model=model, opened_day=day, opened_at=clock.start_of(day), opened_reason="score",
        score=score, card=card(fired),
    )  # fmt: skip


def anybody() -> SalesRep:
    return SalesRep.objects.first() or factories.rep(factories.team())


def offered(
    to: Qualification | Lead,
    state: str = "closed",
    *,
    rep: SalesRep | None = None,
    waited: int = 0,
    taken: int = 0,
    said: str = "",
    timing: str = "",
    day: int | None = None,
) -> Handoff:
    """Offered `waited` days after it became hot; answered `taken` days later, unless nobody did."""
    lead = to if isinstance(to, Lead) else to.lead
    qualification = None if isinstance(to, Lead) else to
    begin = qualification.opened_day if qualification else DAY if day is None else day
    at = clock.start_of(begin + waited) + timedelta(hours=3)
    answered = None if state in ("waiting", "offered", "expired") else at + timedelta(days=taken)
    rep = rep or anybody()
    handoff = Handoff.objects.create(
        lead=lead, qualification=qualification, origin="hot" if qualification else "manual", state=state,
        made_at=at, offered_at=at, answered_at=answered, rep=rep, team=rep.team,
    )  # fmt: skip
    if said or timing:
        Feedback.objects.create(
            handoff=handoff,
            bought=said or "open",
            timing=timing,
            day=begin + 30,
            at=clock.start_of(begin + 30),
        )
    return handoff


def became(lead: Lead, status: str, day: int = DAY + 10) -> None:
    StatusChange.objects.create(lead=lead, before="accepted", after=status, day=day, at=clock.start_of(day))
