"""Everything the page of one handoff says, as far as its reader may know it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from handoff.answering import check_may_answer
from handoff.forms import NextActionForm, ReasonForm
from handoff.inbox_cards import card, last_acts, standings_of
from handoff.models import Feedback, Handoff, State
from handoff.wording import Names, candidates_in_words, reasons_in_words
from leadqual.common.errors import LeadqualError
from leadqual.leads.querysets import sees_everybody

# Where somebody can say what became of it.
ANSWERABLE = (State.ACCEPTED, State.CLOSED, State.RECYCLED, State.REJECTED)


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the handoff's history."""

    at: datetime
    words: str
    remark: str = ""


def shown(row: Handoff, reader: Any, *, now: datetime, **forms: Any) -> dict[str, Any]:
    """Past handoffs stay readable, but not what became of the lead since: that is its owner's."""
    knows_lead = sees_everybody(reader) or row.lead.owner_id == reader.pk
    names = Names.of([row])
    said = list(Feedback.objects.filter(handoff=row).select_related("by").order_by("pk"))
    answers = may_answer(row, reader)
    leads = [row.lead_id] if knows_lead else []
    planned = {"next_action": row.next_action, "next_action_on": row.next_action_on}
    return {
        "handoff": row,
        "card": card(
            row, now=now, labels=names.acts, standing=standings_of(leads).get(row.lead_id),
            acts=last_acts(leads, now).get(row.lead_id, []),
        ),
        "knows_lead": knows_lead,
        "reasons": reasons_in_words(row, names),
        "candidates": candidates_in_words(row, names),
        "said": next((each for each in reversed(said)), None),
        "history": history(row, said),
        "may_accept": answers and row.state == State.OFFERED,
        "may_work": answers and row.state == State.ACCEPTED,
        "may_say": answers and row.state in ANSWERABLE,
        "reason_form": ReasonForm(),
        "next_form": NextActionForm(initial=planned),
        **forms,
    }  # fmt: skip


def may_answer(row: Handoff, reader: Any) -> bool:
    try:
        check_may_answer(row, reader)
    except LeadqualError:
        return False
    return True


def history(row: Handoff, said: list[Feedback]) -> list[Step]:
    """Oldest first, from the handoff's own row, the one before it and what was said about it."""
    steps = [Step(row.made_at, _("Handoff made"), str(row.get_origin_display()))]
    before, after = getattr(row, "moved_from", None), getattr(row, "moved_to", None)
    if before is not None and before.rep:
        steps.append(Step(row.made_at, _("Was with %s before") % before.rep))
    if row.offered_at and row.rep:
        steps.append(Step(row.offered_at, _("Offered to %s") % row.rep))
    if row.alarmed_at:
        steps.append(Step(row.alarmed_at, _("Nobody took it in time: the manager was told")))
    steps += _answers(row)
    if after is not None and after.rep and after.offered_at:
        steps.append(Step(after.offered_at, _("Went on to %s") % after.rep))
    steps += [_said(each) for each in said]
    return sorted(steps, key=lambda step: step.at)


def _answers(row: Handoff) -> list[Step]:
    accepted = row.state in (State.ACCEPTED, State.CLOSED, State.RECYCLED)
    steps = []
    if accepted and row.answered_at:
        steps.append(Step(row.answered_at, _("Accepted")))
    if row.closed_at:
        words = {
            State.REJECTED: _("Declined"),
            State.RECYCLED: _("Handed back to marketing"),
            State.EXPIRED: _("Not accepted in time"),
            State.WITHDRAWN: _("Taken back"),
            State.CLOSED: _("Closed"),
        }.get(State(row.state), str(row.get_state_display()))
        steps.append(Step(row.closed_at, words, row.answer))
    return steps


def _said(feedback: Feedback) -> Step:
    words = _("Correction: did they buy: %s") if feedback.corrects_id else _("Feedback: did they buy: %s")
    parts = (feedback.get_timing_display() if feedback.timing else "", feedback.reason, feedback.remark)
    return Step(
        feedback.at, words % feedback.get_bought_display(), " / ".join(part for part in parts if part)
    )
