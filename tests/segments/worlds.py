"""Random leads with random pasts, and random conditions about them."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model
from hypothesis import strategies as st

from leadqual.leads.models import (
    Activity,
    ActivityType,
    BantAnswer,
    Company,
    CustomField,
    Lead,
    Signature,
)
from segments.conditions.acts import ACTS_OPERATORS
from segments.conditions.kinds import Kind
from segments.conditions.operators import OPERATORS, Operator, Shape
from segments.models import Membership, Segment

DAY = 20_000
NOW = datetime(2024, 10, 4, tzinfo=UTC)
# Close to the days that are asked, so that ends of windows are met.
DAYS = st.one_of(st.integers(DAY - 6, DAY + 6), st.integers(DAY - 40, DAY + 40))

TEXTS = [
    "",
    "it",
    "it部",
    "i",
    "a%b_c",
    "a*b",
    "[it]",
    "]",
    "a\\b",
    "製造業",
    "部長",
    "ss",
    "x|y",
    "1",
    "true",
    "'\"",
]
NUMBERS = [0, 1, -1, 5, 10, 0.1, 0.5, 2.5, 1e-7, 100_000, 10**15, 12345678.9]
# What an importer never writes and a page never shows, but a column of JSON can hold.
ODD = [None, True, False, [], ["it"], {}, {"it": 1}, 10**30, 1.0, 2.0, "20000", DAY, -(10**9), DAY + 3]
KINDS = ["text", "number", "date", "boolean", "choice"]
LETTERS = ["budget", "need"]
ACTIVITIES = ["download", "visit"]
PATHS = ["", "/pricing", "/Pricing/Ａ", "/docs/a.pdf", "/docs/[x]", "/a%b"]
GLOBS = ["*", "/pricing*", "*.pdf", "/docs/?.pdf", "/docs/[x]", "/a%b", "/p*g/a", "??", "i*", "*_*", "a\\*"]

custom_values = st.one_of(st.sampled_from(TEXTS), st.sampled_from(NUMBERS), st.sampled_from(ODD), DAYS)
customs = st.dictionaries(st.sampled_from(KINDS), custom_values, max_size=5)
texts = st.sampled_from(TEXTS)

companies = st.fixed_dictionaries(
    {
        "normalised_name": texts,
        "industry_folded": texts,
        "employees": st.one_of(st.none(), st.integers(0, 10)),
        "custom_folded": customs,
    }
)
lead_rows = st.fixed_dictionaries(
    {
        "title_folded": texts,
        "email": texts,
        "seniority": st.sampled_from(["", "staff", "director"]),
        "interests_folded": st.sampled_from(["", "|cloud|", "|cloud|it|", "|security|ai|cloud|"]),
        "status": st.sampled_from(["new", "hot", "customer"]),
        "created_day": DAYS,
        "custom_folded": customs,
    }
)
outcomes = st.one_of(st.just(("", None)), st.tuples(st.sampled_from(["won", "lost"]), DAYS))
answers = st.tuples(
    st.sampled_from(LETTERS), st.sampled_from(["yes", "partly", "no"]), DAYS, st.one_of(st.none(), DAYS)
)
acts = st.tuples(st.integers(0, 11), DAYS, st.booleans() | st.just(False))
people = st.tuples(
    lead_rows,
    st.integers(-1, 1),
    outcomes,
    st.booleans(),
    st.lists(answers, max_size=3),
    st.lists(acts, max_size=8),
    st.sets(st.integers(0, 1)),
)
worlds = st.tuples(st.lists(companies, min_size=2, max_size=2), st.lists(people, min_size=2, max_size=6))


def build_names() -> dict[str, Any]:
    """What does not vary: fields, types, signatures, two segments, an owner."""
    for target in ("lead", "company"):
        for kind in KINDS:
            CustomField.objects.create(target=target, key=kind, label=kind, type=kind)
    signatures = []
    for key in ACTIVITIES:
        row = ActivityType.objects.create(key=key, label=key, declared_attributes=["plan"])
        for number, path in enumerate(PATHS):
            plan = {} if number % 2 else {"plan": [1, True, "Pro"][number // 2]}
            signatures.append(
                Signature.objects.create(type=row, path=path, attributes=plan, digest=str(number))
            )
    segments = [Segment.objects.create(name=name, condition={"all": []}) for name in ("one", "two")]
    return {
        "signatures": signatures,
        "segments": segments,
        "owner": get_user_model().objects.create(username="it"),
    }


def build(world: Any, names: dict[str, Any]) -> list[Lead]:
    company_rows, person_rows = world
    made = [Company(name="x", created_day=DAY, created_at=NOW, **row) for row in company_rows]
    employers = Company.objects.bulk_create(made)
    leads = Lead.objects.bulk_create(
        Lead(
            **row,
            company=None if employer < 0 else employers[employer],
            outcome=outcome,
            outcome_day=day,
            owner=names["owner"] if owned else None,
            created_at=NOW,
        )
        for row, employer, (outcome, day), owned, *_rest in person_rows
    )
    for lead, person in zip(leads, person_rows, strict=True):
        _past(lead, *person[4:], names)
    return leads


def _past(lead: Lead, said: Any, acted: Any, member_of: Any, names: dict[str, Any]) -> None:
    BantAnswer.objects.bulk_create(
        BantAnswer(lead=lead, letter=letter, value=value, day=day, until_day=until, at=NOW)
        for letter, value, day, until in said
    )
    Activity.objects.bulk_create(
        Activity(
            lead=lead,
            signature=names["signatures"][number],
            day=day,
            occurred_at=NOW,
            received_at=NOW,
            machine=machine,
        )
        for number, day, machine in acted
    )
    Membership.objects.bulk_create(
        Membership(lead=lead, segment=names["segments"][number], since_day=DAY) for number in member_of
    )


# --- Conditions -----------------------------------------------------------------------------------

FIELDS: dict[Kind, list[str]] = {
    Kind.TEXT: [
        "title",
        "email",
        "owner",
        "company.name",
        "company.industry",
        "custom.text",
        "company.custom.text",
    ],
    Kind.CHOICE: ["custom.choice", "company.custom.choice"],
    Kind.NUMBER: ["company.employees", "custom.number", "company.custom.number"],
    Kind.DATE: ["created", "outcome_day", "custom.date", "company.custom.date"],
    Kind.BOOLEAN: ["custom.boolean", "company.custom.boolean"],
    Kind.LIST: ["interests"],
}
CHOICES = {
    "seniority": ["staff", "director", "manager"],
    "status": ["new", "hot", "customer", "lost"],
    "outcome": ["won", "lost"],
    "bant.budget": ["yes", "partly", "no"],
    "bant.need": ["yes", "partly", "no"],
}
ISO = DAYS.map(lambda day: datetime.fromtimestamp(day * 86400, UTC).date().isoformat())
ONE: dict[Kind, Any] = {
    Kind.TEXT: st.sampled_from([text for text in TEXTS if text]),
    Kind.CHOICE: st.sampled_from([text for text in TEXTS if text]),
    Kind.NUMBER: st.sampled_from([*NUMBERS, 1.0, 2.0, DAY]),
    Kind.DATE: ISO,
    Kind.BOOLEAN: st.booleans(),
    Kind.LIST: st.sampled_from(["cloud", "it", "ai", "clou"]),
}


def _values(operator: Operator, one: Any) -> Any:
    return {
        Shape.ONE: one,
        Shape.MANY: st.lists(one, min_size=1, max_size=3),
        Shape.TWO: st.lists(one, min_size=2, max_size=2).map(sorted),
        Shape.DAYS: st.one_of(st.integers(1, 6), st.integers(1, 60)),
        Shape.PART: ONE[Kind.TEXT],
        Shape.GLOB: st.sampled_from(GLOBS),
        Shape.NOTHING: st.none(),
    }[operator.shape]


def _comparison(key: str, kind: Kind, one: Any) -> Any:
    possible = [operator for operator in OPERATORS.values() if kind in operator.kinds]
    return st.sampled_from(possible).flatmap(
        lambda operator: _values(operator, one).map(
            lambda value: {"field": key, "op": operator.key} | ({} if value is None else {"value": value})
        )
    )


comparisons = st.one_of(
    [_comparison(key, kind, ONE[kind]) for kind, keys in FIELDS.items() for key in keys]
    + [_comparison(key, Kind.CHOICE, st.sampled_from(values)) for key, values in CHOICES.items()]
)
plans = st.one_of(
    st.sampled_from([1, True, "pro", "p*"]), st.lists(st.sampled_from([1, "pro"]), min_size=1, max_size=3)
)
wheres = st.fixed_dictionaries({}, optional={"url": st.sampled_from(GLOBS), "plan": plans})
activities = st.builds(
    lambda activity, where, op, count, within: {
        "activity": activity,
        "where": where,
        "op": op,
        **({"count": max(count, ACTS_OPERATORS[op].least_count)} if op != "none" else {}),
        **({} if within is None else {"within_days": within}),
    },
    st.sampled_from(ACTIVITIES),
    wheres,
    st.sampled_from(list(ACTS_OPERATORS)),
    st.integers(0, 3),
    st.one_of(st.none(), st.integers(1, 6), st.integers(1, 50)),
)
leaves = st.one_of(
    comparisons, comparisons, activities, st.sampled_from([{"segment": "one"}, {"segment": "two"}])
)
trees = st.recursive(
    leaves,
    lambda parts: st.one_of(
        st.lists(parts, max_size=3).map(lambda several: {"all": several}),
        st.lists(parts, min_size=1, max_size=3).map(lambda several: {"any": several}),
        parts.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)
