"""Who works on a lead: the only writer of `Lead.owner`, which is the only thing that access asks."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from leadqual.common.batches import batches
from leadqual.leads.editing import write_field_changes
from leadqual.leads.models import FieldChange, Lead
from leadqual.leads.signals import leads_changed

SIZE = 500


def hand_over(owners: Mapping[int, int], *, now: datetime, why: str, by: Any = None) -> set[int]:
    """Gives each lead to its user (`{lead id: user id}`) and marks it as with sales: one UPDATE per 500 leads."""
    log: list[FieldChange] = []
    for ids in batches(sorted(owners), SIZE):
        log += _changes(ids, owners, why)
        cases = " ".join("WHEN %s THEN %s" for _lead in ids)
        table = connection.ops.quote_name(Lead._meta.db_table)
        values: list[Any] = [value for lead in ids for value in (lead, owners[lead])]
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET owner_id = CASE id {cases} END, with_sales = %s"
                f" WHERE id IN ({', '.join(['%s'] * len(ids))})",
                [*values, True, *ids],
            )
    return _tell(log, set(owners), now=now, by=by)


def release(
    lead_ids: Collection[int], *, now: datetime, why: str, keep_owner: bool = False, by: Any = None
) -> set[int]:
    """Sales is done with the leads; unless `keep_owner`, nobody owns them any more and no rep sees them."""
    log: list[FieldChange] = []
    for ids in batches(sorted(lead_ids), SIZE):
        if keep_owner:
            Lead.objects.filter(pk__in=ids).update(with_sales=False)
        else:
            log += _changes(ids, {}, why)
            Lead.objects.filter(pk__in=ids).update(with_sales=False, owner=None)
    return _tell(log, set(lead_ids), now=now, by=by)


def _changes(ids: list[int], owners: Mapping[int, int], why: str) -> list[FieldChange]:
    before = Lead.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return [
        FieldChange(lead_id=lead, field="owner", old=owner, new=owners.get(lead), why=why)
        for lead, owner in before.values_list("pk", "owner")
        if owner != owners.get(lead)
    ]


def _tell(log: list[FieldChange], leads: set[int], *, now: datetime, by: Any) -> set[int]:
    write_field_changes(log, now=now, by=by)
    changed = {change.lead_id for change in log if change.lead_id is not None}
    if leads:
        leads_changed.send(Lead, leads=leads, fields={"owner", "with_sales"}, now=now)
    return changed
