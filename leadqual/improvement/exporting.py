"""The reports as tables of a spreadsheet: the same numbers as on the pages, shares as plain numbers to reckon with."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.improvement import wording
from leadqual.improvement.answers import answers_by_rep
from leadqual.improvement.bands import by_score
from leadqual.improvement.funnel import STAGES, funnel
from leadqual.improvement.judgements import Tally, judged
from leadqual.improvement.rules import by_rule
from leadqual.improvement.scope import Scope
from leadqual.improvement.statistics import Interval, Rate
from leadqual.improvement.timing import timing

Table = tuple[list[str], Iterable[list[Any]]]


def _number(value: float | None) -> str:
    return "" if value is None or value == float("inf") else f"{value:.4f}"


def _ends(interval: Interval | None) -> list[str]:
    return ["", ""] if interval is None else [_number(interval.low), _number(interval.high)]


def _share(rate: Rate) -> list[str]:
    """Also of small samples: who takes the file away sees its size beside it."""
    return [_number(rate.value), *_ends(rate.interval)]


def _share_names() -> list[str]:
    return [_("share"), _("95% interval from"), _("95% interval to")]


def _tally_names() -> list[str]:
    return [_("handed over"), _("won"), _("lost"), _("with sales"), _("given back"), _("outcome not known")]


def _tally(leads: Tally) -> list[int]:
    return [leads.all, leads.won, leads.lost, leads.with_sales, leads.given_back, leads.unknown]


def funnel_table(scope: Scope, user: Any) -> Table:
    names = [str(wording.STAGES[stage]) for stage in STAGES]
    aside = [_("lost after acceptance"), _("won otherwise"), _("handed over without having been hot")]
    rows = (
        [clock.date_of(each.first), clock.date_of(each.last), *(each.counts.reached(stage) for stage in STAGES),
         each.counts.lost, each.counts.won_aside, each.counts.handed_over_aside]
        for each in funnel(scope).cohorts
    )  # fmt: skip
    return [_("first day"), _("last day"), *names, *aside], rows


def scores_table(scope: Scope, user: Any) -> Table:
    rows = (
        [band.low, band.high, *_tally(band.leads), *_share(band.rate)]
        for band in by_score(judged(scope)).bands
    )
    return [_("score from"), _("score to"), *_tally_names(), *_share_names()], rows


def rules_table(scope: Scope, user: Any) -> Table:
    header = [_("version"), _("group"), _("rule"), _("points"), *_tally_names(), *_share_names(), _("lift"),
              _("lift from"), _("lift to"), _("verdict"), _("stands after correction")]  # fmt: skip
    return header, _rules(scope)


def _rules(scope: Scope) -> Iterator[list[Any]]:
    if scope.model is None:
        return
    for rule in by_rule(judged(scope), scope.model).rules:
        lift = rule.lift
        known = [_number(lift.value), *_ends(lift.interval)] if lift.enough else ["", "", ""]
        yield [str(scope.model), rule.group, rule.name, rule.points, *_tally(rule.fired), *_share(rule.fired.rate),
               *known, str(wording.VERDICTS[rule.verdict]), _("yes") if rule.stands else ""]  # fmt: skip


def timings_table(scope: Scope, user: Any) -> Table:
    report = timing(judged(scope))
    rows = [
        [name, part.low, part.high, part.verdicts.too_early, part.verdicts.right, part.verdicts.too_late]
        for name, parts in ((_("score"), report.by_score), (_("days from hot to the offer"), report.by_wait))
        for part in parts
    ]
    return [
        _("against"),
        _("lowest"),
        _("highest"),
        *(str(label) for label in wording.TIMINGS.values()),
    ], rows


def answers_table(scope: Scope, user: Any) -> Table:
    rows = (
        [each.rep, each.rep.team, each.answers.offered, each.answers.accepted, each.answers.declined,
         each.answers.expired, each.answers.due, each.answers.answered, each.answers.decided,
         _number(each.answers.answered_share.value)]
        for each in answers_by_rep(scope, user=user)
    )  # fmt: skip
    header = [_("sales rep"), _("sales team"), _("Offered"), _("Accepted"), _("Declined"), _("Not accepted in time"),
              _("feedback due"), _("of these answered"), _("of these decided"), _("answered share")]  # fmt: skip
    return header, rows


TABLES: dict[str, Callable[[Scope, Any], Table]] = {
    "funnel": funnel_table,
    "scores": scores_table,
    "rules": rules_table,
    "timings": timings_table,
    "answers": answers_table,
}
BY_VERSION = ("scores", "rules", "timings")
