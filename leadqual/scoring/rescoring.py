"""When scores are computed: at once for touched leads, every night for those whose day has come, by ranges for all.

Live state only moves forward. Touched leads share `Lock.LEDGER` and hold their rows; ranges and the parts of the daily
run have the lock alone, in transactions of half a second.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from leadqual.common.batches import batches
from leadqual.common.locks import Lock, lock_alone, lock_shared
from leadqual.common.progress import Progress
from leadqual.leads.recording import hold_leads
from leadqual.scoring import as_of, due, ledger, scores
from leadqual.scoring.chosen import Ids, Span
from leadqual.scoring.compiled import compiled
from leadqual.scoring.dialect import prepare
from leadqual.scoring.models import ModelState, ScoringModel
from leadqual.scoring.qualification import Judged, judge, judge_all

AT_ONCE = 2000  # touched leads that one statement names


@dataclass(slots=True)
class Rescored:
    """Leads looked at, those of them whose points changed, and who became hot or cooled by it."""

    rescored: int = 0
    changed: int = 0
    became_hot: int = 0
    cooled: int = 0


def rescore_leads(
    lead_ids: Collection[int], *, now: datetime, day: int | None = None, acts: bool = True
) -> Judged:
    """Leads whose acts (or, with `acts` false, only attributes) changed, in the caller's transaction; judged at once.

    Without a day, the one that each model stands at. Under the model that is being built as well, as far as it has
    come: the rest comes with its range.
    """
    judged = Judged()
    with transaction.atomic():
        lock_shared(Lock.LEDGER)
        prepare(scattered=True)
        models = working_models()
        for ids in batches(sorted(lead_ids), AT_ONCE) if models else ():
            hold_leads(ids)
            for model in models:
                part = _touch(model, ids, day=day, now=now, acts=acts)
                judged.opened |= part.opened
                judged.ended |= part.ended
    return judged


def _touch(model: ScoringModel, ids: list[int], *, day: int | None, now: datetime, acts: bool) -> Judged:
    stands_at = as_of.stands_at(model)
    if model.state == ModelState.BUILDING:
        ids = [each for each in ids if each <= (model.build_position or 0)]
    if stands_at is None or not ids:
        return Judged()
    on = as_of.working_day(stands_at, now) if day is None else max(day, stands_at)
    chosen, rules = Ids(ids), compiled(model)
    if acts:
        ledger.write_leads(rules, chosen, day=on)
    written = scores.write_leads(rules, chosen, day=on)
    if model.as_of != on:
        as_of.move_forward(model.pk, on)
    if model.state == ModelState.BUILDING or not (acts or written):
        return Judged()
    # Acts that change no score may still open the gate, or be the strong act that a lead must do to be hot again.
    return judge(ids, model, day=on, now=now)


def working_models() -> list[ScoringModel]:
    """The live model and the one that is being built, without what was frozen: `compiled` remembers that."""
    found = ScoringModel.objects.filter(state__in=(ModelState.LIVE, ModelState.BUILDING))
    return list(found.defer("frozen").order_by("pk"))


def build_range(model: ScoringModel, after: int, high: int, *, day: int, now: datetime) -> None:
    """Hits and scores of the leads after `after` up to `high`, from raw, whatever was there before.

    In the caller's transaction, with `Lock.LEDGER` alone.
    """
    prepare()
    span, rules = Span(after + 1, high), compiled(model)
    ledger.write_span(rules, span, day=day)
    scores.write_span(rules, span, day=day)
    as_of.move_forward(model.pk, day)


def rescore_due(*, day: int, now: datetime, progress: Progress | None = None) -> Rescored:
    """The daily run: leads whose score differs from this day on, and those that have none yet; then who is hot."""
    return _run(due.due_parts, day=day, now=now, progress=progress)


def rescore_all(*, day: int, now: datetime, progress: Progress | None = None) -> Rescored:
    """Everybody's score from the ledger, every row written."""
    return _run(due.all_parts, day=day, now=now, progress=progress)


def rebuild_all(*, day: int, now: datetime, progress: Progress | None = None) -> Rescored:
    """Ledger and scores of everybody, from the activities."""
    return _run(due.raw_parts, day=day, now=now, progress=progress)


Parts = Callable[..., Iterator[due.Part]]


def _run(parts: Parts, *, day: int, now: datetime, progress: Progress | None) -> Rescored:
    as_of.refuse_going_back(day)
    result = Rescored()
    while (model := _behind(day)) is not None:
        _work(parts(model, day=day), model, result, day=day, progress=progress)
        if _reached(model, day):
            judged = judge_all(model, day=day, now=now, progress=progress)
            result.became_hot, result.cooled = len(judged.opened), len(judged.ended)
            break
    return result


def _behind(day: int) -> ScoringModel | None:
    """The live model, unless it went live meanwhile and stands at a later day."""
    live = ScoringModel.objects.filter(state=ModelState.LIVE)
    return live.filter(Q(as_of=None) | Q(as_of__lte=day)).first()


def _work(
    parts: Iterator[due.Part], model: ScoringModel, result: Rescored, *, day: int, progress: Progress | None
) -> None:
    step, total = _("scoring"), due.how_many(model, day) if progress else 0
    for part in parts:
        result.rescored += part.looked_at
        result.changed += part.changed
        if progress:
            progress(step, min(result.rescored, total), total)


def _reached(model: ScoringModel, day: int) -> bool:
    """Everybody's score is of this day; false when another model went live meanwhile, for it has the day to come."""
    with transaction.atomic():
        lock_alone(Lock.LEDGER)
        if not ScoringModel.objects.filter(pk=model.pk, state=ModelState.LIVE).exists():
            return False
        as_of.move_forward(model.pk, day)
    return True
