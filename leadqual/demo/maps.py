"""The journey maps of the demo: drawn a year ago, put in force, and walked by the leads of their segments since."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from journeys.answering import Step, must_move
from journeys.drawing import bind, draw, draw_part
from journeys.going_live import go_live
from journeys.models import Content, JourneyMap, MoveReason, Stage, StagePlacement, Touchpoint
from journeys.moving import Occasion, move
from journeys.placement import rank_of
from journeys.standing import Standing, in_force
from leadqual.common import clock
from leadqual.common.locks import Lock, lock_alone
from leadqual.demo import design, map_words
from leadqual.demo.map_words import Phase, Point
from leadqual.demo.scoring_design import FIRST_LIVE
from leadqual.demo.tongues import Tongue
from leadqual.leads.models import ActivityType
from segments.conditions import load_facts
from segments.models import Membership, Segment

EVERY = 14  # days between two looks at where the leads stand


def draw_maps(t: Tongue, *, day: int) -> None:
    drawn = clock.start_of(day - FIRST_LIVE) + timedelta(hours=14)
    by = get_user_model().objects.get(username=design.MARKETER)
    contents = {
        key: Content.objects.create(
            title=title,
            link=f"https://demo.example/{key.replace('_', '-')}",
            owner=t("マーケティング部", "Marketing"),
            expires_on=clock.date_of(day + days),
        )
        for key, (title, days) in map_words.contents(t).items()
    }
    for name, makers in ((design.middle_makers(t), True), (design.services(t), False)):
        segment = Segment.objects.get(name=name)
        each = JourneyMap(name=name, segment=segment, persona=map_words.persona(t, makers))
        draw(each, now=drawn, by=by)
        for order, phase in enumerate(map_words.phases(t, makers), start=1):
            _draw_stage(each, order, phase, contents, now=drawn, by=by)
        go_live(each, now=drawn + timedelta(hours=1), by=by)


def _draw_stage(
    each: JourneyMap, order: int, phase: Phase, contents: dict[str, Content], *, now: datetime, by: Any
) -> None:
    stage = Stage(map=each, order=order, key=phase.key, name=phase.name, goal=phase.goal, entry=phase.entry)
    draw_part(stage, now=now, by=by)
    for position, point in enumerate(phase.points, start=1):
        _draw_point(stage, position, point, contents, now=now, by=by)


def _draw_point(
    stage: Stage, position: int, point: Point, contents: dict[str, Content], *, now: datetime, by: Any
) -> None:
    touchpoint = Touchpoint(
        stage=stage,
        position=position,
        action=point.action,
        channel=point.channel,
        question=point.question,
        feeling=point.feeling,
        feeling_level=point.level,
        strength=point.strength,
        owner=point.owner,
    )
    draw_part(touchpoint, now=now, by=by)
    types = list(ActivityType.objects.filter(key__in=point.types))
    bind(touchpoint, types, [contents[key] for key in point.contents], now=now, by=by)


@transaction.atomic
def walk(*, day: int) -> None:
    """Where everybody stood every other week, by what was known then; only once."""
    lock_alone(Lock.LEDGER)
    standing = in_force()
    if StagePlacement.objects.exists():
        return
    stands: dict[tuple[int, int], int] = {}
    segments = {each.segment for each in standing}
    people = set(Membership.objects.filter(segment_id__in=segments).values_list("lead_id", flat=True))
    for played in range(day - FIRST_LIVE, day, EVERY):
        _look(standing, people, stands, played)


def _look(
    standing: Iterable[Standing], people: set[int], stands: dict[tuple[int, int], int], day: int
) -> None:
    asked = [condition for each in standing for condition in each.conditions()]
    facts = load_facts(people, day=day, conditions=asked, as_of=day)
    occasion = Occasion(day, clock.start_of(day + 1) - timedelta(hours=1), MoveReason.REFRESH)
    for each in standing:
        steps = []
        for lead, known in facts.items():
            before, after = stands.get((each.pk, lead), 0), rank_of(each, known, day=day)
            if must_move(before, after, each.may_regress):
                steps.append(Step(lead, before, after))
                stands[each.pk, lead] = after
        move(each, steps, occasion)
