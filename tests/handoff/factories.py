"""Teams, reps, policies and hot leads for the tests of handoff, made without the scoring engine."""

from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model

from handoff.assignment import assign
from handoff.models import Cadence, Handoff, HandoffPolicy, Means, PolicyState, SalesRep, SalesTeam, Strategy
from leadqual.common import clock
from leadqual.leads.models import Company, Lead, Status
from leadqual.scoring.models import Qualification, ScoringModel
from segments.models import Membership, Segment

NUMBERS = count(1)
# A Wednesday at 14:00 in Tokyo, between holidays.
WEDNESDAY = datetime(2025, 6, 11, 5, 0, tzinfo=UTC)
DAY = clock.day_number(date(2025, 6, 11))


def user(name: str = "", **fields: Any) -> Any:
    name = name or f"user{next(NUMBERS)}"
    return get_user_model().objects.create(username=name, **{"email": f"{name}@example.com"} | fields)


def team(name: str = "", **fields: Any) -> SalesTeam:
    return SalesTeam.objects.create(name=name or f"team {next(NUMBERS)}", **fields)


def rep(of: SalesTeam, name: str = "", *, email: str | None = None, **fields: Any) -> SalesRep:
    person = user(name) if email is None else user(name, email=email)
    return SalesRep.objects.create(team=of, user=person, **fields)


def reps(of: SalesTeam, number: int, **fields: Any) -> list[SalesRep]:
    names = [f"rep{next(NUMBERS)}" for _ in range(number)]
    users = get_user_model().objects.bulk_create(
        get_user_model()(username=name, email=f"{name}@example.com") for name in names
    )
    return SalesRep.objects.bulk_create(SalesRep(user=each, team=of, **fields) for each in users)


def policy(of: SalesTeam, **fields: Any) -> HandoffPolicy:
    """Live, for everybody, at once, told in the application, unless said otherwise."""
    whole = {
        "name": f"policy {next(NUMBERS)}",
        "state": PolicyState.LIVE,
        "team": of,
        "fallback_team": of,
        "means": [Means.IN_APP.value],
        "cadence": Cadence.AT_ONCE,
        "follow_up": "Call within a day.",
        "strategy": Strategy.WEIGHTED,
        "accept_within_hours": 8,
        "review_date": date(2026, 1, 1),
    }
    return HandoffPolicy.objects.create(**whole | fields)


def daily(of: SalesTeam, at: time = time(9), **fields: Any) -> HandoffPolicy:
    return policy(of, cadence=Cadence.DAILY, cadence_time=at, **fields)


def company(name: str, **fields: Any) -> Company:
    return Company.objects.create(name=name, normalised_name=name.casefold(), created_day=DAY - 100, **fields)


def leads(number: int, **fields: Any) -> list[Lead]:
    made = []
    for _ in range(number):
        unique = next(NUMBERS)
        made.append(
            Lead(
                family_name="山田",
                given_name=f"{unique}",
                created_day=DAY - 100,
                **{"status": Status.HOT, "email": f"lead{unique}@example.org"} | fields,
            )
        )
    return Lead.objects.bulk_create(made)


def lead(**fields: Any) -> Lead:
    return leads(1, **fields)[0]


def scoring_model() -> ScoringModel:
    found = ScoringModel.objects.filter(name="tests").first()
    return found or ScoringModel.objects.create(
        name="tests", version=1, hot_at=50, cool_at=30, cool_down_days=0
    )


def qualify(
    people: list[Lead], *, score: int = 60, at: datetime = WEDNESDAY, **fields: Any
) -> list[Qualification]:
    """Opens a qualification for each, all of them `score` points."""
    model = scoring_model()
    return Qualification.objects.bulk_create(
        Qualification(
            lead=person,
            model=model,
            score=score,
            **{"opened_day": clock.day_of(at), "opened_at": at, "opened_reason": "score"} | fields,
        )
        for person in people
    )


def hot(number: int = 1, *, score: int = 60, at: datetime = WEDNESDAY, **fields: Any) -> list[Lead]:
    people = leads(number, **fields)
    qualify(people, score=score, at=at)
    return people


def segment(members: list[Lead], name: str = "") -> Segment:
    made = Segment.objects.create(name=name or f"segment {next(NUMBERS)}", condition={"all": []})
    Membership.objects.bulk_create(Membership(segment=made, lead=each, since_day=DAY) for each in members)
    return made


def offered(to: SalesRep | None = None, **fields: Any) -> Handoff:
    """One hot lead offered to a rep of a team of its own, as the assignment does it."""
    if to is None:
        to = rep(team())
    if not HandoffPolicy.objects.filter(team=to.team).exists():
        policy(to.team)
    [person] = hot(**fields)
    assign(now=WEDNESDAY, day=DAY)
    return Handoff.objects.get(lead=person)
