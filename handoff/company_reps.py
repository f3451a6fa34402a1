from collections.abc import Iterable

from handoff.choosing import Member
from handoff.models import OPEN, Handoff, HandoffPolicy, State, Strategy
from handoff.pool import Pool
from leadqual.leads.models import Lead


class CompanyReps:
    """Who already works with each company, by the latest handoff of one of its people; empty unless a policy asks."""

    def __init__(self, pool: Pool, leads: Iterable[tuple[Lead, HandoffPolicy]]) -> None:
        companies = {
            lead.company_id
            for lead, policy in leads
            if policy.strategy == Strategy.SAME_COMPANY_FIRST and lead.company_id is not None
        }
        self.reps: dict[int, int] = {}
        self.asked = bool(companies)
        if companies:
            rows = Handoff.objects.filter(
                lead__company_id__in=companies,
                rep_id__in=list(pool.members),
                state__in=(*OPEN, State.CLOSED.value),
            )
            self.reps = dict(rows.order_by("pk").values_list("lead__company_id", "rep_id"))

    def rep_of(self, lead: Lead) -> int | None:
        return self.reps.get(lead.company_id or 0)

    def remember(self, lead: Lead, member: Member) -> None:
        """The next person of the company follows in the same batch."""
        if self.asked and lead.company_id:
            self.reps[lead.company_id] = member.rep_id
