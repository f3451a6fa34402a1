"""Step 6: cycles whose result nobody has looked at in time, and those that nobody owns any more."""

from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext as _

from leadqual.common import clock, undecided
from leadqual.common.undecided import Kind, Question
from leadqual.improvement.models import CycleState, PdcaCycle


def _overdue(day: int) -> Iterator[Question]:
    for cycle in PdcaCycle.objects.filter(due__lt=clock.date_of(day)).exclude(state=CycleState.ACT):
        yield Question(str(cycle.pk), cycle.title)


def _unowned(day: int) -> Iterator[Question]:
    nobody = Q(owner=None) | Q(owner__is_active=False)
    for cycle in PdcaCycle.objects.filter(nobody).exclude(state=CycleState.ACT):
        yield Question(str(cycle.pk), cycle.title)


def register() -> None:
    undecided.register(
        Kind(
            "improvement.overdue", 6, lambda about, detail: _("PDCA cycle “%s” is past its due date") % about,
            _overdue, "improvement:cycle", by_ref=True,
        ),
        Kind(
            "improvement.unowned", 6, lambda about, detail: _("PDCA cycle “%s” has no owner") % about,
            _unowned, "improvement:cycle", by_ref=True,
        ),
    )  # fmt: skip
