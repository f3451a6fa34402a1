"""One full pass over everything, from received events to reps: what the periodic tasks do, done now."""

from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial

from django.db.models import Max
from django.utils.translation import gettext as _

from handoff.assignment import assign
from leadqual.common.progress import Progress
from leadqual.leads import inbox
from leadqual.scoring import as_of
from leadqual.scoring.models import EndedReason, Qualification
from leadqual.scoring.rescoring import rescore_due
from segments.membership import refresh
from segments.models import MembershipChange


@dataclass(frozen=True, slots=True)
class Summary:
    """What the pass changed; all nothing when there was nothing to do, but `waiting`, which says how many are left.

    `rescored`: leads whose score was computed, `changed`: whose score is another one now; `segments`: those whose
    members changed.
    """

    drained: int
    rescored: int
    changed: int
    became_hot: int
    cooled: int
    segments: int
    assigned: int
    waiting: int

    def as_json(self) -> dict[str, int]:
        return asdict(self)


def qualify(*, day: int, now: datetime, progress: Progress | None = None) -> Summary:
    """Drains the inbox, scores what is due, refreshes segments, hands hot leads over; as of the end of `day`.

    Not one transaction: every step commits in pieces, and a pass that is interrupted is finished by the next.
    """
    as_of.refuse_going_back(day)
    hot_before, cooled_before = _judged_at(now)
    logged = MembershipChange.objects.aggregate(last=Max("pk"))["last"] or 0
    drained = inbox.drain_all(now=now)
    segments = set(
        MembershipChange.objects.filter(pk__gt=logged).values_list("segment_id", flat=True).distinct()
    )
    rescored = rescore_due(day=day, now=now, progress=progress)
    refreshed = refresh(day=day, now=now, progress=partial(progress, _("segments")) if progress else None)
    assigned = assign(now=now, day=day)
    segments |= {segment.segment_id for segment in refreshed if segment.joined or segment.left}
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
    )


def _judged_at(now: datetime) -> tuple[int, int]:
    """How many became hot and cooled down at this moment, which is this pass and (but for tests) no other."""
    cooled = Qualification.objects.filter(ended_at=now, ended_reason=EndedReason.COOLED)
    return Qualification.objects.filter(opened_at=now).count(), cooled.count()
