"""The year before today, played day by day: who became hot, who got whom, what came of it."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from handoff.models import HandoffPolicy
from handoff.pool import Pool, lock_pool
from handoff.turns import live_policies
from leadqual.common import clock
from leadqual.common.progress import Progress
from leadqual.demo.becoming_hot import Heat
from leadqual.demo.behaviour import Deed
from leadqual.demo.design import LEFT_DAYS_AGO
from leadqual.demo.diary import Diary
from leadqual.demo.past import Acts, Judge
from leadqual.demo.people import Known
from leadqual.demo.reps import Reps
from leadqual.demo.scoring_design import FIRST_LIVE, SECOND_LIVE
from leadqual.demo.selling import Desk
from leadqual.demo.tongues import Tongue
from leadqual.leads.models import ActivityType, Status
from leadqual.scoring.compiled import compiled
from leadqual.scoring.histories import histories
from leadqual.scoring.models import ScoringModel
from segments.conditions import holds, load_facts, parse

# Models go live when the day's work is done.
GOING_LIVE = timedelta(hours=23, minutes=30)


@dataclass(slots=True)
class Cast:
    """Everybody and everything that is played with. `leaving` is the rep who goes."""

    known: Sequence[Known]
    deeds: Mapping[int, Sequence[Deed]]
    first: ScoringModel
    second: ScoringModel
    leaving: int


def play(t: Tongue, cast: Cast, rng: random.Random, *, day: int, progress: Progress | None = None) -> Diary:
    """From the day the first model went live to the end of yesterday. Inside the transaction that writes it."""
    ids = [each.lead.pk for each in cast.known]
    born = {each.lead.pk: clock.day_of(each.created_at) for each in cast.known}
    days = {deed.at: clock.day_of(deed.at) for own in cast.deeds.values() for deed in own}
    acts = Acts(cast.deeds, days)
    judges = [
        Judge(compiled(model), histories(ids, compiled(model), day=day), acts)
        for model in (cast.first, cast.second)
    ]
    diary, desk = _sales(t, cast, days, rng, day=day)
    heat = Heat(diary, judges[0], cast.first.cool_down_days, born, desk.became_hot)
    desk.heat = heat
    first, switch = day - FIRST_LIVE, day - SECOND_LIVE
    desk.plan_turns(first, day)
    _nurture(cast, diary, rng)
    acting, direct = _calendar(cast.deeds, days)
    for played in range(first, day):
        heat.day(played, acting.get(played, {}))
        for moment, lead, type in direct.get(played, ()):
            diary.note(moment, desk.asked_for_sales, lead, type)
        if played == switch:
            at = clock.start_of(played) + GOING_LIVE
            diary.note(at, lambda at: heat.follow(judges[1], cast.second.cool_down_days, at))
        diary.play(clock.start_of(played + 1))
        if progress:
            progress(_("playing the year"), played - first + 1, day - first)
    desk.floor.plan(day)
    return diary


def _sales(
    t: Tongue, cast: Cast, days: Mapping[datetime, int], rng: random.Random, *, day: int
) -> tuple[Diary, Desk]:
    ids = [each.lead.pk for each in cast.known]
    diary, policies = Diary(ids), live_policies()
    pool = _pool(policies, ids, day)
    desk = Desk(
        diary,
        pool,
        {policy.pk: policy for policy in policies},
        policies_of(policies, ids, day),
        {each.lead.pk: each.lead.company_id or 0 for each in cast.known},
        {each.lead.pk: each.person for each in cast.known},
        {lead: [(deed.type, days[deed.at]) for deed in own] for lead, own in cast.deeds.items()},
    )
    users = {member.rep_id: member.user_id for member in pool.members.values()}
    desk.floor = Reps(t, diary, desk, users, rng)
    gone = clock.start_of(day - LEFT_DAYS_AGO) + timedelta(hours=18)
    diary.note(gone, desk.leaves, cast.leaving)
    return diary, desk


def _pool(policies: Sequence[HandoffPolicy], ids: Sequence[int], day: int) -> Pool:
    teams = {team for policy in policies for team in (policy.team_id, policy.fallback_team_id) if team}
    pool = lock_pool(day=day, teams=teams)
    pool.territories.read(ids, day=day)
    return pool


def policies_of(policies: Sequence[HandoffPolicy], ids: Sequence[int], day: int) -> dict[int, int]:
    """The first policy whose segment has the lead; their segments ask what does not change in the year."""
    conditions = {policy.pk: parse(policy.segment.condition) for policy in policies if policy.segment}
    known = load_facts(ids, day=day, conditions=conditions.values())
    return {
        lead: next(
            policy.pk
            for policy in policies
            if policy.pk not in conditions or holds(conditions[policy.pk], known[lead], day=day)
        )
        for lead in ids
    }


def _nurture(cast: Cast, diary: Diary, rng: random.Random) -> None:
    """Most are taken into nurturing some days after they came in."""

    def begin(at: datetime, lead: int) -> None:
        if diary.stands[lead].status == Status.NEW:
            diary.set_status(lead, Status.NURTURING, at, why="nurturing")

    for each in cast.known:
        if rng.random() < 0.8:
            after = timedelta(days=rng.randrange(2, 20), hours=rng.randrange(0, 5))
            diary.note(each.created_at + after, begin, each.lead.pk)


Calendar = dict[int, dict[int, datetime]]


def _calendar(
    deeds: Mapping[int, Sequence[Deed]], days: Mapping[datetime, int]
) -> tuple[Calendar, dict[int, list[tuple[datetime, int, str]]]]:
    """(day -> lead -> moment of its last own act, day -> acts that go to sales)."""
    types = {row.key: row for row in ActivityType.objects.all()}
    acting: Calendar = {}
    direct: dict[int, list[tuple[datetime, int, str]]] = {}
    for lead, own in deeds.items():
        for deed in own:
            if not types[deed.type].by_person:
                continue
            on = acting.setdefault(days[deed.at], {})
            on[lead] = max(deed.at, on.get(lead, deed.at))
            if types[deed.type].direct_to_sales:
                direct.setdefault(days[deed.at], []).append((deed.at, lead, deed.type))
    return acting, direct
