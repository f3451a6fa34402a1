"""A model's way to being live: built beside the one that is, swapped in, judged; the old one's rows are cleared away.

Each step is a series of short transactions under `Lock.LEDGER`, and `build_position` is how far the series has come,
committed with each of them. So any process can go on where another was killed, and two at once do no harm:

- building: hits and scores are there for the leads up to this id;
- live: the qualifications of the leads up to this id have been looked at under the new thresholds;
- retired: hits and scores of the leads up to this id are gone.
"""

from datetime import datetime
from time import monotonic

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from leadqual.common.locks import Lock, let_others, lock_alone
from leadqual.common.progress import Progress
from leadqual.leads.models import Lead
from leadqual.scoring.candidates import coolable, with_points
from leadqual.scoring.compiled import compiled
from leadqual.scoring.dialect import prepare
from leadqual.scoring.ledger import purge_range
from leadqual.scoring.matching import forget_model
from leadqual.scoring.models import ModelState, ScoringModel
from leadqual.scoring.qualification import Judged, judge
from leadqual.scoring.rescoring import build_range

LEAST, START, MOST = 200, 2000, 20_000  # leads in one transaction
SECONDS = 0.5  # that one transaction should take
JUDGED = 1000
LAST = 2**62


class OutOfTime(Exception):
    """There was no more time for another step; the position says where to go on."""


class Pace:
    """How many leads fit into a transaction of half a second, learnt from the last one; around the transaction.

    After `until` (of the monotonic clock) no other step is begun.
    """

    def __init__(self, until: float | None) -> None:
        self.size = START
        self.began = 0.0
        self.until = until

    def __enter__(self) -> "Pace":
        if self.until is not None and monotonic() >= self.until:
            raise OutOfTime
        self.begin()
        return self

    def begin(self) -> None:
        """Once the lock is there: waiting for others says nothing about our size."""
        self.began = monotonic()

    def __exit__(self, *_error: object) -> None:
        taken = max(monotonic() - self.began, 0.001)
        factor = min(2.0, max(0.25, SECONDS / taken))
        self.size = min(MOST, max(LEAST, int(self.size * factor)))
        let_others(taken)


def build(
    model_id: int, *, now: datetime, progress: Progress | None = None, until: float | None = None
) -> bool:
    """Scores everybody under the model; false when somebody else has finished or discarded it meanwhile."""
    pace = Pace(until)
    total, done = Lead.objects.count(), 0
    while True:
        with pace, transaction.atomic():
            model, size = _mine(model_id, ModelState.BUILDING, pace), pace.size
            if model is None:
                return False
            high = range_end(position(model), size)
            if high is None:
                return True
            build_range(model, position(model), high, day=built_for(model), now=now)
            ScoringModel.objects.filter(pk=model_id).update(build_position=high)
        if progress:
            done = min(total, done + size)
            progress(_("scoring under the new model"), done, total)


def swap(model_id: int, *, now: datetime) -> bool:
    """The pointer: one transaction of a few rows. False when leads came in that were not built yet, or time moved on.

    From then on the scores that everybody reads are the new model's. Its judgement follows in `settle`.
    """
    with transaction.atomic():
        model = _mine(model_id, ModelState.BUILDING)
        if model is None:
            return True
        old = ScoringModel.objects.filter(state=ModelState.LIVE).first()
        if old and old.as_of is not None and old.as_of > built_for(model):
            # The daily run has taken the live scores to another day: so must the new ones be.
            _update(model, published_day=old.as_of, build_position=0)
            return False
        if not _complete(model, now):
            return False
        if old:
            day = built_for(model)
            _update(old, state=ModelState.RETIRED, retired_at=now, retired_day=day, build_position=0)
        _update(model, state=ModelState.LIVE, published_at=now, build_position=0)
    return True


def _complete(model: ScoringModel, now: datetime) -> bool:
    """Whether everybody has a score; the last few who came in meanwhile get theirs here."""
    high = range_end(position(model), LEAST)
    if high is None:
        return True
    build_range(model, position(model), high, day=built_for(model), now=now)
    _update(model, build_position=high)
    return range_end(high, 1) is None


def settle(
    model_id: int, *, now: datetime, progress: Progress | None = None, until: float | None = None
) -> Judged:
    """Judges everybody whom the new thresholds change, in the order of their ids (semantics 18)."""
    judged, pace = Judged(), Pace(until)
    while True:
        with pace, transaction.atomic():
            model = _mine(model_id, ModelState.LIVE, pace)
            if model is None or model.build_position is None:
                return judged
            day = max(built_for(model), model.as_of or 0)
            leads = _next_to_judge(model)
            part = judge(set(leads), model, day=day, now=now)
            _update(model, build_position=leads[-1] if leads else None)
        judged.opened |= part.opened
        judged.ended |= part.ended
        if progress and leads:
            progress(_("judging under the new thresholds"), leads[-1], leads[-1])


def _next_to_judge(model: ScoringModel) -> list[int]:
    after = position(model)
    cooled = coolable(model).filter(lead_id__gt=after).order_by("lead_id").values_list("lead_id", flat=True)
    return sorted({*cooled[:JUDGED], *with_points(model, after=after, limit=JUDGED)})[:JUDGED]


def clear(model_id: int, *, progress: Progress | None = None, until: float | None = None) -> None:
    """Removes the hits and scores of a model that nobody reads any more."""
    pace = Pace(until)
    total, done = Lead.objects.count(), 0
    while True:
        with pace, transaction.atomic():
            model, size = _mine(model_id, ModelState.RETIRED, pace), pace.size
            if model is None or model.build_position is None:
                return
            high = range_end(position(model), size)
            purge_range(model_id, position(model), LAST if high is None else high)
            if high is None:
                forget_model(compiled(model))
            _update(model, build_position=high)
        if progress:
            done = min(total, done + size)
            progress(_("clearing away the old scores"), done, total)


def clear_discarded(model_id: int) -> None:
    """Removes the rows of a publication that was given up; what a kill leaves here the next build writes over."""
    after: int | None = 0
    while after is not None:
        with transaction.atomic():
            if _mine(model_id, ModelState.DRAFT) is None:
                return
            high = range_end(after, MOST)
            purge_range(model_id, after, LAST if high is None else high)
        after = high


def range_end(after: int, size: int) -> int | None:
    """The id of the last of the next `size` leads; None when there are none."""
    following = Lead.objects.filter(pk__gt=after).order_by("pk").values("pk")[:size]
    return Lead.objects.filter(pk__in=following).aggregate(end=Max("pk"))["end"]


def position(model: ScoringModel) -> int:
    return model.build_position or 0


def built_for(model: ScoringModel) -> int:
    assert model.published_day is not None
    return model.published_day


def _mine(model_id: int, state: ModelState, pace: Pace | None = None) -> ScoringModel | None:
    """The model, if it is (still) in this state; nobody else writes scores until the transaction ends."""
    lock_alone(Lock.LEDGER)
    prepare()
    if pace:
        pace.begin()
    return ScoringModel.objects.filter(pk=model_id, state=state).first()


def _update(model: ScoringModel, **values: object) -> None:
    ScoringModel.objects.filter(pk=model.pk).update(**values)
