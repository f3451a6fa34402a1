"""How far the leads of a month came: new, hot, handed over, accepted, opportunity, won.

Each stage is a part of the one before, so a rate of two neighbours is a true share. Sales made outside this way (direct
acts, leads handed over by hand, outcomes without a handoff) are counted aside.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from django.db.models import Count, QuerySet

from handoff.models import Handoff
from leadqual.common import clock
from leadqual.improvement.judgements import taken_on
from leadqual.improvement.scope import Scope, months
from leadqual.improvement.statistics import Rate
from leadqual.leads.models import Lead, Outcome, Status, StatusChange
from leadqual.scoring.models import Qualification


class Stage(StrEnum):
    NEW = "new"
    HOT = "hot"
    HANDED_OVER = "handed_over"
    ACCEPTED = "accepted"
    OPPORTUNITY = "opportunity"
    WON = "won"


STAGES = tuple(Stage)


@dataclass(frozen=True, slots=True)
class Counts:
    new: int = 0
    hot: int = 0
    handed_over: int = 0
    accepted: int = 0
    opportunity: int = 0
    won: int = 0
    lost: int = 0  # accepted, and lost
    won_aside: int = 0
    handed_over_aside: int = 0  # to sales without having been hot

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    def reached(self, stage: Stage) -> int:
        return int(getattr(self, stage))

    def step(self, stage: Stage) -> Rate:
        """Of the leads in the stage before, how many came on to this one; for the first, all."""
        before = STAGES[max(0, STAGES.index(stage) - 1)]
        return Rate(self.reached(stage), self.reached(before))

    def share(self, stage: Stage) -> Rate:
        """Of all new leads."""
        return Rate(self.reached(stage), self.new)

    @property
    def undecided(self) -> int:
        """Accepted by sales, nothing known yet."""
        return self.accepted - self.won - self.lost

    @property
    def decided(self) -> Rate:
        return Rate(self.won, self.won + self.lost)


@dataclass(frozen=True, slots=True)
class Cohort:
    """The leads that came in on these days."""

    first: int
    last: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class Funnel:
    cohorts: Sequence[Cohort]
    all: Counts


def funnel(scope: Scope) -> Funnel:
    """By the month in which the lead came in. Five queries, whatever the number of leads."""
    new = _of_cohort(Lead.objects.all(), scope, "", "pk").values_list("created_day")
    reached = _reached(scope)
    reached["new"] = dict(new.annotate(number=Count("pk")))
    cohorts = [
        Cohort(first, last, _within(reached, range(first, last + 1)))
        for first, last in months(scope.first, scope.last)
    ]
    return Funnel(cohorts, sum((each.counts for each in cohorts), Counts()))


def _within(reached: Mapping[str, Mapping[int, int]], days: range) -> Counts:
    return Counts(
        **{
            name: sum(number for day, number in by_day.items() if day in days)
            for name, by_day in reached.items()
        }
    )


def _of_cohort(rows: QuerySet[Any], scope: Scope, to_lead: str, lead: str) -> QuerySet[Any]:
    found = rows.filter(**{f"{to_lead}created_day__range": (scope.first, scope.last)})
    members = scope.members(lead)
    return found if members is None else found.filter(members)


def _reached(scope: Scope) -> dict[str, Mapping[int, int]]:
    """For each stage, how many leads by the day on which they came in."""
    version = {} if scope.model is None else {"model": scope.model}
    hot = _leads(_of_cohort(Qualification.objects.filter(**version), scope, "lead__", "lead"))
    offers = Handoff.objects.filter(offered_at__isnull=False)
    talked = StatusChange.objects.filter(after=Status.OPPORTUNITY, lead__handoffs__in=offers)
    opportunity = _leads(_of_cohort(talked, scope, "lead__", "lead"))
    winners = _of_cohort(Lead.objects.filter(outcome=Outcome.WON), scope, "", "pk")
    all_won = dict(winners.values_list("pk", "created_day"))
    handed, aside, accepted, ended = _offered(scope, hot)
    won = {lead: day for lead, day in accepted.items() if ended.get(lead) == Outcome.WON}
    lost = {lead: day for lead, day in accepted.items() if ended.get(lead) == Outcome.LOST}
    talking = {lead: day for lead, day in accepted.items() if lead in opportunity or lead in won}
    won_aside = {lead: day for lead, day in all_won.items() if lead not in won}
    found: dict[str, dict[int, int]] = {
        "hot": hot, "handed_over": handed, "accepted": accepted, "opportunity": talking, "won": won,
        "lost": lost, "won_aside": won_aside, "handed_over_aside": aside,
    }  # fmt: skip
    return {name: Counter(leads.values()) for name, leads in found.items()}


Leads = dict[int, int]  # lead -> the day on which it came in


def _leads(rows: QuerySet[Any]) -> Leads:
    return dict(rows.values_list("lead_id", "lead__created_day").distinct())


def _offered(scope: Scope, hot: Leads) -> tuple[Leads, Leads, Leads, dict[int, str]]:
    """Handed over as hot, handed over otherwise, accepted by a rep, and the outcome that came after an offer."""
    offers = Handoff.objects.filter(offered_at__isnull=False)
    if scope.model is not None:
        offers = offers.filter(qualification__model=scope.model)
    handed: Leads = {}
    aside: Leads = {}
    accepted: Leads = {}
    ended: dict[int, str] = {}
    rows = _of_cohort(offers, scope, "lead__", "lead").values_list(
        "lead_id", "lead__created_day", "qualification_id", "state", "offered_at",
        "lead__outcome", "lead__outcome_day", "closed_as", "answered_at",
    )  # fmt: skip
    for lead, day, qualification, state, offered_at, outcome, outcome_day, closed_as, answered_at in rows:
        if qualification is None or lead not in hot:
            aside[lead] = day
            continue
        handed[lead] = day
        if taken_on(state, closed_as, answered_at):
            accepted[lead] = day
        if outcome_day is not None and outcome_day >= clock.day_of(offered_at):
            ended[lead] = outcome
    return handed, {lead: day for lead, day in aside.items() if lead not in handed}, accepted, ended


def stages_of(counts: Counts) -> Iterable[tuple[Stage, int, Rate, Rate]]:
    """Each stage with its number, its share of the stage before and of all new leads."""
    return [(stage, counts.reached(stage), counts.step(stage), counts.share(stage)) for stage in STAGES]
