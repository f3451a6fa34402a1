"""Why a lead is in a segment or out of it, part by part."""

from dataclasses import dataclass

from leadqual.leads.models import Lead
from segments.conditions import Answer, answers, holds, load_facts, parse_stored
from segments.models import Membership, Segment


@dataclass(frozen=True, slots=True)
class Why:
    """`member` is what the last refresh or a hand decided, `holds` what the condition says of what is known now."""

    member: bool
    holds: bool
    answers: list[Answer]


def why(segment: Segment, lead: Lead, *, day: int) -> Why:
    condition = parse_stored({segment.pk: segment.condition})[segment.pk]
    facts = load_facts([lead.pk], day=day, conditions=[condition])[lead.pk]
    member = Membership.objects.filter(segment=segment, lead=lead).exists()
    return Why(member, holds(condition, facts, day=day), answers(condition, facts, day=day))
