"""Which rule is wrong: for each rule of one version, do the leads it fired for buy more often than the others?

Compared among leads that were hot and handed over, by the cards as judged then; the whole market is not seen here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from leadqual.improvement.judgements import Judged, Tally, tally
from leadqual.improvement.statistics import Finding, Lift, surviving
from leadqual.scoring.models import RuleKind, ScoringModel, ScoringRule

EARNING = (RuleKind.BEHAVIOUR, RuleKind.ATTRIBUTE, RuleKind.INACTIVITY)


class Verdict(StrEnum):
    NOT_ENOUGH = "not_enough"
    NO_DIFFERENCE = "no_difference"
    HELPS = "helps"
    HURTS = "hurts"


@dataclass(frozen=True, slots=True)
class RuleReport:
    """`stands`: still a difference when one allows for all the rules having been tried (`surviving`)."""

    rule: int
    name: str
    group: str
    points: int
    fired: Tally
    lift: Lift
    stands: bool

    @property
    def verdict(self) -> Verdict:
        """A rule helps when its points go the way of the sales: up where leads buy more, down where less."""
        finding = self.lift.finding
        if finding == Finding.NOT_ENOUGH:
            return Verdict.NOT_ENOUGH
        if finding == Finding.NO_DIFFERENCE:
            return Verdict.NO_DIFFERENCE
        return Verdict.HELPS if (finding == Finding.HIGHER) == (self.points >= 0) else Verdict.HURTS


@dataclass(frozen=True, slots=True)
class ByRule:
    model: ScoringModel
    base: Tally
    rules: Sequence[RuleReport]

    @property
    def tried(self) -> int:
        """How many rules had enough data to be compared."""
        return sum(each.lift.enough for each in self.rules)


def by_rule(rows: Sequence[Judged], model: ScoringModel) -> ByRule:
    """Every rule of the version, those that never fired too; rows of other versions are left out. One query."""
    own = [row for row in rows if row.model == model.pk]
    base = tally(own)
    rules = ScoringRule.objects.filter(model=model, kind__in=EARNING).select_related("group")
    fired = {rule.pk: tally(row for row in own if rule.pk in row.fired) for rule in rules}
    lifts = {pk: Lift(part.rate, base.rate) for pk, part in fired.items()}
    standing = surviving({pk: lift.chance for pk, lift in lifts.items() if lift.enough})
    reports = [
        RuleReport(
            rule.pk, rule.name, rule.group.name if rule.group else "", rule.points,
            fired[rule.pk], lifts[rule.pk], rule.pk in standing,
        )
        for rule in rules
    ]  # fmt: skip
    return ByRule(model, base, reports)
