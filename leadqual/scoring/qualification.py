"""Who becomes hot: qualifications open here, set by set, in the transaction that wrote the scores.

A lead is judged once per committed batch and once per daily run, at that day; a past day is never judged.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from leadqual.common.batches import batches
from leadqual.common.locks import Lock, let_others, lock_alone
from leadqual.common.progress import Progress
from leadqual.common.rows import insert_rows
from leadqual.leads import lifecycle
from leadqual.leads.models import Lead, Status
from leadqual.scoring.candidates import able, coolable, planned_for_reading, with_points
from leadqual.scoring.cards import Card, Scored, cards
from leadqual.scoring.chosen import of_leads
from leadqual.scoring.compiled import compiled
from leadqual.scoring.dialect import prepare
from leadqual.scoring.endings import close, end_by_sales, locked
from leadqual.scoring.models import (
    EndedReason,
    ModelState,
    OpenedReason,
    Qualification,
    ScoringModel,
)
from leadqual.scoring.reopening import may_open
from leadqual.scoring.signals import lead_became_hot

__all__ = ["Judged", "end_by_sales", "judge", "judge_all", "release", "waiting_for_release"]

SIZE = 5000  # ids that one statement names
COMMITTED = 1000  # leads judged in one transaction of the daily run
BEFORE_HOT = (Status.NEW, Status.NURTURING, Status.RECYCLED, Status.LOST)

Scope = Collection[int] | None
Row = TypeVar("Row", bound=Model)


@dataclass(slots=True)
class Judged:
    opened: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Occasion:
    """When and why leads are judged.

    `after`: another model went live and leads above this id have not been judged by it yet; whatever happens to
    them happens because of the model (semantics 18), even if an event of theirs is quicker than the publisher.
    """

    model: ScoringModel
    day: int
    now: datetime
    reason: OpenedReason
    after: int | None
    released_hot: bool

    def by_publish(self, lead: int) -> bool:
        return self.reason == OpenedReason.PUBLISH or (self.after is not None and lead > self.after)


def judge(
    lead_ids: Scope, model: ScoringModel, *, day: int, now: datetime, reason: str = OpenedReason.SCORE
) -> Judged:
    """Ends and opens the qualifications of these leads, or of all: some fifteen statements per 5,000 leads.

    Runs in the transaction that wrote their scores, under its lock (`Lock.LEDGER`).
    """
    judged = Judged()
    live = ScoringModel.objects.filter(pk=model.pk, state=ModelState.LIVE)
    position = live.values_list("build_position", "released_hot").first()
    if position is None:
        return judged  # another model went live while the caller was at work: its publisher judges
    occasion = Occasion(model, day, now, OpenedReason(reason), *position)
    for scope in [None] if lead_ids is None else batches(sorted(lead_ids), SIZE):
        judged.ended |= _end_cooled(scope, occasion)
    for ids in batches(with_points(model) if lead_ids is None else sorted(lead_ids), SIZE):
        judged.opened |= _open_hot(ids, occasion)
    return judged


def judge_all(model: ScoringModel, *, day: int, now: datetime, progress: Progress | None = None) -> Judged:
    """The daily run: everybody whose score, gate and past allow a change, whatever brought it about.

    They are found without a lock and judged a thousand per transaction, so that nobody waits for the whole.
    """
    with planned_for_reading():
        found = set(coolable(model).values_list("lead_id", flat=True))
        for ids in batches(with_points(model), SIZE):
            found |= may_open(able(ids, model, day=day), model, day=day)
    judged, done = Judged(), 0
    for ids in batches(sorted(found), COMMITTED):
        began = monotonic()
        with transaction.atomic():
            lock_alone(Lock.LEDGER)
            prepare()
            part = judge(set(ids), model, day=day, now=now)
        let_others(monotonic() - began)
        judged.ended |= part.ended
        judged.opened |= part.opened
        done += len(ids)
        if progress:
            progress(_("judging who is hot"), done, len(found))
    return judged


def _end_cooled(ids: Scope, occasion: Occasion) -> set[int]:
    cooled = dict(locked(_among(coolable(occasion.model), ids)))
    by_model = {pk: lead for pk, lead in cooled.items() if occasion.by_publish(lead)}
    by_score = {pk: lead for pk, lead in cooled.items() if pk not in by_model}
    ended = close(by_model, EndedReason.MODEL, day=occasion.day, now=occasion.now)
    return ended | close(by_score, EndedReason.COOLED, day=occasion.day, now=occasion.now)


def _open_hot(ids: Collection[int], occasion: Occasion) -> set[int]:
    model, day = occasion.model, occasion.day
    scores = able(ids, model, day=day)
    opening = sorted(may_open(scores, model, day=day))
    if not opening:
        return set()
    shown = cards([scores[lead] for lead in opening], compiled(model), day=day)
    # Another process may have opened one since we looked: the database keeps one, and only ours are told.
    rows = [_row(scores[lead], occasion, shown[lead]) for lead in opening]
    insert_rows(Qualification, COLUMNS, rows, ignore_conflicts=True)
    ours = Qualification.objects.filter(
        of_leads(Qualification, opening), ended_day=None, opened_at=occasion.now
    )
    opened = set(ours.values_list("lead_id", flat=True))
    _tell(opened, occasion)
    return opened


COLUMNS = (
    "lead",
    "model",
    "opened_day",
    "opened_at",
    "opened_reason",
    "score",
    "card",
    "released",
    "ended_reason",
)


def _row(scored: Scored, occasion: Occasion, card: Card) -> tuple[Any, ...]:
    """In the order of `COLUMNS`."""
    by_publish = occasion.by_publish(scored.lead)
    return (
        scored.lead,
        occasion.model.pk,
        occasion.day,
        occasion.now,
        OpenedReason.PUBLISH.value if by_publish else OpenedReason.SCORE.value,
        scored.total,
        card,
        occasion.released_hot or not by_publish,
        "",
    )


def _tell(opened: set[int], occasion: Occasion) -> None:
    if not opened:
        return
    before = Lead.objects.filter(pk__in=opened, status__in=BEFORE_HOT)
    lifecycle.set_status(
        set(before.values_list("pk", flat=True)), Status.HOT, now=occasion.now, why="qualification"
    )
    by_publish = {lead for lead in opened if occasion.by_publish(lead)}
    for leads, reason in ((opened - by_publish, OpenedReason.SCORE), (by_publish, OpenedReason.PUBLISH)):
        if leads:
            released = occasion.released_hot or reason == OpenedReason.SCORE
            lead_became_hot.send(
                Qualification, leads=leads, reason=str(reason), released=released, now=occasion.now
            )


def _among(rows: QuerySet[Row], ids: Scope) -> QuerySet[Row]:
    return rows if ids is None else rows.filter(of_leads(rows.model, ids))


def waiting_for_release() -> QuerySet[Qualification]:
    """Hot since a model went live, kept back by its publisher."""
    return Qualification.objects.filter(ended_day=None, released=False)


def release(lead_ids: Collection[int] | None = None) -> set[int]:
    """Lets sales have these leads, or all that wait; those that really waited. Assignment finds them by their rows."""
    released: set[int] = set()
    with transaction.atomic():
        for ids in [None] if lead_ids is None else batches(sorted(lead_ids), SIZE):
            waiting = dict(locked(_among(waiting_for_release(), ids)))
            Qualification.objects.filter(pk__in=waiting).update(released=True)
            released |= set(waiting.values())
    return released
