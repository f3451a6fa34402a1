"""The reps among whom leads are shared out, held still while that happens."""

from collections import Counter
from collections.abc import Collection, Iterable

from django.db.models import Count, QuerySet

from handoff.choosing import Choice, Member, choose
from handoff.models import OPEN, Handoff, HandoffPolicy, SalesRep
from handoff.territories import Territories, territory_key
from leadqual.common import clock
from leadqual.common.rows import update_rows


class Pool:
    """The locked reps of some teams with their loads as counted under the lock, kept true as leads are given.

    The lock (FOR NO KEY UPDATE in the order of the ids, the whole database on SQLite) is what every function takes
    that adds to a rep's load, so nobody gets more than the capacity.
    """

    def __init__(self, members: Iterable[Member]) -> None:
        self.members = {member.rep_id: member for member in members}
        self.teams: dict[int, list[Member]] = {}
        for member in self.members.values():
            self.teams.setdefault(member.team_id, []).append(member)
        self.turn = max((member.turn for member in self.members.values()), default=0)
        self.touched: Counter[int] = Counter()
        self.territories = Territories({member.territory for member in self.members.values()})

    def free(self, policy: HandoffPolicy) -> bool:
        """Whether the policy's team or its fallback team has a place at all."""
        return any(
            member.free and not member.away
            for team in (policy.team_id, policy.fallback_team_id)
            for member in self.teams.get(team or 0, [])
        )

    def choose(
        self,
        policy: HandoffPolicy,
        lead_id: int,
        *,
        company_rep: int | None = None,
        tried: Collection[int] = (),
    ) -> Choice:
        """Among the policy's team, and where that has nobody, its fallback team; the choice is not yet given."""
        answers = self.territories.answers(lead_id)
        choice = choose(
            self.teams.get(policy.team_id or 0, []), policy.strategy,
            answers=answers, company_rep=company_rep, tried=tried,
        )  # fmt: skip
        if choice.member is not None or policy.fallback_team_id in (None, policy.team_id):
            return choice
        fallback = choose(
            self.teams.get(policy.fallback_team_id or 0, []), policy.strategy,
            answers=answers, company_rep=company_rep, tried=tried,
        )  # fmt: skip
        fallback.reasons |= {"fallback": True, "team": choice.reasons}
        return fallback

    def give(self, member: Member) -> None:
        self.turn += 1
        member.turn = self.turn
        member.load += 1
        self.touched[member.rep_id] += 1

    def take_back(self, rep_id: int | None) -> None:
        """An offer of this rep has ended in the same transaction."""
        if rep_id is not None and (member := self.members.get(rep_id)):
            member.load -= 1

    def save(self) -> None:
        """Who has had how many turns; the loads are never stored."""
        update_rows([SalesRep(pk=rep, turn=self.members[rep].turn) for rep in sorted(self.touched)], ["turn"])
        self.touched.clear()


def lock_pool(*, day: int, teams: Collection[int] = (), reps: Collection[int] = ()) -> Pool:
    """The pool of these teams, or of these reps; two queries. Inside a transaction."""
    held = SalesRep.objects.select_for_update(of=("self",), no_key=True)
    return _pool(held.filter(team_id__in=teams) if teams else held.filter(pk__in=reps), day)


def look_at_pool(*, day: int, teams: Collection[int]) -> Pool:
    """The same without the lock, for a look at what would happen."""
    return _pool(SalesRep.objects.filter(team_id__in=teams), day)


def _pool(reps: QuerySet[SalesRep], day: int) -> Pool:
    rows = list(reps.select_related("user").order_by("pk"))
    loads = dict(
        Handoff.objects.filter(state__in=OPEN, rep_id__in=[rep.pk for rep in rows])
        .values_list("rep_id")
        .annotate(n=Count("pk"))
        .order_by()
    )
    return Pool(_member(rep, loads.get(rep.pk, 0), day) for rep in rows)


def _member(rep: SalesRep, load: int, day: int) -> Member:
    return Member(
        rep_id=rep.pk,
        user_id=rep.user_id,
        team_id=rep.team_id,
        address=rep.user.email,
        weight=rep.weight,
        capacity=rep.capacity,
        load=load,
        turn=rep.turn,
        territory=territory_key(rep.territory),
        away=is_away(rep, day),
    )


def is_away(rep: SalesRep, day: int) -> bool:
    """Absent that day, or gone: no longer active as a rep or as a user."""
    if not (rep.active and rep.user.is_active):
        return True
    date = clock.date_of(day)
    if rep.absent_from is None or date < rep.absent_from:
        return False
    return rep.absent_until is None or date <= rep.absent_until
