"""Step 4: what is open about the scoring model."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from leadqual.common import clock, undecided
from leadqual.common.undecided import Kind, Question
from leadqual.scoring.models import ModelState, Qualification, ScoringModel


def _no_live_model(day: int) -> Iterator[Question]:
    if not ScoringModel.objects.filter(state=ModelState.LIVE).exists():
        yield Question("none", "")


def _no_review_date(day: int) -> Iterator[Question]:
    for model in ScoringModel.objects.filter(state=ModelState.LIVE, review_date=None).defer("frozen"):
        yield Question(str(model.pk), str(model))


def _review_passed(day: int) -> Iterator[Question]:
    due = ScoringModel.objects.filter(state=ModelState.LIVE, review_date__lte=clock.date_of(day))
    for model in due.defer("frozen"):
        yield Question(str(model.pk), str(model))


def _held_back(day: int) -> Iterator[Question]:
    if waiting := Qualification.objects.filter(ended_day=None, released=False).count():
        yield Question("held", str(waiting))


def register() -> None:
    undecided.register(
        Kind(
            "scoring.none", 4, lambda about, detail: _("No scoring model is live: nobody has points"), _no_live_model,
            "scoring:live",
        ),
        Kind(
            "scoring.no_review", 4, lambda about, detail: _("%s has no review date") % about, _no_review_date,
            "scoring:live",
        ),
        Kind(
            "scoring.review", 4, lambda about, detail: _("%s: its review date has passed") % about, _review_passed,
            "scoring:live",
        ),
        Kind(
            "scoring.held", 4,
            lambda about, detail: _("%s hot leads wait to be released to sales") % about, _held_back, "scoring:live",
        ),
    )  # fmt: skip
