"""The only writer of activities: records acts, moves them, flags machines, erases. Call inside a transaction.

Locks, always in this order so that writers never wait in a ring: the ledger (shared), visitors by id, signatures by
key, events by id, leads by id.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from leadqual.common import clock
from leadqual.common.locks import Lock, lock_shared
from leadqual.leads import signatures, visitors
from leadqual.leads.activity_rows import Act, insert
from leadqual.leads.models import Activity, Lead
from leadqual.leads.signals import activities_recorded


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, told from outside. With a lead and a visitor, it also says whose browser that is."""

    type: str
    occurred_at: datetime
    lead_id: int | None = None
    visitor_id: UUID | None = None
    path: str = ""
    attributes: dict[str, Any] | None = None
    event_id: str | None = None
    machine: bool = False
    received_at: datetime | None = None  # when it reached us, if that was before it is recorded


@dataclass(frozen=True, slots=True)
class Recorded:
    recorded: int
    duplicates: int
    leads: set[int]


@dataclass(frozen=True, slots=True)
class _Decided:
    """An event whose type and signature are decided."""

    event: Event
    occurred_at: datetime
    wanted: signatures.Wanted
    rest: dict[str, Any] | None


@dataclass(slots=True)
class _Touched:
    """What one call did, gathered for one signal."""

    leads: set[int]
    types: dict[int, set[int]]

    def saw(self, lead: int, type_id: int) -> None:
        self.leads.add(lead)
        self.types.setdefault(lead, set()).add(type_id)


def record(events: Sequence[Event], *, now: datetime, create_types: bool = False) -> Recorded:
    """Records acts, passing over those whose `event_id` is known; an act of the future happened now.

    An unknown type is an error unless `create_types`. An act that names its lead does not depend on the browser it
    came from; one that names only its visitor is kept with the visitor and belongs to whom the browser belongs.
    """
    _begin()
    if not events:
        return Recorded(0, 0, set())
    types = signatures.Types((event.type for event in events), create=create_types)
    decided = [_decide(event, types, now) for event in events]
    touched = _Touched(set(), {})
    ties = _tie(decided, touched)
    ids, new = signatures.intern({each.wanted for each in decided}, now=now)
    written = insert([_act(each, ids, ties, now) for each in decided])
    type_of = {ids[each.wanted]: each.wanted.type_id for each in decided}
    for lead, signature in written:
        if lead is not None:
            touched.saw(lead, type_of[signature])
    _tell(touched, now=now, signatures=new)
    return Recorded(len(written), len(events) - len(written), touched.leads)


def tie_visitor(visitor_id: UUID, lead_id: int, since: datetime, *, now: datetime) -> set[int]:
    """From `since` on the browser is this person's; the first person also gets everything before. Touched leads."""
    _begin()
    known = visitors.lock_visitors({visitor_id: min(since, now)}, alone=True)
    touched = _Touched(set(), {})
    _change_hands(visitors.add_ties([(visitor_id, lead_id, since)], known), known, touched)
    _tell(touched, now=now)
    return touched.leads


def move_activities(activity_ids: Collection[int], to_lead: int, *, now: datetime) -> set[int]:
    """Gives acts to another lead, with their days; returns the leads whose acts changed."""
    _begin()
    acts = Activity.objects.filter(pk__in=activity_ids).exclude(lead=to_lead)
    touched = _hold_leads_of(acts, {to_lead})
    if not acts.update(lead=to_lead):
        return set()
    _tell(_Touched(touched, {}), now=now)
    return touched


def flag_machine(activity_ids: Collection[int], *, now: datetime, machine: bool = True) -> set[int]:
    """Marks acts as done by a mail scanner or robot, or takes the mark away; returns the leads whose acts changed."""
    _begin()
    acts = Activity.objects.filter(pk__in=activity_ids, machine=not machine)
    touched = _hold_leads_of(acts, set())
    if not acts.update(machine=machine):
        return set()
    _tell(_Touched(touched, {}), now=now)
    return touched


