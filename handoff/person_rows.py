"""What handoff registers with the person registry: a lead's handoffs and what sales said about them."""

from datetime import datetime
from typing import Any

from handoff.models import UNFINISHED, Handoff, State
from leadqual.leads.models import Lead
from leadqual.leads.ownership import hand_over, release
from leadqual.leads.persons import PersonRows, following, register, through

PLAIN = following(
    "handoff.Handoff",
    export=(
        "public_id",
        "origin",
        "state",
        "offered_at",
        "answered_at",
        "closed_at",
        "closed_as",
        "answer",
        "next_action",
    ),
)


def move(source: int, target: int, now: datetime) -> dict[str, Any]:
    """One person has one unfinished handoff: where both have one, the target's goes on, the source's is withdrawn."""
    withdrawn: list[int] = []
    if Handoff.objects.filter(lead=target, state__in=UNFINISHED).exists():
        rows = Handoff.objects.filter(lead=source, state__in=UNFINISHED)
        withdrawn = list(rows.values_list("pk", flat=True))
        rows.update(state=State.WITHDRAWN, closed_at=now, to_collect=False)
    moved = PLAIN.move(source, target, now)
    _follow(source, target, now)
    return {"moved": moved, "withdrawn": withdrawn}


def move_back(moved: dict[str, Any], source: int, target: int, now: datetime) -> None:
    """A withdrawn one waits for a rep again: the old one may have no place left."""
    PLAIN.move_back(moved["moved"], source, target, now)
    rows = Handoff.objects.filter(pk__in=moved["withdrawn"], lead=source, state=State.WITHDRAWN)
    rows.update(state=State.WAITING, rep=None, team=None, closed_at=None, offered_at=None, accept_by=None)
    _follow(source, target, now)


def _follow(source: int, target: int, now: datetime) -> None:
    """Each lead is with the rep of its open handoff, and with sales only while there is one."""
    open_now = Handoff.objects.open().filter(lead__in=[source, target])
    owners = dict(open_now.values_list("lead", "rep__user"))
    hand_over(owners, now=now, why="merge")
    with_sales = Lead.objects.filter(pk__in=[source, target], with_sales=True).values_list("pk", flat=True)
    release(set(with_sales) - owners.keys(), now=now, why="merge")


def register_all() -> None:
    register(
        PersonRows("handoff.Handoff", PLAIN.erase, move, move_back, PLAIN.export),
        through(
            "handoff.Feedback",
            lead="handoff__lead",
            export=("bought", "timing", "reason", "remark", "bant", "amount", "at"),
        ),
        through("handoff.FeedbackReminder", lead="handoff__lead", export=("number", "sent_at")),
    )
