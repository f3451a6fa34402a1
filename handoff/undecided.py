"""Step 5: what marketing and sales have not agreed on."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from handoff.models import OPEN, HandoffPolicy, PolicyState, SalesRep
from handoff.policies import problems
from leadqual.common import clock, undecided
from leadqual.common.undecided import Kind, Question


def _unfinished(day: int) -> Iterator[Question]:
    for policy in HandoffPolicy.objects.filter(state=PolicyState.DRAFT).select_related(
        "team", "fallback_team"
    ):
        for place in dict.fromkeys(problem.place for problem in problems(policy)):
            yield Question(f"{policy.pk}:{place}", policy.name, place)


def _due_for_review(day: int) -> Iterator[Question]:
    for policy in HandoffPolicy.objects.filter(state=PolicyState.LIVE, review_date__lte=clock.date_of(day)):
        yield Question(str(policy.pk), policy.name)


def _gone(day: int) -> Iterator[Question]:
    """Left, or switched off, with leads still open: nobody calls these."""
    left = SalesRep.objects.filter(handoffs__state__in=OPEN).select_related("user").distinct()
    for rep in left:
        if not rep.active or not rep.user.is_active:
            yield Question(str(rep.pk), str(rep))


def _says_nobody_hands_over(day: int) -> Iterator[Question]:
    if not HandoffPolicy.objects.filter(state=PolicyState.LIVE).exists():
        yield Question("none", "")


def _lacks(about: str, place: str) -> str:
    field = next((each for each in HandoffPolicy._meta.concrete_fields if each.name == place), None)
    return _("%(policy)s: %(field)s is not decided") % {
        "policy": about,
        "field": field.verbose_name if field else place,
    }


def register() -> None:
    undecided.register(
        Kind("handoff.unfinished", 5, _lacks, _unfinished, "handoff:list"),
        Kind(
            "handoff.review", 5, lambda about, detail: _("%s: its review date has passed") % about, _due_for_review,
            "handoff:list",
        ),
        Kind(
            "handoff.gone", 5, lambda about, detail: _("%s has left and still holds open leads") % about, _gone,
            "handoff:team",
        ),
        Kind(
            "handoff.none", 5, lambda about, detail: _("No handoff policy is live: hot leads go to nobody"),
            _says_nobody_hands_over, "handoff:list",
        ),
    )  # fmt: skip