def erase_activities(lead_id: int, *, now: datetime) -> int:
    """Deletes every act of a person; returns how many."""
    _begin()
    hold_leads({lead_id})
    acts = Activity.objects.filter(lead=lead_id)
    # two statements, for each half of the acts has an index of its own
    erased = acts.filter(machine=False).delete()[0] + acts.filter(machine=True).delete()[0]
    _tell(_Touched({lead_id} if erased else set(), {}), now=now)
    return erased


def hold_leads(leads: Iterable[int]) -> None:
    """Locks the leads in the order of their ids until the transaction ends; acts may still be added to them."""
    if connection.vendor == "postgresql":
        rows = Lead.objects.filter(pk__in=set(leads)).order_by("pk").select_for_update(no_key=True)
        list(rows.values_list("pk", flat=True))


def _hold_leads_of(acts: QuerySet[Activity], others: set[int]) -> set[int]:
    """The leads of the acts and the others, locked; acts may change hands while we wait, so they are asked again."""
    held: set[int] | None = None
    while (
        found := others | {lead for lead in acts.values_list("lead", flat=True) if lead is not None}
    ) != held:
        held = found
        hold_leads(held)
    return held


def _decide(event: Event, types: signatures.Types, now: datetime) -> _Decided:
    path = signatures.path_of(event.path)
    type = types.decide(event.type, path)
    declared, rest = signatures.split_attributes(type, event.attributes)
    occurred_at = min(event.occurred_at, event.received_at or now, now)
    return _Decided(event, occurred_at, signatures.wanted(type.pk, path, declared), rest)


def _act(
    each: _Decided, ids: Mapping[signatures.Wanted, int], ties: Mapping[UUID, visitors.Ties], now: datetime
) -> Act:
    event = each.event
    lead, visitor = event.lead_id, event.visitor_id
    if lead is not None:
        visitor = None
    elif visitor is not None:
        lead = visitors.person_at(ties.get(visitor, []), each.occurred_at)
    return Act(
        lead,
        visitor,
        ids[each.wanted],
        clock.day_of(each.occurred_at),
        each.occurred_at,
        event.received_at or now,
        event.event_id,
        event.machine,
        each.rest,
    )


def _tie(decided: list[_Decided], touched: _Touched) -> dict[UUID, visitors.Ties]:
    """The ties of all browsers in the batch, after those that its events tell."""
    seen: dict[UUID, datetime] = {}
    observed = []
    for each in decided:
        if (visitor := each.event.visitor_id) is not None:
            seen[visitor] = min(each.occurred_at, seen.get(visitor, each.occurred_at))
            if each.event.lead_id is not None:
                observed.append((visitor, each.event.lead_id, each.occurred_at))
    if not seen:
        return {}
    known = visitors.lock_visitors(seen, alone=bool(observed))
    _change_hands(visitors.add_ties(observed, known), known, touched)
    return known


def _change_hands(changed: set[UUID], known: Mapping[UUID, visitors.Ties], touched: _Touched) -> None:
    """Moves the acts of browsers whose ties changed; acts that had nobody are new to the person who gets them."""
    moves = visitors.changing_hands(changed, known) if changed else {}
    if not moves:
        return
    both = {lead for move in moves.values() for lead in move if lead is not None}
    hold_leads(both)
    touched.leads |= both
    by_lead: dict[int, list[int]] = {}
    for pk, (_, after) in moves.items():
        by_lead.setdefault(after, []).append(pk)
    for lead, acts in sorted(by_lead.items()):
        Activity.objects.filter(pk__in=acts).update(lead=lead)
    gained = [pk for pk, (before, _) in moves.items() if before is None]
    rows = Activity.objects.filter(pk__in=gained).values_list("lead", "signature__type")
    for lead_id, type_id in rows.distinct():
        touched.saw(lead_id, type_id)


def _tell(touched: _Touched, *, now: datetime, signatures: Collection[int] = ()) -> None:
    if touched.leads or signatures:
        activities_recorded.send(
            sender=Activity, leads=touched.leads, signatures=set(signatures), types=touched.types, now=now
        )


def _begin() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("acts are recorded inside a transaction, together with what follows from them")
    lock_shared(Lock.LEDGER)
