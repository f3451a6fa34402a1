"""What scoring registers with the person registry: points are made again, but what was judged follows the person."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from leadqual.leads import lifecycle
from leadqual.leads.models import Lead, Status
from leadqual.leads.persons import PersonRows, computed, following, register
from leadqual.scoring.models import EndedReason, Qualification

JUDGED = following(
    "scoring.Qualification",
    export=("opened_at", "opened_reason", "score", "card", "ended_at", "ended_reason"),
)
BEFORE_HOT = (Status.NEW, Status.NURTURING, Status.RECYCLED, Status.LOST)


def move(source: int, target: int, now: datetime) -> dict[str, Any]:
    """Ended ones first of all: a no of sales holds for the person, under whichever record the next act comes.

    One person is hot once: where both are, the target's goes on and the source's stays, to end when its acts have
    gone.
    """
    open_of = dict(
        Qualification.objects.filter(ended_day=None, lead__in=(source, target)).values_list("lead", "pk")
    )
    stays = open_of.get(source) if target in open_of else None
    rows = Qualification.objects.filter(lead=source)
    rows = rows if stays is None else rows.exclude(pk=stays)
    moved = list(rows.order_by("pk").values_list("pk", flat=True))
    rows.update(lead=target)
    if source in open_of and stays is None:
        _is_hot([target], now)
        _is_not_hot([source], now)
    return {"moved": moved, "stays": stays}


def move_back(moved: dict[str, Any], source: int, target: int, now: datetime) -> None:
    """Exactly those, before the acts: who is hot then is judged again with the acts that each has."""
    JUDGED.move_back(moved["moved"], source, target, now)
    if not Qualification.objects.filter(lead=source, ended_day=None).exists():
        # It ended only because the merge had taken its acts away.
        ended = Qualification.objects.filter(pk=moved["stays"], lead=source, ended_reason=EndedReason.COOLED)
        ended.update(ended_day=None, ended_at=None, ended_reason="")
    hot = set(
        Qualification.objects.filter(lead__in=(source, target), ended_day=None).values_list("lead", flat=True)
    )
    _is_not_hot({source, target} - hot, now)
    _is_hot(hot, now)


def _is_hot(leads: Collection[int], now: datetime) -> None:
    before = Lead.objects.filter(pk__in=leads, status__in=BEFORE_HOT).values_list("pk", flat=True)
    lifecycle.set_status(set(before), Status.HOT, now=now, why="merge")


def _is_not_hot(leads: Collection[int], now: datetime) -> None:
    """With sales the status is theirs."""
    left = Lead.objects.filter(pk__in=leads, status=Status.HOT, with_sales=False).values_list("pk", flat=True)
    lifecycle.set_status(set(left), Status.NURTURING, now=now, why="merge")


def register_all() -> None:
    register(
        computed("scoring.RuleHit"),
        computed("scoring.LeadScore"),
        PersonRows("scoring.Qualification", JUDGED.erase, move, move_back, JUDGED.export),
    )
