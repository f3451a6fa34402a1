"""The parts of the daily run and of full runs: each a short transaction, so that events get in between.

Every part finds its leads after it has the lock, and they are no longer due when it ends: a run that was interrupted
goes on by being started again, and two at once do the work once. The parts end when another model has gone live.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef

from leadqual.common.locks import Lock, let_others, lock_alone
from leadqual.leads.models import Lead
from leadqual.scoring import as_of, ledger, scores
from leadqual.scoring.chosen import Chosen, Ids, Span
from leadqual.scoring.compiled import CompiledModel, compiled
from leadqual.scoring.dialect import prepare
from leadqual.scoring.models import LeadScore, ModelState, ScoringModel

DUE = 5000  # due leads of one transaction
RANGE = 10_000  # leads of a range: half a second on a slow machine
DENSE = 3  # ids that lie closer than this are written as a range


@dataclass(frozen=True, slots=True)
class Part:
    looked_at: int
    changed: int


def due_parts(model: ScoringModel, *, day: int) -> Iterator[Part]:
    rules = compiled(model)
    if model.as_of is None or _somebody_has_no_score(model):
        yield from _unscored_parts(model, rules, day)
    yield from _move_due(model, rules, day)


def _move_due(model: ScoringModel, rules: CompiledModel, day: int) -> Iterator[Part]:
    last = 0
    while True:
        began = monotonic()
        with transaction.atomic():
            if not _hold(model, scattered=True):
                return
            found = _due(model, day, last)
            if not found:
                return
            changed = _move(rules, found, day)
            as_of.move_forward(model.pk, day)
        last = found[-1][0]
        let_others(monotonic() - began)
        yield Part(len(found), changed)


def all_parts(model: ScoringModel, *, day: int) -> Iterator[Part]:
    rules = compiled(model)
    if model.as_of is None or _somebody_has_no_score(model):
        yield from _unscored_parts(model, rules, day)
    yield from _by_ranges(model, day, lambda span: scores.rewrite(rules, span, day=day))
    # Those whose attributes can have flipped are still due.
    yield from (Part(0, 0) for _part in _move_due(model, rules, day))


def raw_parts(model: ScoringModel, *, day: int) -> Iterator[Part]:
    rules = compiled(model)

    def rebuild(span: Span) -> None:
        ledger.write_span(rules, span, day=day)
        scores.write_span(rules, span, day=day)

    yield from _by_ranges(model, day, rebuild)


def _hold(model: ScoringModel, *, scattered: bool = False) -> bool:
    """Nobody else writes scores until the transaction ends. False when the model has been replaced since the run
    began: rows written now would be left behind by those who clear its rows away."""
    lock_alone(Lock.LEDGER)
    prepare(scattered=scattered)
    return ScoringModel.objects.filter(pk=model.pk, state=ModelState.LIVE).exists()


def how_many(model: ScoringModel, day: int) -> int:
    if model.as_of is None:
        return Lead.objects.count()
    return LeadScore.objects.filter(model=model.pk, next_change__lte=day).count()


def _by_ranges(model: ScoringModel, day: int, work: Callable[[Span], None]) -> Iterator[Part]:
    last = 0
    while True:
        began = monotonic()
        with transaction.atomic():
            if not _hold(model):
                return
            following = Lead.objects.filter(pk__gt=last).order_by("pk").values("pk")[:RANGE]
            found = following.aggregate(high=Max("pk"), count=Count("pk"))
            if not found["count"]:
                return
            work(Span(last + 1, found["high"]))
            as_of.move_forward(model.pk, day)
        last = found["high"]
        let_others(monotonic() - began)
        yield Part(found["count"], found["count"])


def _somebody_has_no_score(model: ScoringModel) -> bool:
    """Two counts; who it is, is asked only then."""
    return Lead.objects.count() != LeadScore.objects.filter(model=model.pk).count()


def _unscored_parts(model: ScoringModel, rules: CompiledModel, day: int) -> Iterator[Part]:
    scored = LeadScore.objects.filter(model=model.pk, lead=OuterRef("pk"))
    last = 0
    while True:
        began = monotonic()
        with transaction.atomic():
            if not _hold(model):
                return
            rows = Lead.objects.filter(~Exists(scored), pk__gt=last).order_by("pk")
            ids = list(rows.values_list("pk", flat=True)[:RANGE])
            if not ids:
                return
            chosen = _as_range(ids)
            if isinstance(chosen, Span):
                ledger.write_span(rules, chosen, day=day)
                scores.write_span(rules, chosen, day=day)
            else:
                ledger.write_leads(rules, chosen, day=day)
                scores.write_leads(rules, chosen, day=day)
            as_of.move_forward(model.pk, day)
        last = ids[-1]
        let_others(monotonic() - began)
        yield Part(len(ids), len(ids))


def _due(model: ScoringModel, day: int, after: int) -> list[tuple[int, int | None]]:
    """(lead, facts until) of the next due leads."""
    rows = LeadScore.objects.filter(model=model.pk, lead__gt=after, next_change__lte=day).order_by("lead_id")
    return list(rows.values_list("lead_id", "facts_until")[:DUE])


def _move(rules: CompiledModel, due: list[tuple[int, int | None]], day: int) -> int:
    """How many got other points. Attributes are read again only where one can have flipped."""
    stale = [lead for lead, until in due if _over(until, day)]
    standing = [lead for lead, until in due if not _over(until, day)]
    changed = 0
    if standing:
        chosen = Ids(standing) if stale else _as_range(standing)
        changed += scores.move_on(rules, chosen, day=day)
    if stale:
        changed += len(scores.write_leads(rules, Ids(stale), day=day))
    return changed


def _over(until: int | None, day: int) -> bool:
    return until is not None and until <= day


def _as_range(ids: list[int]) -> Chosen:
    return Span(ids[0], ids[-1]) if ids[-1] - ids[0] < DENSE * len(ids) else Ids(ids)
