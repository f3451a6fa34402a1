"""Offers written with everything that goes with them in one transaction: the row, the owner, the notice, the mail."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from handoff.models import Handoff
from handoff.offers import Offer
from handoff.pool import Pool
from handoff.signals import handoff_offered
from handoff.telling import tell
from leadqual.common.rows import insert_new, update_rows
from leadqual.leads.ownership import hand_over

# What the row of a handoff that waited for a rep gets when it has one.
PLACED = [
    "qualification", "policy", "team", "rep", "state", "candidates", "reasons", "offered_at", "accept_by", "to_collect",
]  # fmt: skip


def make(offers: Sequence[Offer], pool: Pool, *, now: datetime, by: Any = None) -> None:
    """Some ten statements, however many offers there are. The leads and the pool's reps are locked by the caller."""
    if not offers:
        return
    waited = [offer.handoff for offer in offers if offer.handoff.pk is not None]
    insert_new([offer.handoff for offer in offers if offer.handoff.pk is None])
    update_rows(waited, PLACED)
    hand_over({offer.lead.pk: offer.member.user_id for offer in offers}, now=now, why="handoff", by=by)
    tell(offers, now=now)
    pool.save()
    handoff_offered.send(Handoff, leads={offer.lead.pk for offer in offers}, now=now)
