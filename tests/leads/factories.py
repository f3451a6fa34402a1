"""Leads as tests need them, made by the same functions as everybody's."""

from itertools import count
from typing import Any

from django.db import transaction

from leadqual.common import clock
from leadqual.leads.companies import create_company
from leadqual.leads.editing import create_leads
from leadqual.leads.models import Company, CustomField, FieldType, Lead, Target

_numbers = count(1)


def a_lead(**fields: Any) -> Lead:
    now = fields.pop("now", None) or clock.now()
    row = {"family_name": f"Lead{next(_numbers)}"} | {
        name.replace("__", "."): value for name, value in fields.items()
    }
    with transaction.atomic():
        return create_leads([row], now=now)[0]


def a_company(name: str = "", **fields: Any) -> Company:
    with transaction.atomic():
        return create_company({"name": name or f"Company {next(_numbers)}"} | fields, now=clock.now())


def a_custom_field(
    key: str, type: str = FieldType.TEXT, choices: tuple[str, ...] = (), target: str = Target.LEAD
) -> CustomField:
    return CustomField.objects.create(target=target, key=key, label=key, type=type, choices=list(choices))
