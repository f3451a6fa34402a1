"""What the leads do in a year: mails, pages, papers, seminars; and, for some, a time of real interest."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leadqual.common import clock
from leadqual.demo.people import YEAR, Known, weighted
from leadqual.leads.recording import Event

PAGES = ["/", "/features", "/features/orders", "/features/stock", "/security", "/support", "/company"]
CASES = ["/cases/foundry", "/cases/foods", "/cases/warehouse", "/cases/trading", "/cases/builders"]
TOPICS = ["orders", "stock", "cost", "archiving"]
MAILS_A_YEAR = 9
# A time of interest begins with this chance per lead; some have a second one months later.
INTERESTED, AGAIN = 0.52, 0.25
JUST_NOW = 0.035  # of the others: a project since some days, an inquiry yesterday
WITH_BROWSER, STRANGERS = 0.4, 160


@dataclass(frozen=True, slots=True)
class Deed:
    """Something one lead did; `path` is a page or the name of a content."""

    at: datetime
    type: str
    path: str = ""
    topic: str = ""


def deeds_of(known: Known, rng: random.Random, *, day: int) -> list[Deed]:
    """A lead's year up to the end of yesterday, in the order of time; nothing before it was entered."""
    born = clock.day_of(known.created_at)
    first = max(born, day - YEAR + 1)
    found = list(_entering(known, rng)) if born >= day - YEAR + 1 else []
    found += _mails(first, day, bool(known.lead.custom.get("agreed")), rng)
    for _visit in range(rng.choice([0, 0, 1, 1, 2, 3])):
        found += _visit_on(rng.randrange(first, day), rng)
    if rng.random() < 0.03:
        found.append(Deed(_moment(rng.randrange(first, day), rng), "career_view", "/recruit/engineer"))
    if day - first > 25 and rng.random() < INTERESTED:
        new = born > day - YEAR
        start = rng.randrange(first, min(day - 2, first + 110) if new else day - 2)
        found += _interest(start, rng)
        if day - start > 150 and rng.random() < AGAIN:
            found += _interest(rng.randrange(start + 120, day - 2), rng)
    elif day - first > 15 and rng.random() < JUST_NOW:
        found += _fresh(day, rng)
    end = clock.start_of(day)
    return sorted(
        (deed for deed in found if known.created_at <= deed.at < end), key=lambda deed: (deed.at, deed.type)
    )


def _entering(known: Known, rng: random.Random) -> Iterator[Deed]:
    at = known.created_at + timedelta(minutes=1)
    if known.source == "exhibition":
        yield Deed(at, "exhibition", "expo")
    elif known.source == "seminar":
        yield Deed(at, "seminar", "seminar", rng.choice(TOPICS))
    elif known.source in ("web", "advert"):
        yield Deed(at, "download", "paper", rng.choice(TOPICS))


def _mails(first: int, day: int, agreed: bool, rng: random.Random) -> Iterator[Deed]:
    """One to everybody every forty days, opened by some out of habit: it says nothing about buying."""
    if not agreed:
        return
    habit = rng.choice([0.05, 0.2, 0.5, 0.9])
    for number in range(MAILS_A_YEAR):
        sent = day - YEAR + 20 + 40 * number
        if not first < sent < day - 2:
            continue
        at = clock.start_of(sent) + timedelta(hours=10)
        yield Deed(at, "mail_sent", f"news-{number + 1}")
        if rng.random() < habit:
            opened = at + timedelta(minutes=rng.randrange(2, 1500))
            yield Deed(opened, "mail_open", f"news-{number + 1}")
            if rng.random() < 0.25:
                yield Deed(opened + timedelta(minutes=1), "mail_click", f"news-{number + 1}")


def _visit_on(day: int, rng: random.Random) -> Iterator[Deed]:
    at = _moment(day, rng)
    for _page in range(rng.choice([1, 1, 2, 3])):
        yield Deed(at, "page_view", rng.choice(PAGES))
        at += timedelta(seconds=rng.randrange(20, 240))


