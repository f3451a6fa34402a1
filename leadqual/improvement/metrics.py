"""What a PDCA cycle may try to move: each is a rate that a report counts, never a number typed in."""

from collections.abc import Callable

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from leadqual.improvement.answers import answers
from leadqual.improvement.funnel import Stage, funnel
from leadqual.improvement.judgements import judged, tally
from leadqual.improvement.scope import Scope
from leadqual.improvement.statistics import Rate
from leadqual.improvement.timing import verdicts


class Metric(TextChoices):
    WON = "won", _("hot leads that bought, of the decided ones")
    ACCEPTED = "accepted", _("offers that a rep accepted, of those that are over")
    RIGHT_TIME = "right_time", _("handoffs at the right time, of those with a word on it")
    TOO_EARLY = "too_early", _("handoffs that came too early, of those with a word on it")
    ANSWERED = "answered", _("accepted handoffs with feedback, of those where it is due")
    HOT = "hot", _("new leads that became hot")


# Metrics of which less is better.
FALLING = (Metric.TOO_EARLY,)


def measure(metric: str, scope: Scope) -> Rate:
    return MEASURES[Metric(metric)](scope)


def _won(scope: Scope) -> Rate:
    return tally(judged(scope)).rate


def _timing(verdict: str) -> Callable[[Scope], Rate]:
    return lambda scope: verdicts(judged(scope)).rate(verdict)


MEASURES: dict[Metric, Callable[[Scope], Rate]] = {
    Metric.WON: _won,
    Metric.ACCEPTED: lambda scope: answers(scope).accepted_share,
    Metric.RIGHT_TIME: _timing("right"),
    Metric.TOO_EARLY: _timing("too_early"),
    Metric.ANSWERED: lambda scope: answers(scope).answered_share,
    Metric.HOT: lambda scope: funnel(scope).all.step(Stage.HOT),
}
