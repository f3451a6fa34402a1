"""One full pass over everything, from received events to reps: what the periodic tasks do, done now."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db.models import Max

from handoff.assignment import assign
from journeys.models import StageMove
from leadqual.common.progress import Progress
from leadqual.leads import inbox
from leadqual.operations.placing import refresh_and_place
from leadqual.scoring import as_of
from leadqual.scoring.models import EndedReason, Qualification
from leadqual.scoring.rescoring import rescore_due
from segments.models import MembershipChange


@dataclass(frozen=True, slots=True)
class Summary:
    """What the pass changed; all nothing when there was nothing to do, but `waiting`, which says how many are left,
    and why: `no_policy`, `before_turn`, `no_place` add up to it.

    `rescored`: leads whose score was computed, `changed`: whose score is another one now; `segments`: those whose
    members changed; `moved`: steps of leads from stage to stage, onto a map or off it.
    """

    drained: int
    rescored: int
    changed: int
    became_hot: int
    cooled: int
    segments: int
    assigned: int
    waiting: int
    moved: int = 0
    no_policy: int = 0
    before_turn: int = 0
    no_place: int = 0

    def as_json(self) -> dict[str, int]:
        return asdict(self)


def qualify(*, day: int, now: datetime, progress: Progress | None = None) -> Summary:
    """Drains the inbox, scores what is due, refreshes segments and stages, hands hot leads over; as of the end of day.

    Not one transaction: every step commits in pieces, and a pass that is interrupted is finished by the next.
    """
    as_of.refuse_going_back(day)
    hot_before, cooled_before = _judged_at(now)
    logged = MembershipChange.objects.aggregate(last=Max("pk"))["last"] or 0
    moved_before = _last_move()
    drained = inbox.drain_all(now=now)
    segments = set(
        MembershipChange.objects.filter(pk__gt=logged).values_list("segment_id", flat=True).distinct()
    )
    rescored = rescore_due(day=day, now=now, progress=progress)
    everybody = refresh_and_place(day=day, now=now, progress=progress)
    assigned = assign(now=now, day=day)
    segments |= {segment.segment_id for segment in everybody.refreshed if segment.joined or segment.left}
    # Asked of the rows, for leads become hot and join segments also while the inbox is drained.
    hot, cooled = _judged_at(now)
    return Summary(
        drained=drained.recorded + drained.duplicates + drained.quarantined,
        rescored=rescored.rescored,
        changed=rescored.changed,
        became_hot=hot - hot_before,
        cooled=cooled - cooled_before,
        segments=len(segments),
        assigned=assigned.assigned,
        waiting=assigned.waiting,
        no_policy=assigned.no_policy,
        before_turn=assigned.before_turn,
        no_place=assigned.no_place,
        moved=StageMove.objects.filter(pk__gt=moved_before).count(),
    )


def _last_move() -> int:
    return StageMove.objects.aggregate(last=Max("pk"))["last"] or 0


def _judged_at(now: datetime) -> tuple[int, int]:
    """How many became hot and cooled down at this moment, which is this pass and (but for tests) no other."""
    cooled = Qualification.objects.filter(ended_at=now, ended_reason=EndedReason.COOLED)
    return Qualification.objects.filter(opened_at=now).count(), cooled.count()
