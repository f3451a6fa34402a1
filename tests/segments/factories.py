"""Leads with attributes written straight into the compared form: also what editing would never write."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from leadqual.common import clock
from leadqual.leads.models import (
    Activity,
    ActivityType,
    BantAnswer,
    Company,
    CustomField,
    Lead,
    Signature,
    Target,
)
from segments.conditions import Condition, parse
from segments.definition import save_segment
from segments.models import Segment

DAY = 20_000  # 2024-10-04
NOW = datetime(2024, 10, 4, 9, 0, tzinfo=UTC)
_numbers = count(1)


def a_lead(**columns: Any) -> Lead:
    return Lead.objects.create(**{"created_day": DAY, "created_at": NOW} | columns)


def a_company(**columns: Any) -> Company:
    return Company.objects.create(**{"name": "K.K.", "normalised_name": "k.k.", "created_day": DAY} | columns)


def a_field(key: str, kind: str, target: str = Target.LEAD, choices: tuple[str, ...] = ()) -> CustomField:
    return CustomField.objects.create(target=target, key=key, label=key, type=kind, choices=list(choices))


def a_type(key: str = "download", declared: tuple[str, ...] = (), label: str = "") -> ActivityType:
    return ActivityType.objects.get_or_create(
        key=key, defaults={"label": label or key, "declared_attributes": list(declared)}
    )[0]


def a_signature(kind: ActivityType, path: str = "", **attributes: Any) -> Signature:
    return Signature.objects.create(
        type=kind, path=path, attributes=attributes, digest=f"{next(_numbers):032d}"
    )


def an_act(lead: Lead, signature: Signature, day: int = DAY, machine: bool = False) -> Activity:
    moment = clock.start_of(day)
    return Activity.objects.create(
        lead=lead, signature=signature, day=day, occurred_at=moment, received_at=moment, machine=machine
    )


def an_answer(lead: Lead, letter: str, value: str, day: int = DAY, until: int | None = None) -> BantAnswer:
    return BantAnswer.objects.create(
        lead=lead, letter=letter, value=value, day=day, until_day=until, at=clock.start_of(day)
    )


def a_segment(tree: Any, name: str = "", **options: Any) -> Segment:
    return save_segment(name or f"Segment {next(_numbers)}", tree, **options)


def field(key: str, op: str, value: Any = None, **more: Any) -> dict[str, Any]:
    tree = {"field": key, "op": op, **more}
    return tree if value is None else tree | {"value": value}


def parsed(tree: Any) -> Condition:
    return parse(tree)
