"""One thing done to many leads: said in numbers before, done by what does it for one, undone if possible."""

import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from handoff.direct import hand_over_manually, withdraw
from handoff.models import Handoff, SalesRep
from leadqual.common.batches import batches
from leadqual.common.errors import LeadqualError
from leadqual.desk.arranging import arranged
from leadqual.desk.listing import LeadList
from leadqual.desk.models import BulkAction
from leadqual.leads.lifecycle import set_status
from leadqual.leads.models import Lead, Status
from segments.membership import choose_many
from segments.models import ManualMember, Membership, Segment

MOST = 5_000
BATCH = 500
AT_ONCE = 50  # leads that go to sales in one transaction


class Act(StrEnum):
    INCLUDE = "include"
    EXCLUDE = "exclude"
    HAND_OVER = "hand_over"
    DISQUALIFY = "disqualify"
    EXPORT = "export"


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class Picked:
    """Which leads are meant: these, or all that the list of an address shows; never one the reader does not see."""

    user: Any
    ids: tuple[str, ...] = ()
    query: str = ""
    everything: bool = False

    @property
    def leads(self) -> QuerySet[Lead]:
        if not self.everything:
            return Lead.objects.visible_to(self.user).filter(
                public_id__in=[*filter(None, map(_id, self.ids))]
            )
        how = arranged(self.user, QueryDict(self.query))
        return LeadList(self.user, how.params, how.sort).leads

    def ids_of(self, most: int = MOST) -> list[int]:
        found = list(self.leads.order_by("pk").values_list("pk", flat=True)[: most + 1])
        if len(found) > most:
            raise LeadqualError(
                "too_many", _("this is done for %d leads at most; narrow the list down") % most, "lead"
            )
        return found


@dataclass(frozen=True)
class Wish:
    """What somebody wants done, checked: `segment` for membership, `rep` (or whom the policies find), `why`."""

    act: Act
    segment: Segment | None = None
    rep: SalesRep | None = None
    why: str = ""


@dataclass
class Done:
    """What is done so far. The row is written batch by batch: a request that is killed leaves what it did, and undo."""

    row: BulkAction
    leads: list[int] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    undo: dict[str, Any] = field(default_factory=dict)

    def skip(self, code: str, number: int = 1) -> None:
        if number:
            self.skipped[code] = self.skipped.get(code, 0) + number

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Some of the leads and the row in one transaction, the row first as undoing does; no more once undone."""
        with transaction.atomic():
            rows = BulkAction.objects.filter(pk=self.row.pk)
            if rows.select_for_update().filter(undone_at=None).first() is None:
                raise LeadqualError("undone", _("this was undone already"))
            yield
            rows.update(done=len(self.leads), skipped=sorted(self.skipped.items()), undo=self.undo)


def foreseen(act: Act, leads: Collection[int], segment: Segment | None = None) -> dict[str, int]:
    """How many leads it will touch (""), and how many it will leave aside for which reason."""
    left = _left_aside(act, leads, segment)
    counts = {code: len(ids) for code, ids in left.items() if ids}
    return {"": len(leads) - sum(counts.values())} | counts


def carry_out(wish: Wish, leads: list[int], *, now: datetime, by: Any) -> BulkAction:
    left = _left_aside(wish.act, leads, wish.segment)
    done = Done(BulkAction.objects.create(by=by, action=wish.act, target=_target(wish), at=now))
    for code, ids in left.items():
        done.skip(code, len(ids))
    with done.batch():
        pass  # who is left aside is known before anybody is touched
    touched = [lead for lead in leads if not any(lead in ids for ids in left.values())]
    CARRY_OUT[wish.act](wish, touched, done, now, by)
    done.row.refresh_from_db()
    return done.row


def undo(row: BulkAction, *, now: datetime, by: Any) -> int:
    """Takes back as far as nobody has gone on since; how many leads. Only once: the claim is the row's own column."""
    with transaction.atomic():
        if not BulkAction.objects.filter(pk=row.pk, undone_at=None).update(undone_at=now):
            raise LeadqualError("undone", _("this was undone already"))
        row.refresh_from_db()
        return UNDO[Act(row.action)](row.undo, now, by)


def can_undo(row: BulkAction) -> bool:
    return bool(row.undo) and row.undone_at is None and row.done > 0


def _left_aside(act: Act, leads: Collection[int], segment: Segment | None) -> dict[str, set[int]]:
    rows = Lead.objects.filter(pk__in=list(leads))
    disqualified = rows.filter(status=Status.DISQUALIFIED).values_list("pk", flat=True)
    if act is Act.DISQUALIFY:
        return {"disqualified_already": set(disqualified)}
    if act is Act.HAND_OVER:
        gone = set(disqualified)
        handed = Handoff.objects.unfinished().filter(lead__in=list(leads)).values_list("lead_id", flat=True)
        return {"disqualified": gone, "with_sales": set(handed) - gone}
    if segment is None:
        return {}
    wanted = act is Act.INCLUDE
    chosen = ManualMember.objects.filter(segment=segment, lead__in=list(leads), include=wanted)
    return {"chosen_already": set(chosen.values_list("lead_id", flat=True))}


