"""Leads whose qualification may open or must end: found by their points, everything else is asked of these few."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import BooleanField, Exists, OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from leadqual.leads.models import Status
from leadqual.scoring.cards import COLUMNS, Scored
from leadqual.scoring.chosen import of_leads
from leadqual.scoring.compiled import compiled
from leadqual.scoring.dialect import prepare
from leadqual.scoring.gates import gate_sql
from leadqual.scoring.models import LeadScore, Qualification, ScoringModel

NEVER_HOT = (Status.CUSTOMER, Status.DISQUALIFIED)


def with_points(model: ScoringModel, *, after: int = 0, limit: int | None = None) -> list[int]:
    """Leads with enough points and no open qualification, by id: one look at the narrow table of scores."""
    rows = LeadScore.objects.filter(model_id=model.pk, total__gte=model.hot_at, lead_id__gt=after)
    rows = rows.filter(~_open_one()).order_by("lead_id")
    return list(rows.values_list("lead_id", flat=True)[:limit])


def able(lead_ids: Collection[int], model: ScoringModel, *, day: int) -> dict[int, Scored]:
    """Those of a few thousand leads that would be hot: the points, the gate passed, not hot yet, nobody's business yet.

    Whether a lead that was hot before may be so again is asked apart (`reopening.may_open`).
    """
    gate, params = gate_sql(compiled(model), day=day, lead=f"{LeadScore._meta.db_table}.lead_id")
    rows = (
        LeadScore.objects.filter(
            of_leads(LeadScore, lead_ids), model_id=model.pk, total__gte=model.hot_at, lead__with_sales=False
        )
        .exclude(lead__status__in=NEVER_HOT)
        .filter(~_open_one(), RawSQL(gate, params, BooleanField()))
    )
    return {row[0]: Scored(*row) for row in rows.values_list(*COLUMNS)}


def coolable(model: ScoringModel) -> QuerySet[Qualification]:
    """Open qualifications, of whatever model, whose lead now has fewer points than keep it hot."""
    score = LeadScore.objects.filter(model_id=model.pk, lead_id=OuterRef("lead_id")).values("total")
    rows = Qualification.objects.filter(ended_day=None).alias(total=Subquery(score))
    return rows.filter(total__lt=model.cool_at)


def _open_one() -> Exists:
    return Exists(Qualification.objects.filter(lead_id=OuterRef("lead_id"), ended_day=None))


@contextmanager
def planned_for_reading() -> Iterator[None]:
    """Reads without a lock; on PostgreSQL in a transaction that compiles no plans, which on SQLite would be a lock."""
    if connection.vendor == "postgresql":
        with transaction.atomic():
            prepare()
            yield
    else:
        yield