def _interest(start: int, rng: random.Random) -> Iterator[Deed]:
    """Some weeks in which a project is being thought about; every part of it comes or does not come by itself."""
    for _visit in range(rng.choice([2, 3, 4, 5])):
        yield from _visit_on(start + rng.randrange(0, 21), rng)
    likely = [
        ("case_view", 0.6, rng.choice([1, 2, 3])),
        ("download", 0.5, 1),
        ("pricing_view", 0.55, rng.choice([1, 2, 2, 3])),
        ("mail_open", 0.45, rng.choice([2, 3, 4])),
        ("seminar", 0.3, 1),
        ("trial", 0.42, 1),
        ("inquiry", 0.5, 1),
        ("call_request", 0.05, 1),
    ]
    for type, chance, times in likely:
        if rng.random() < chance:
            for _time in range(times):
                at = _moment(start + rng.randrange(0, 24), rng)
                topic = rng.choice(TOPICS) if type in ("download", "seminar") else ""
                yield Deed(at, type, _path(type, rng), topic)


def _fresh(day: int, rng: random.Random) -> Iterator[Deed]:
    for type, ago in (
        ("page_view", 9),
        ("download", 9),
        ("case_view", 5),
        ("pricing_view", 3),
        ("seminar", 2),
    ):
        topic = rng.choice(TOPICS) if type in ("download", "seminar") else ""
        yield Deed(_moment(day - ago, rng), type, _path(type, rng), topic)
    yield Deed(_moment(day - 1, rng), "pricing_view", "/pricing/plans")
    yield Deed(
        clock.start_of(day - 1) + timedelta(hours=20, minutes=rng.randrange(0, 150)), "inquiry", "/inquiry"
    )


def _path(type: str, rng: random.Random) -> str:
    fixed = {
        "pricing_view": ["/pricing", "/pricing/plans"],
        "case_view": CASES,
        "download": ["paper", "handbook", "checklist"],
        "seminar": ["seminar", "webinar"],
        "mail_open": ["series-1", "series-2", "series-3"],
    }
    return rng.choice(fixed.get(type, [f"/{type.replace('_', '-')}"]))


def _moment(day: int, rng: random.Random) -> datetime:
    """At a time of day at which people are awake."""
    hour = weighted(
        rng, [(8, 4), (9, 9), (10, 11), (11, 10), (13, 10), (14, 11), (15, 10), (16, 9), (20, 4), (21, 3)]
    )
    return clock.start_of(day) + timedelta(hours=hour, seconds=rng.randrange(0, 3600))


def events(
    deeds: Sequence[tuple[Known, Sequence[Deed]]], rng: random.Random, *, day: int
) -> tuple[list[Event], dict[int, list[Deed]]]:
    """All acts as they reach the product; and what some did before we knew who they were, by lead.

    Some leads came by a browser that had looked around before: the act by which it got a name ties it to the person.
    """
    told: list[Event] = []
    earlier: dict[int, list[Deed]] = {}
    number = 0
    for known, own in deeds:
        for deed in own:
            number += 1
            told.append(_event(deed, number, lead=known.lead.pk))
        web = known.source in ("web", "advert") and clock.day_of(known.created_at) > day - YEAR + 40
        if web and own and rng.random() < WITH_BROWSER:
            browser = UUID(int=rng.getrandbits(128), version=4)
            before = clock.day_of(known.created_at) - rng.randrange(1, 20)
            earlier[known.lead.pk] = seen = list(_visit_on(before, rng))
            for deed in seen:
                number += 1
                told.append(_event(deed, number, visitor=browser))
            number += 1
            naming = Deed(own[0].at + timedelta(minutes=2), "page_view", "/thanks")
            earlier[known.lead.pk].append(naming)
            told.append(_event(naming, number, lead=known.lead.pk, visitor=browser))
    for _stranger in range(STRANGERS):
        browser = UUID(int=rng.getrandbits(128), version=4)
        for deed in _visit_on(rng.randrange(day - 90, day), rng):
            number += 1
            told.append(_event(deed, number, visitor=browser))
    return told, earlier


def _event(deed: Deed, number: int, *, lead: int | None = None, visitor: UUID | None = None) -> Event:
    return Event(
        type=deed.type,
        occurred_at=deed.at,
        lead_id=lead,
        visitor_id=visitor,
        path=deed.path,
        attributes={"topic": deed.topic} if deed.topic else None,
        event_id=f"demo-{number:06d}",
        received_at=deed.at + timedelta(seconds=1),
    )
