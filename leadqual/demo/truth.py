"""Why the leads of the demo market buy: known here, hidden from the product, so that its reports can be checked.

A handoff's chance of being won follows from a few facts about the lead on the day of the offer. Whether the timing was
right depends on one fact only, so `timing` and `bought` are independent of each other once the facts are known.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from handoff.models import Handoff
from leadqual.common import clock
from leadqual.leads.models import Activity, Seniority

Acts = Sequence[tuple[str, int]]  # (key of the activity type, day)

BASE = -2.0
# fact -> what it adds to the logarithm of the odds; nothing means: earns points, and says nothing about buying
DRIVERS: Mapping[str, float] = {
    "asked": 1.6,  # an inquiry or a wish for a call within the last 60 days
    "looked_at_prices": 1.2,  # prices looked at twice or more within the last 60 days
    "began_a_trial": 0.5,  # within the last 60 days
    "came_to_a_seminar": 0.5,  # within the last 180 days
    "decides": 0.6,  # director or executive
    "opened_mails": 0.0,  # three or more within the last 60 days
    "took_a_paper": 0.0,  # within the last 120 days: the rule of the model that is useless
    "large_company": -1.6,  # 1,000 people or more: the rule of the model that does harm
    "called_too_early": -0.4,  # manufacturers of middle size: they get hot before they have a project
}
TOO_EARLY = {True: 0.55, False: 0.12}  # by "called_too_early"
TOO_LATE = 0.06
LARGE, MIDDLE = 1000, 100
DECIDERS = (Seniority.DIRECTOR, Seniority.EXECUTIVE)


@dataclass(frozen=True, slots=True)
class Person:
    """What of a lead stays as it is."""

    manufacturer: bool
    employees: int
    seniority: str


def facts(person: Person, acts: Acts, day: int) -> frozenset[str]:
    """The drivers that hold on the day."""

    def times(days: int, *types: str) -> int:
        return sum(day - days < at <= day for type, at in acts if type in types)

    held = {
        "asked": times(60, "inquiry", "call_request") > 0,
        "looked_at_prices": times(60, "pricing_view") >= 2,
        "began_a_trial": times(60, "trial") > 0,
        "came_to_a_seminar": times(180, "seminar") > 0,
        "decides": person.seniority in DECIDERS,
        "opened_mails": times(60, "mail_open") >= 3,
        "took_a_paper": times(120, "download") > 0,
        "large_company": person.employees >= LARGE,
        "called_too_early": person.manufacturer and MIDDLE <= person.employees < LARGE,
    }
    return frozenset(name for name, holds in held.items() if holds)


def chance(held: Collection[str]) -> float:
    """Of being won, once accepted and not handed back."""
    return 1 / (1 + math.exp(-BASE - sum(DRIVERS[name] for name in held)))


def chance_too_early(held: Collection[str]) -> float:
    return TOO_EARLY["called_too_early" in held]


def facts_of_handoffs(rows: Collection[Handoff], manufacturing: str) -> dict[int, frozenset[str]]:
    """The same read from the database, for each handoff with a rep; `manufacturing` is how the industry is called."""
    acts: dict[int, list[tuple[str, int]]] = {}
    found = Activity.objects.filter(lead__in={row.lead_id for row in rows}, machine=False)
    for lead, type, day in found.values_list("lead_id", "signature__type__key", "day"):
        if lead is not None:
            acts.setdefault(lead, []).append((type, day))
    return {
        row.pk: facts(_person(row, manufacturing), acts.get(row.lead_id, []), clock.day_of(row.offered_at))
        for row in rows
        if row.offered_at is not None
    }


def _person(row: Handoff, manufacturing: str) -> Person:
    company = row.lead.company
    return Person(
        manufacturer=bool(company and company.industry == manufacturing),
        employees=(company and company.employees) or 0,
        seniority=row.lead.seniority,
    )
