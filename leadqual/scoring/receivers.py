"""What scoring does when leads act or change: in the writer's transaction, set by set."""

from datetime import datetime
from typing import Any

from leadqual.common import clock
from leadqual.common.locks import Lock, lock_shared
from leadqual.leads.models import Lead
from leadqual.leads.signals import activities_recorded, company_changed, leads_changed, leads_created
from leadqual.scoring.compiled import compiled
from leadqual.scoring.matching import match_new
from leadqual.scoring.rescoring import rescore_leads, working_models
from segments.conditions import asks_any


def connect() -> None:
    activities_recorded.connect(acts_recorded, dispatch_uid="scoring.acts_recorded")
    leads_created.connect(leads_appeared, dispatch_uid="scoring.leads_appeared")
    leads_changed.connect(attributes_changed, dispatch_uid="scoring.attributes_changed")
    company_changed.connect(companies_changed, dispatch_uid="scoring.companies_changed")


def acts_recorded(
    sender: Any,
    leads: set[int],
    signatures: set[int] | None = None,
    now: datetime | None = None,
    **_rest: Any,
) -> None:
    """New signatures are matched first, also before anybody has a score: the rules must know them when they count."""
    lock_shared(Lock.LEDGER)
    if signatures:
        match_new(signatures, [compiled(model) for model in working_models()])
    _rescore(leads, now, acts=True)


def leads_appeared(sender: Any, leads: set[int], now: datetime | None = None, **_rest: Any) -> None:
    _rescore(leads, now, acts=False)


def attributes_changed(
    sender: Any, leads: set[int], fields: set[str], now: datetime | None = None, **_rest: Any
) -> None:
    if _asked(fields):
        _rescore(leads, now, acts=False)


def companies_changed(
    sender: Any, companies: set[int], fields: set[str], now: datetime | None = None, **_rest: Any
) -> None:
    asked = {field if field.startswith("company.") else f"company.{field}" for field in fields}
    if _asked(asked):
        people = Lead.objects.filter(company__in=companies).values_list("pk", flat=True)
        _rescore(set(people), now, acts=False)


def _asked(fields: set[str]) -> bool:
    """Whether a rule asks any of these; under the lock, for a model may just be going live."""
    lock_shared(Lock.LEDGER)
    return any(asks_any(compiled(model).fields, fields) for model in working_models())


def _rescore(leads: set[int], now: datetime | None, *, acts: bool) -> None:
    if leads:
        rescore_leads(leads, now=now or clock.now(), acts=acts)
