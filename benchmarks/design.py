"""What a marketing department of this market would ask: thirty rules, twenty segments, four policies.

A third of the conditions ask custom fields.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from benchmarks.market import LAST_DAY
from handoff.models import HandoffPolicy, SalesTeam
from leadqual.common import clock
from leadqual.leads.models import ActivityType
from leadqual.scoring.models import RuleGroup, ScoringModel, ScoringRule
from leadqual.scoring.publishing import publish
from segments.definition import save_segment

Tree = dict[str, Any]


def ask(field: str, op: str, value: Any = None) -> Tree:
    return {"field": field, "op": op} | ({} if value is None else {"value": value})


def acts(activity: str, count: int, within: int, **where: Any) -> Tree:
    tree: Tree = {"activity": activity, "op": "at_least", "count": count, "within_days": within}
    return tree | ({"where": where} if where else {})


# activity, points, window, half-life, limit, where: twenty rules
BEHAVIOUR: list[tuple[str, int, int, int | None, tuple[int, str] | None, Tree | None]] = [
    ("page_view", 1, 180, None, (5, "day"), None),
    ("page_view", 3, 90, None, None, {"url": "/products/*"}),
    ("page_view", -2, 180, None, None, {"url": "/company/*"}),
    ("page_view", 2, 120, None, (10, "month"), {"url": "/blog/*"}),
    ("pricing_view", 8, 180, 60, None, None),
    ("pricing_view", 5, 90, None, (1, "day"), {"url": "/pricing/pricing_view-1*"}),
    ("case_view", 4, 180, None, None, {"url": "/cases/*"}),
    ("case_view", 3, 365, None, None, {"url": "*case_view-1*"}),
    ("mail_open", 1, 90, None, (3, "week"), None),
    ("mail_click", 4, 180, 90, None, None),
    ("mail_click", 2, 120, None, None, {"kind": ["k1", "k2", "k3"]}),
    ("download", 10, 365, 120, None, None),
    ("download", 6, 180, None, None, {"url": "download-1*"}),
    ("seminar_entry", 8, 365, None, None, None),
    ("seminar_visit", 15, 365, 120, None, None),
    ("exhibition", 10, 365, None, (2, "ever"), None),
    ("trial", 25, 365, 180, None, None),
    ("inquiry", 30, 365, None, None, None),
    ("unsubscribe", -20, 365, None, None, None),
    ("seminar_visit", 5, 180, None, None, {"kind": "k2"}),
]
# points, condition: eight rules
ATTRIBUTES: list[tuple[int, Tree]] = [
    (10, ask("company.industry", "is_one_of", ["IT", "製造", "金融"])),
    (15, {"all": [ask("company.employees", "at_least", 300), ask("company.prefecture", "is", "東京都")]}),
    (10, ask("seniority", "is_one_of", ["executive", "director"])),
    (5, {"any": [ask("title", "contains", "部長"), ask("title", "matches", "*director*")]}),
    (-10, ask("source", "is", "広告")),
    (12, ask("custom.product", "is_one_of", ["alpha", "beta"])),
    (8, {"all": [ask("custom.seats", "at_least", 100), ask("custom.trial", "is", True)]}),
    (6, ask("custom.renewal", "in_next_days", 60)),
]
# points, days: two rules
SILENCE = [(-10, 60), (-20, 180)]

SEGMENTS: list[Tree] = [
    ask("company.industry", "is", "IT"),
    {
        "all": [
            ask("company.industry", "is_one_of", ["製造", "物流"]),
            ask("company.employees", "at_least", 500),
        ]
    },
    {
        "all": [
            ask("company.prefecture", "is", "東京都"),
            ask("seniority", "is_one_of", ["executive", "director"]),
        ]
    },
    {"any": [ask("title", "contains", "部長"), ask("department", "is", "経営企画室")]},
    {"not": ask("source", "is_one_of", ["広告", "Web"])},
    ask("interests", "includes", "security"),
    acts("pricing_view", 1, 30),
    acts("download", 2, 90),
    {"all": [acts("page_view", 3, 60, url="/products/*"), {"not": acts("inquiry", 1, 365)}]},
    {"all": [acts("seminar_visit", 1, 180), ask("company.employees", "at_least", 100)]},
    {"any": [acts("trial", 1, 90), acts("inquiry", 1, 90)]},
    {"all": [ask("created", "in_last_days", 365), acts("mail_click", 1, 60)]},
    {"all": [{"not": acts("mail_open", 1, 90)}, {"not": acts("page_view", 1, 90)}]},
    ask("custom.product", "is", "alpha"),
    {"all": [ask("custom.seats", "at_least", 50), ask("custom.area", "is_one_of", ["関東", "関西"])]},
    {"any": [ask("custom.trial", "is", True), ask("custom.budget", "more_than", 5_000_000)]},
    {"all": [ask("custom.renewal", "in_next_days", 90), acts("case_view", 1, 180)]},
    {"not": ask("custom.product", "is_one_of", ["gamma", "delta"])},
    {"all": [ask("custom.budget", "is_empty"), ask("company.industry", "is_not", "官公庁")]},
    {"all": [ask("custom.area", "starts_with", "関"), acts("page_view", 1, 30)]},
]
# positions of segments that policies are for
POLICIES = [0, 6, 13, None]


def design(*, day: int, now: datetime, capacity: int) -> ScoringModel:
    """Everything but the scores, through the product's own functions."""
    segments = [save_segment(f"Segment {n:02}", tree, state="live") for n, tree in enumerate(SEGMENTS)]
    with transaction.atomic():
        draft = _draft()
    model = publish(draft, day=day, now=now).model
    teams = list(SalesTeam.objects.order_by("pk"))
    for team in teams:
        team.reps.update(capacity=capacity)
    for n, segment in enumerate(POLICIES):
        HandoffPolicy.objects.create(
            name=f"Policy {n}",
            position=n,
            state="live",
            segment=None if segment is None else segments[segment],
            team=teams[n % 2],
            fallback_team=teams[1 - n % 2],
            means=["in_app", "mail"],
            cadence="at_once",
            follow_up="Call within a day.",
            strategy=["weighted", "round_robin", "territory_first", "same_company_first"][n],
            accept_within_hours=8,
            review_date=clock.date_of(LAST_DAY + 365),
        )
    return model


