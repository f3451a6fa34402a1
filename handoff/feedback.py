"""What sales says afterwards: did they buy, was the timing right. A correction is a new row that names the old one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from handoff import answering
from handoff.models import OPEN, UNFINISHED, Bought, Feedback, Handoff, State, Timing
from handoff.working_day import working_day
from leadqual.common.errors import LeadqualError
from leadqual.leads import bant as answers
from leadqual.leads import lifecycle
from leadqual.leads.models import Outcome, Status

CLOSED_AS = {Bought.YES: Status.CUSTOMER, Bought.NO: Status.LOST}


def give_feedback(
    handoff: Handoff,
    *,
    bought: str,
    now: datetime,
    timing: str = "",
    reason: str = "",
    remark: str = "",
    bant: Mapping[str, str] | None = None,
    amount: int | None = None,
    day: int | None = None,
    by: Any = None,
) -> Feedback:
    """Writes the answer and lets the handoff and the lead's outcome follow it.

    Bought or lost closes an open handoff; "not decided yet" after either opens it again, which needs a free place.
    Once somebody else has been given the lead, only their word moves it: an answer to the earlier handoff is kept
    with that handoff.
    """
    _check(bought, timing, amount)
    day = working_day(now, day)
    with answering.held(handoff, by) as row:
        before = current(row)
        given = Feedback.objects.create(
            handoff=row, bought=bought, timing=timing, reason=reason.strip()[:200], remark=remark.strip(),
            bant=dict(bant or {}), amount=amount, day=day, at=now, by=by, corrects=before,
        )  # fmt: skip
        if _speaks_for_lead(row):
            for letter, value in (bant or {}).items():
                answers.answer(row.lead, letter, value, now=now, by=by, said_by=_("sales"))
            _follow(row, bought, before, now=now, day=day, by=by)
        _remember_ending(row, bought)
    return given


def current(handoff: Handoff) -> Feedback | None:
    """The answer that counts: the one that nothing corrects."""
    return Feedback.objects.filter(handoff=handoff, corrected_by=None).first()


def _check(bought: str, timing: str, amount: int | None) -> None:
    if bought not in Bought.values:
        raise LeadqualError("not_a_choice", _("say yes, no or not decided yet"), "bought")
    if timing and timing not in Timing.values:
        raise LeadqualError("not_a_choice", _("say too early, right or too late"), "timing")
    if amount is not None and amount < 0:
        raise LeadqualError("out_of_range", _("an amount is not negative"), "amount")


def _follow(row: Handoff, bought: str, before: Feedback | None, *, now: datetime, day: int, by: Any) -> None:
    ending = CLOSED_AS.get(Bought(bought))
    if ending is None:
        if before is not None and before.bought != Bought.OPEN and row.state not in OPEN:
            answering.reopen(row, now=now, day=day, by=by)
    elif row.state in OPEN:
        answering.close(row, ending, now=now, day=day, by=by)
    else:
        _correct_ending(row, ending, now=now, day=day, by=by)


def _speaks_for_lead(row: Handoff) -> bool:
    """The lead's unfinished handoff, or where there is none its latest; what was withdrawn nobody has had."""
    others = Handoff.objects.filter(lead=row.lead_id).exclude(pk=row.pk)
    later = others.filter(Q(state__in=UNFINISHED) | Q(pk__gt=row.pk) & ~Q(state=State.WITHDRAWN))
    return not later.exists()


def _correct_ending(row: Handoff, ending: Status, *, now: datetime, day: int, by: Any) -> None:
    """The handoff has ended already; what is known about the sale changes, its day only when the answer does."""
    outcome = Outcome.WON if ending == Status.CUSTOMER else Outcome.LOST
    if row.lead.outcome != outcome:
        lifecycle.record_outcome(row.lead, outcome, day, now=now, by=by)
        lifecycle.set_status([row.lead_id], ending, now=now, by=by, why="feedback")


def _remember_ending(row: Handoff, bought: str) -> None:
    """What became of the sale stands on the handoff that was answered, whoever has the lead now."""
    if (ending := CLOSED_AS.get(Bought(bought))) is not None:
        Handoff.objects.filter(pk=row.pk, state__in=answering.ANSWERED).update(closed_as=ending)
