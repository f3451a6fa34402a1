"""All open leads of a rep who is absent or leaves go to colleagues in one step, and back within a day if need be."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from handoff.choosing import Choice, Member, choose
from handoff.company_reps import CompanyReps
from handoff.models import OPEN, Handoff, Reassignment, SalesRep, SalesTeam, State, Strategy
from handoff.offering import make
from handoff.offers import Offer, offer
from handoff.pool import Pool, lock_pool, look_at_pool
from handoff.querysets import HandoffQuerySet
from handoff.working_day import working_day
from leadqual.common.errors import LeadqualError
from leadqual.common.locks import Lock, lock_shared
from leadqual.leads.ownership import hand_over

UNDO_WITHIN = timedelta(days=1)
REASSIGNED, TAKEN_BACK = "reassigned", "taken back"


@dataclass(frozen=True, slots=True)
class Absence:
    """What the rep's row is to say: away on these days, or gone for good."""

    begins: date | None = None
    ends: date | None = None
    leaving: bool = False

    def check(self) -> None:
        if self.ends is not None and (self.begins is None or self.ends < self.begins):
            raise LeadqualError("out_of_range", _("the absence ends before it begins"), "ends")
        if not self.leaving and self.begins is None:
            raise LeadqualError("empty", _("say from when, or that the rep leaves"), "begins")


@dataclass(slots=True)
class Plan:
    """Where each open lead would go, chosen as the assignment chooses."""

    moves: list[tuple[Handoff, Member, Choice]] = field(default_factory=list)
    no_place: list[Handoff] = field(default_factory=list)

    @property
    def leads(self) -> int:
        return len(self.moves) + len(self.no_place)

    def by_rep(self) -> list[tuple[int, int]]:
        """(rep, number of leads), the most first."""
        return Counter(member.rep_id for _row, member, _choice in self.moves).most_common()


def check_may_lead(team: SalesTeam, by: Any) -> None:
    """The team's manager, or somebody who may change any rep."""
    if by is not None and not (
        by.is_active and (team.manager_id == by.pk or by.has_perm("handoff.change_salesrep"))
    ):
        raise LeadqualError("not_yours", _("this team is not yours"), "team")


def preview(rep: SalesRep, *, now: datetime, day: int | None = None) -> Plan:
    """What `reassign` would do now; writes nothing."""
    day = working_day(now, day)
    pool = look_at_pool(day=day, teams=_teams(rep))
    return _plan(rep, pool, _open_leads(rep), day)


def set_absence(rep: SalesRep, absence: Absence, *, by: Any = None) -> SalesRep:
    """Nothing new goes to somebody who is away; what they have stays with them."""
    absence.check()
    check_may_lead(rep.team, by)
    return _write_absence(rep, absence, by)


def end_absence(rep: SalesRep, *, by: Any = None) -> SalesRep:
    check_may_lead(rep.team, by)
    return _save(rep, by, absent_from=None, absent_until=None)


def reassign(
    rep: SalesRep, absence: Absence, *, now: datetime, by: Any = None, day: int | None = None
) -> tuple[Reassignment, Plan]:
    """Sets the absence and offers every open lead to somebody else; those for whom nobody has a place stay.

    One transaction with the reps locked: no lead is offered twice and nobody gets more than the capacity. A second
    call finds nothing left to move. Leads that somebody is answering at this moment are left to them.
    """
    absence.check()
    with transaction.atomic():
        check_may_lead(rep.team, by)
        before = {
            "active": rep.active,
            "absent_from": rep.absent_from and rep.absent_from.isoformat(),
            "absent_until": rep.absent_until and rep.absent_until.isoformat(),
        }
        lock_shared(Lock.LEDGER)
        day = working_day(now, day)
        pool = lock_pool(day=day, teams=_teams(rep))
        held = _open_leads(rep).select_for_update(of=("self", "lead"), skip_locked=True, no_key=True)
        plan = _plan(rep, pool, held, day)
        if not plan.leads:
            raise LeadqualError("nothing_open", _("this rep has no open leads"), "rep")
        _write_absence(rep, absence, by)
        made = Reassignment.objects.create(rep=rep, at=now, by=by, before=before)
        moved = [row.pk for row, _member, _choice in plan.moves]
        Handoff.objects.filter(pk__in=moved, state__in=OPEN).update(
            state=State.WITHDRAWN, closed_at=now, closed_as=REASSIGNED, to_collect=False
        )
        offers = [_offer(row, member, choice, made, now, by) for row, member, choice in plan.moves]
        make(offers, pool, now=now, by=by)
    return made, plan