def _draft() -> ScoringModel:
    model = ScoringModel.objects.create(
        name="Benchmark", hot_at=75, cool_at=50, cool_down_days=14, gate_strong_within=90, gate_active_days=2,
        gate_active_within=60, review_date=clock.date_of(LAST_DAY + 365),
    )  # fmt: skip
    groups = {
        name: RuleGroup.objects.create(model=model, name=name, axis=axis, cap=cap, floor=floor, position=n)
        for n, (name, axis, cap, floor) in enumerate(
            [("company", "fit", 40, None), ("person", "fit", None, -20), ("web", "engagement", 60, 0),
             ("contact", "engagement", None, None)]
        )
    }  # fmt: skip
    types = {kind.key: kind for kind in ActivityType.objects.all()}
    common: dict[str, Any] = {"model": model}
    rules = []
    for n, (activity, points, window, half_life, limit, where) in enumerate(BEHAVIOUR):
        group = groups["web" if activity.endswith("view") else "contact"]
        count, period = limit or (None, "")
        rules.append(
            ScoringRule(
                **common, group=group, name=f"B{n} {activity}", kind="behaviour", activity_type=types[activity],
                where=where, points=points, window_days=window, half_life_days=half_life, limit_count=count,
                limit_period=period, position=n,
            )
        )  # fmt: skip
    for n, (points, condition) in enumerate(ATTRIBUTES):
        group = groups["company" if "company" in str(condition) else "person"]
        rules.append(
            ScoringRule(
                **common, group=group, name=f"A{n}", kind="attribute", condition=condition, points=points
            )
        )
    for n, (points, days) in enumerate(SILENCE):
        rules.append(
            ScoringRule(
                **common, group=groups["contact"], name=f"S{n}", kind="inactivity", inactive_days=days, points=points,
            )
        )  # fmt: skip
    assert len(rules) == 30
    ScoringRule.objects.bulk_create(rules)
    return model
