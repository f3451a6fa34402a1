"""A lead offered to a rep, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handoff.business_time import after_business_hours
from handoff.choosing import Member
from handoff.models import Handoff, HandoffPolicy, Means, Origin, State
from leadqual.leads.models import Lead
from leadqual.scoring.models import Qualification

COLLECTED = {Means.DIGEST.value, Means.CSV.value}


@dataclass(frozen=True, slots=True)
class Offer:
    handoff: Handoff
    lead: Lead
    member: Member
    policy: HandoffPolicy | None


def offer(
    lead: Lead,
    member: Member,
    policy: HandoffPolicy | None,
    *,
    now: datetime,
    handoff: Handoff | None = None,
    qualification: Qualification | None = None,
    candidates: Sequence[Sequence[int]] = (),
    reasons: dict[str, Any] | None = None,
    origin: str = Origin.HOT,
    moved_from: Handoff | None = None,
    by: Any = None,
    accept_within: int | None = None,
) -> Offer:
    """Made in memory; `handoff` is the row that waited for a rep, if there is one. `accept_within` business hours
    are given where the policy, if there is one, says nothing."""
    row = handoff or Handoff(lead=lead, origin=origin, made_at=now, moved_from=moved_from, by=by)
    row.qualification = qualification
    row.policy = policy
    row.team_id, row.rep_id = member.team_id, member.rep_id
    row.state = State.OFFERED
    row.candidates = [list(candidate) for candidate in candidates]
    row.reasons = {**row.reasons, **(reasons or {})}
    row.offered_at = now
    hours = policy.accept_within_hours if policy else None
    hours = accept_within if hours is None else hours
    row.accept_by = None if hours is None else after_business_hours(now, hours)
    row.to_collect = bool(policy and member.address and COLLECTED & set(policy.means))
    return Offer(row, lead, member, policy)
