"""Leads that go to sales whatever their score: because of what they did, or because somebody says so."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from handoff.choosing import Because
from handoff.models import Handoff, HandoffPolicy, Origin, SalesRep, State
from handoff.offering import make
from handoff.offers import offer
from handoff.pool import lock_pool
from handoff.signals import handoff_waiting
from handoff.telling import ACTED, notice
from handoff.turns import live_policies
from handoff.working_day import working_day
from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.common.locks import Lock, lock_shared
from leadqual.leads.models import Activity, ActivityType, Lead, Status
from leadqual.messaging.notices import notify
from leadqual.scoring.models import Qualification
from segments.models import Membership

# Days. An older act, arriving late or imported, is history: nobody waits for a call.
FRESH = 7
# Business hours that a rep has for a lead given by hand where nothing is agreed.
USUAL_HOURS = 8


def hand_over_direct(types: Mapping[int, set[int]], *, now: datetime) -> int:
    """Makes a waiting handoff for each lead (`{lead id: types of its new acts}`) that did something direct.

    In the transaction that records the acts, so no such act is forgotten; the next assignment finds it a rep. A lead
    that is handed over already stays where it is, and its rep is told. How many handoffs are new.
    """
    direct = dict(ActivityType.objects.filter(direct_to_sales=True).values_list("pk", "key"))
    leads = {lead for lead, acts in types.items() if direct.keys() & acts}
    acts = _fresh_acts(leads, direct, now) if leads else {}
    if not acts:
        return 0
    people = (
        Lead.objects.select_for_update(no_key=True).filter(pk__in=acts).exclude(status=Status.DISQUALIFIED)
    )
    wanted = list(people.order_by("pk").values_list("pk", flat=True))
    rows = Handoff.objects.unfinished().filter(lead_id__in=wanted).select_related("rep")
    unfinished = {row.lead_id: row for row in rows}
    made = [
        Handoff(
            lead_id=lead, origin=Origin.DIRECT, state=State.WAITING, made_at=now, reasons={"act": acts[lead]}
        )
        for lead in wanted
        if lead not in unfinished
    ]
    Handoff.objects.bulk_create(made)
    if made:
        handoff_waiting.send(Handoff, leads={row.lead_id for row in made})
    notify(
        [
            notice(ACTED, row, row.rep.user_id, detail=f"{acts[lead]}:{clock.day_of(now)}")
            for lead, row in unfinished.items()
            if row.rep is not None
        ],
        now=now,
    )
    return len(made)


def _fresh_acts(leads: set[int], direct: Mapping[int, str], now: datetime) -> dict[int, str]:
    """The latest direct act of each lead, by the key of its type, if it is recent and a person's."""
    acts = Activity.objects.filter(
        lead_id__in=leads, machine=False, signature__type_id__in=direct, day__gt=working_day(now) - FRESH
    )
    rows = acts.order_by("occurred_at", "pk").values_list("lead_id", "signature__type_id")
    return {lead: direct[type_id] for lead, type_id in rows}


def hand_over_manually(
    lead: Lead,
    *,
    now: datetime,
    by: Any = None,
    rep: SalesRep | None = None,
    day: int | None = None,
    why: str = "",
) -> Handoff:
    """A marketer hands a lead over, and says `why`: to this rep at once, or to whom the next assignment finds."""
    said = {"why": why} if why else {}
    with transaction.atomic():
        lock_shared(Lock.LEDGER)
        held = Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
        if held.status == Status.DISQUALIFIED:
            raise LeadqualError("disqualified", _("this lead is disqualified"), "lead")
        if Handoff.objects.unfinished().filter(lead=held).exists():
            raise LeadqualError("handed_over", _("this lead is handed over already"), "lead")
        if rep is not None:
            return _give_to(rep, held, said, now=now, day=working_day(now, day), by=by)
        row = Handoff.objects.create(
            lead=held, origin=Origin.MANUAL, state=State.WAITING, made_at=now, by=by, reasons=said
        )
        handoff_waiting.send(Handoff, leads={held.pk})
        return row


def withdraw(handoffs: Collection[int], *, now: datetime) -> int:
    """Takes back what was handed over by hand, as far as no rep has it yet; how many."""
    waiting = Handoff.objects.waiting().filter(pk__in=handoffs, origin=Origin.MANUAL)
    return waiting.update(state=State.WITHDRAWN, closed_at=now)


def _give_to(rep: SalesRep, lead: Lead, said: dict[str, Any], *, now: datetime, day: int, by: Any) -> Handoff:
    pool = lock_pool(day=day, reps=[rep.pk])
    member = pool.members[rep.pk]
    if member.away:
        raise LeadqualError("rep_away", _("this rep is absent"), "rep")
    if not member.free:
        raise LeadqualError("rep_full", _("this rep has no free place"), "rep")
    policies = live_policies()
    offered = offer(
        lead, member, _fitting(lead, policies), now=now, origin=Origin.MANUAL, by=by,
        accept_within=(policies[0].accept_within_hours if policies else None) or USUAL_HOURS,
        qualification=Qualification.objects.filter(lead=lead, ended_day=None).first(),
        candidates=[[member.rep_id, member.free]], reasons={"because": Because.BY_HAND.value, "considered": 1, **said},
    )  # fmt: skip
    pool.give(member)
    make([offered], pool, now=now, by=by)
    return Handoff.objects.get(public_id=offered.handoff.public_id)


def _fitting(lead: Lead, policies: list[HandoffPolicy]) -> HandoffPolicy | None:
    """The first live policy whose segment has the lead: its means, follow-up and deadline hold for a named rep too."""
    segments = [policy.segment_id for policy in policies if policy.segment_id is not None]
    of = set(Membership.objects.filter(lead=lead, segment__in=segments).values_list("segment_id", flat=True))
    return next((policy for policy in policies if policy.segment_id is None or policy.segment_id in of), None)