def undo(reassignment: Reassignment, *, now: datetime, by: Any = None) -> tuple[int, int]:
    """Gives back what the colleagues have not taken on yet, and the absence; (given back, staying).

    Within a day and once. The rep's free places count here, too.
    """
    with transaction.atomic():
        check_may_lead(reassignment.rep.team, by)
        open_still = Reassignment.objects.filter(pk=reassignment.pk, undone_at=None, at__gt=now - UNDO_WITHIN)
        if not open_still.update(undone_at=now):
            raise LeadqualError(
                "too_late", _("this can be taken back within a day, and once"), "reassignment"
            )
        lock_shared(Lock.LEDGER)
        pool = lock_pool(day=working_day(now), reps=[reassignment.rep_id])
        member = pool.members[reassignment.rep_id]
        rows = list(
            Handoff.objects.filter(reassignment=reassignment, state=State.OFFERED, moved_from__isnull=False)
            .select_for_update(of=("self", "lead"), skip_locked=True, no_key=True)
            .select_related("lead", "moved_from")
            .order_by("pk")[: member.free]
        )
        _give_back(rows, member, now, by)
        before = reassignment.before
        dates = {
            name: before[name] and date.fromisoformat(before[name])
            for name in ("absent_from", "absent_until")
        }
        _save(reassignment.rep, by, active=before["active"], **dates)
    return len(rows), Handoff.objects.filter(reassignment=reassignment).count() - len(rows)


def _give_back(rows: list[Handoff], member: Member, now: datetime, by: Any) -> None:
    ids = [row.pk for row in rows]
    Handoff.objects.filter(pk__in=ids).update(
        state=State.WITHDRAWN, closed_at=now, closed_as=TAKEN_BACK, moved_from=None, to_collect=False
    )
    for state in OPEN:
        earlier = [row.moved_from_id for row in rows if row.moved_from_id and row.reasons["was"] == state]
        Handoff.objects.filter(pk__in=earlier).update(state=state, closed_at=None, closed_as="")
    hand_over({row.lead_id: member.user_id for row in rows}, now=now, why="reassignment undone", by=by)


def _teams(rep: SalesRep) -> set[int]:
    """All that the policies of the rep's open leads can give to."""
    named = Handoff.objects.open().filter(rep=rep).values_list("policy__team_id", "policy__fallback_team_id")
    return {rep.team_id} | {team for teams in named for team in teams if team is not None}


def _open_leads(rep: SalesRep) -> HandoffQuerySet:
    rows: HandoffQuerySet = Handoff.objects.open().filter(rep=rep)
    return rows.select_related("lead__company", "qualification", "policy__team", "policy__fallback_team")


def _plan(rep: SalesRep, pool: Pool, open_leads: HandoffQuerySet, day: int) -> Plan:
    """The pool's places are given in memory, the most urgent lead first."""
    rows = list(open_leads.order_by("accept_by", "pk"))
    pool.territories.read([row.lead_id for row in rows], day=day)
    known = CompanyReps(pool, [(row.lead, row.policy) for row in rows if row.policy])
    plan = Plan()
    for row in rows:
        choice = _choose(row, rep, pool, known)
        if choice.member is None:
            plan.no_place.append(row)
        else:
            pool.give(choice.member)
            known.remember(row.lead, choice.member)
            plan.moves.append((row, choice.member, choice))
    return plan


def _choose(row: Handoff, rep: SalesRep, pool: Pool, known: CompanyReps) -> Choice:
    """As the policy says; a lead that was handed over by name goes to the rep's own team."""
    tried = [*row.reasons.get("tried", []), rep.pk]
    if row.policy is not None:
        return pool.choose(row.policy, row.lead_id, company_rep=known.rep_of(row.lead), tried=tried)
    members: Iterable[Member] = pool.teams.get(rep.team_id, [])
    answers = pool.territories.answers(row.lead_id)
    return choose(members, Strategy.WEIGHTED.value, answers=answers, tried=tried)


def _offer(row: Handoff, member: Member, choice: Choice, made: Reassignment, now: datetime, by: Any) -> Offer:
    kept = {name: row.reasons[name] for name in ("tried", "act") if name in row.reasons}
    following = offer(
        row.lead, member, row.policy, now=now, qualification=row.qualification, origin=row.origin,
        candidates=choice.candidates, reasons={**choice.reasons, **kept, "was": row.state}, moved_from=row, by=by,
    )  # fmt: skip
    following.handoff.reassignment = made
    following.handoff.next_action = row.next_action
    following.handoff.next_action_on = row.next_action_on
    return following


def _write_absence(rep: SalesRep, absence: Absence, by: Any) -> SalesRep:
    if absence.leaving:
        return _save(rep, by, active=False)
    return _save(rep, by, absent_from=absence.begins, absent_until=absence.ends)


def _save(rep: SalesRep, by: Any, **values: Any) -> SalesRep:
    """The history names who it was also outside a request."""
    for name, value in values.items():
        setattr(rep, name, value)
    rep._history_user = by  # type: ignore[attr-defined]
    rep.save(update_fields=list(values))
    return rep
