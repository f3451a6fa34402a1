"""A policy goes live when marketing and sales have said everything; until then it hands over nothing."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from handoff.models import Cadence, HandoffPolicy, Means, PolicyState, Strategy
from handoff.models.policy import Weekday
from handoff.turns import turn_of
from leadqual.common.errors import LeadqualError
from leadqual.scoring.validation import Problem
from segments.conditions import parse


def problems(policy: HandoffPolicy) -> list[Problem]:
    """Everything that keeps the policy from going live, with the field it stands in; works on unsaved ones too.

    Only the segment may be empty: then the policy is for everybody.
    """
    return [*_unknown(policy), *_empty(policy), *_cadence_problems(policy)]


def go_live(policy: HandoffPolicy, *, now: datetime, by: Any = None) -> HandoffPolicy:
    """Checks and puts in force. A turn that was due before does not count: the next one is the first."""
    with transaction.atomic():
        row = _held(policy)
        refuse(problems(row), row)
        _set(row, PolicyState.LIVE, by)
        turn_of(row, now).end()
    policy.state = row.state
    return policy


def retire(policy: HandoffPolicy, *, by: Any = None) -> HandoffPolicy:
    """Hands nothing over any more; what it has handed over goes on."""
    with transaction.atomic():
        row = _held(policy)
        _set(row, PolicyState.RETIRED, by)
    policy.state = row.state
    return policy


def _held(policy: HandoffPolicy) -> HandoffPolicy:
    """As it stands now: what a colleague has saved since it was read is what goes live."""
    return HandoffPolicy.objects.select_for_update(no_key=True).get(pk=policy.pk)


def _set(row: HandoffPolicy, state: PolicyState, by: Any) -> None:
    """The history names who it was also outside a request."""
    row.state = state
    row._history_user = by  # type: ignore[attr-defined]
    row.save(update_fields=["state"])


def refuse(found: Iterable[Problem], policy: HandoffPolicy) -> None:
    """One error with everything that is wrong, naming the policy."""
    listed = list(found)
    if len(listed) == 1:
        raise LeadqualError(listed[0].code, listed[0].message, f"{policy}, {listed[0].place}")
    if listed:
        raise LeadqualError("policy_incomplete", "; ".join(str(problem) for problem in listed), str(policy))


def territory_problems(tree: Any, *, place: str = "territory") -> list[Problem]:
    """What is wrong with a rep's territory; an empty one is fine."""
    if tree is None:
        return []
    try:
        parse(tree, place=place)
    except LeadqualError as error:
        return [Problem(error.code, error.message, error.place)]
    return []


def _empty(policy: HandoffPolicy) -> Iterator[Problem]:
    said = {
        "team": policy.team,
        "fallback_team": policy.fallback_team,
        "means": policy.means,
        "cadence": policy.cadence,
        "follow_up": policy.follow_up.strip(),
        "strategy": policy.strategy,
        "accept_within_hours": policy.accept_within_hours,
        "review_date": policy.review_date,
    }
    for place, value in said.items():
        if not value:
            yield Problem("empty", _("is not decided yet"), place)


def _unknown(policy: HandoffPolicy) -> Iterator[Problem]:
    """Values that are none of the choices."""
    if not isinstance(policy.means, list):
        yield Problem("not_a_choice", _("must be a list"), "means")
    else:
        for position, means in enumerate(policy.means):
            if means not in Means.values:
                yield _not_a_choice(means, f"means[{position}]")
    for place, value, choices in (
        ("cadence", policy.cadence, Cadence.values),
        ("strategy", policy.strategy, Strategy.values),
    ):
        if value and value not in choices:
            yield _not_a_choice(value, place)


def _cadence_problems(policy: HandoffPolicy) -> Iterator[Problem]:
    if policy.cadence in (Cadence.DAILY, Cadence.WEEKLY) and policy.cadence_time is None:
        yield Problem("empty", _("is not decided yet"), "cadence_time")
    if policy.cadence == Cadence.WEEKLY and policy.cadence_weekday not in Weekday.values:
        yield Problem("not_a_choice", _("must be a weekday from Monday (0) to Friday (4)"), "cadence_weekday")


def _not_a_choice(value: object, place: str) -> Problem:
    return Problem("not_a_choice", _("“%s” is not one of the choices") % value, place)
