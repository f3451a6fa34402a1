"""Companies and leads of the market, made through the same functions that an import uses."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jaconv

from leadqual.common import clock
from leadqual.demo.tongues import Pair, Tongue, Weighted
from leadqual.demo.truth import Person
from leadqual.leads.companies import ensure_companies
from leadqual.leads.editing import create_leads
from leadqual.leads.models import Company, Lead

INDUSTRIES: Weighted = [
    ("manufacturing", 40), ("it", 16), ("trade", 13), ("services", 11), ("logistics", 9),
    ("construction", 7), ("health", 4),
]  # fmt: skip
SIZES = [((8, 99), 35), ((100, 999), 43), ((1000, 12_000), 22)]
SENIORITIES: Weighted = [("staff", 40), ("manager", 34), ("director", 17), ("executive", 7), ("", 2)]
SOURCES: Weighted = [
    ("exhibition", 32), ("web", 30), ("seminar", 14), ("advert", 12), ("referral", 7), ("paper", 5),
]  # fmt: skip
# Of the leads that are there today, so many were there before the year began.
OLDER = 0.42
YEAR = 365


@dataclass(frozen=True, slots=True)
class Known:
    """A lead of the market with what its behaviour depends on."""

    lead: Lead
    person: Person
    source: str
    created_at: datetime


def weighted(rng: random.Random, choices: Sequence[tuple[Any, int]]) -> Any:
    return rng.choices([value for value, _n in choices], [n for _value, n in choices])[0]


def make_companies(t: Tongue, count: int, rng: random.Random, *, day: int) -> list[Company]:
    """As many as asked, as far as there are names; they were all there before the first lead."""
    names = [
        (stem, trade, industry)
        for industry, trades in t.trades.items()
        for trade in trades
        for stem in t.stems
    ]
    rng.shuffle(names)
    by_industry: dict[str, list[tuple[Pair, Pair, str]]] = {}
    for each in names:
        by_industry.setdefault(each[2], []).append(each)
    rows: list[dict[str, Any]] = []
    for _number in range(count):
        industry = weighted(rng, [choice for choice in INDUSTRIES if by_industry[choice[0]]])
        stem, trade, _industry = by_industry[industry].pop()
        rows.append(_company(t, stem, trade, industry, rng, day))
    since = clock.start_of(day - 3 * YEAR) + timedelta(hours=10)
    return list(ensure_companies(rows, now=since).values())


def _company(
    t: Tongue, stem: Pair, trade: Pair, industry: str, rng: random.Random, day: int
) -> dict[str, Any]:
    low, high = weighted(rng, SIZES)
    employees = round(math.exp(rng.uniform(math.log(low), math.log(high))))
    joint = "" if t.language == "ja" else " "
    row: dict[str, Any] = {
        "name": weighted(rng, t.forms) % f"{stem[0]}{joint}{trade[0]}",
        "domain": f"{latin(stem)}-{latin(trade)}.example",
        "industry": t.industries[industry],
        "employees": employees,
        "revenue": employees * rng.randrange(12, 40) * 1_000_000,
        "prefecture": weighted(rng, t.prefectures),
        "country": t.country,
        "custom.sites": max(1, employees // rng.randrange(60, 160)),
    }
    if rng.random() < 0.4:
        row["custom.renewal"] = clock.date_of(day + rng.randrange(-200, 400)).isoformat()
    return row


def latin(name: Pair) -> str:
    """`アサナギ` as asanagi, `Inkwell Bay` as inkwellbay."""
    written, read = name
    text = jaconv.kana2alphabet(jaconv.kata2hira(read)) if read else written
    return "".join(letter for letter in text.lower() if "a" <= letter <= "z")


def make_leads(
    t: Tongue, companies: Sequence[Company], count: int, rng: random.Random, *, day: int, now: datetime
) -> list[Known]:
    pull = [((company.employees or 1) ** 0.12) for company in companies]
    rows, sources, taken = [], [], set[str]()
    for number in range(1, count + 1):
        source = weighted(rng, SOURCES)
        company = rng.choices(companies, pull)[0]
        rows.append(_lead(t, number, company, source, taken, rng, day))
        sources.append(source)
    order = sorted(range(count), key=lambda place: rows[place]["created_at"])
    made = create_leads([rows[place] for place in order], now=now)
    return [
        Known(lead, _person(lead, t), sources[place], lead.created_at)
        for lead, place in zip(made, order, strict=True)
    ]


def _lead(
    t: Tongue, number: int, company: Company, source: str, taken: set[str], rng: random.Random, day: int
) -> dict[str, Any]:
    family, given = rng.choice(t.families), rng.choice(t.givens)
    seniority = weighted(rng, SENIORITIES)
    row: dict[str, Any] = {
        "external_id": f"D-{number:05d}",
        "family_name": family[0],
        "given_name": given[0],
        "family_kana": family[1],
        "given_kana": given[1],
        "email": _address(latin(family), latin(given), company.domain, taken),
        "phone": t.phone % (number % t.phones) if rng.random() < 0.8 else "",
        "department": t.departments[rng.choice(list(t.departments))],
        "title": rng.choice(t.titles[seniority]),
        "seniority": seniority,
        "company": company,
        "source": t.sources[source],
        "interests": rng.sample(list(t.interests), rng.randrange(0, 4)),
        "created_at": _created(rng, day),
        "custom.agreed": rng.random() < 0.85,
    }
    return row | _asked(t, rng)


def _asked(t: Tongue, rng: random.Random) -> dict[str, Any]:
    """What a questionnaire brought, for some."""
    found: dict[str, Any] = {}
    if rng.random() < 0.55:
        found["custom.tool"] = rng.choice(list(t.tools))
    if rng.random() < 0.3:
        found["custom.budget"] = rng.choice([50, 100, 200, 300, 500, 1000])
    return found


def _created(rng: random.Random, day: int) -> datetime:
    older = rng.random() < OLDER
    born = day - YEAR - rng.randrange(1, 600) if older else day - rng.randrange(2, YEAR)
    return (clock.start_of(born) + timedelta(minutes=rng.randrange(9 * 60, 18 * 60))).astimezone(UTC)


def _address(family: str, given: str, domain: str, taken: set[str]) -> str:
    number, address = 1, f"{given}.{family}@{domain}"
    while address in taken:
        number += 1
        address = f"{given}.{family}{number}@{domain}"
    taken.add(address)
    return address


def _person(lead: Lead, t: Tongue) -> Person:
    company = lead.company
    return Person(
        manufacturer=bool(company and company.industry == t.industries["manufacturing"]),
        employees=(company and company.employees) or 0,
        seniority=lead.seniority,
    )