def members_among(segment: Segment, leads: Collection[int]) -> int:
    return Membership.objects.filter(segment=segment, lead__in=list(leads)).count()


def _choose(wish: Wish, leads: list[int], done: Done, now: datetime, by: Any) -> None:
    assert wish.segment is not None
    chosen = ManualMember.objects.filter(segment=wish.segment)
    for ids in batches(leads, BATCH):
        with done.batch():
            before = dict(chosen.filter(lead__in=ids).values_list("lead_id", "include"))
            choose_many(wish.segment, ids, wish.act is Act.INCLUDE, now=now, by=by, why=wish.why[:200])
            done.leads += ids
            kept = done.undo or {"segment": wish.segment.pk, "forget": [], "include": [], "exclude": []}
            kept["forget"] += [lead for lead in ids if lead not in before]
            kept["include"] += [lead for lead, included in before.items() if included]
            kept["exclude"] += [lead for lead, included in before.items() if not included]
            done.undo = kept


def _disqualify(wish: Wish, leads: list[int], done: Done, now: datetime, by: Any) -> None:
    before: dict[str, list[int]] = {}
    done.undo = {"statuses": before}
    for ids in batches(leads, BATCH):
        with done.batch():
            statuses = dict(Lead.objects.filter(pk__in=ids).values_list("pk", "status"))
            for lead in set_status(ids, Status.DISQUALIFIED, now=now, by=by, why=wish.why[:200]):
                before.setdefault(statuses[lead], []).append(lead)
                done.leads.append(lead)


def _hand_over(wish: Wish, leads: list[int], done: Done, now: datetime, by: Any) -> None:
    """A rep's places are held to the end of a transaction, and asked for after the lead: then one lead at a time."""
    rows = Lead.objects.filter(pk__in=leads).order_by("pk")
    for some in batches(rows, AT_ONCE if wish.rep is None else 1):
        with done.batch():
            for lead in some:
                _hand_over_one(wish, lead, done, now, by)


def _hand_over_one(wish: Wish, lead: Lead, done: Done, now: datetime, by: Any) -> None:
    try:
        row = hand_over_manually(lead, now=now, by=by, rep=wish.rep, why=wish.why[:200])
    except LeadqualError as error:
        done.skip(error.code)
        return
    done.leads.append(lead.pk)
    if row.rep_id is None:
        done.undo.setdefault("handoffs", []).append(row.pk)


def _undo_choice(kept: dict[str, Any], now: datetime, by: Any) -> int:
    segment = Segment.objects.filter(pk=kept["segment"]).first()
    if segment is None:
        raise LeadqualError("gone", _("the segment does not exist any more"))
    for word, member in (("forget", None), ("include", True), ("exclude", False)):
        there = set(Lead.objects.filter(pk__in=kept[word]).values_list("pk", flat=True))
        choose_many(segment, there, member, now=now, by=by)
    return sum(len(kept[word]) for word in ("forget", "include", "exclude"))


def _undo_disqualification(kept: dict[str, Any], now: datetime, by: Any) -> int:
    changed = 0
    for status, ids in kept["statuses"].items():
        still = Lead.objects.filter(pk__in=ids, status=Status.DISQUALIFIED).values_list("pk", flat=True)
        # Being hot ended when they were disqualified, and only the score makes it begin again.
        back = Status.NURTURING if status == Status.HOT else status
        changed += len(set_status(list(still), back, now=now, by=by, why="undo"))
    return changed


def _undo_hand_over(kept: dict[str, Any], now: datetime, by: Any) -> int:
    return withdraw(kept["handoffs"], now=now)


def _target(wish: Wish) -> str:
    thing = wish.segment or wish.rep
    return str(thing)[:200] if thing is not None else ""


CarryOut = Callable[[Wish, list[int], Done, datetime, Any], None]
CARRY_OUT: dict[Act, CarryOut] = {
    Act.INCLUDE: _choose, Act.EXCLUDE: _choose, Act.DISQUALIFY: _disqualify, Act.HAND_OVER: _hand_over,
}  # fmt: skip
UNDO: dict[Act, Callable[[dict[str, Any], datetime, Any], int]] = {
    Act.INCLUDE: _undo_choice, Act.EXCLUDE: _undo_choice,
    Act.DISQUALIFY: _undo_disqualification, Act.HAND_OVER: _undo_hand_over,
}  # fmt: skip
