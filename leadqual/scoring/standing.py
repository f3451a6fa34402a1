"""What a lead is and since when it has been silent, read in one pass: a bit per attribute rule, a day, a day."""

from functools import reduce
from operator import add
from typing import Any

from django.db.models import BigIntegerField, BooleanField, Case, IntegerField, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Least

from leadqual.leads.models import Lead, Signature
from leadqual.scoring.chosen import Chosen
from leadqual.scoring.compiled import CompiledModel
from leadqual.scoring.dialect import Stage, dialect
from segments.conditions import next_flip_expression, to_q

NEVER = 2**31 - 1
FACTS = ("lead_id", "created_day", "facts", "flip")
ACTS = ("lead_id", "last_day", "next_day")


def stages(model: CompiledModel, chosen: Chosen, *, day: int) -> list[Stage]:
    """`scoring_facts` has every chosen lead that exists; `scoring_silence` those with acts, if any rule asks."""
    found = [_facts(model, chosen, day)]
    if model.silences:
        found.append(Stage("scoring_silence", ACTS, ACTS[:1], _last_acts_sql(model, chosen, day)))
    return found


def read_sql(model: CompiledModel) -> str:
    """Selects (lead, facts, facts until, last act) from the stages."""
    if not model.silences:
        until = f"NULLIF(flip, {NEVER}) AS facts_until"
        return f"SELECT lead_id, facts, {until}, created_day AS last_act FROM scoring_facts"
    until = dialect().min("f.flip", f"COALESCE(a.next_day, {NEVER})")
    return (
        f"SELECT f.lead_id, f.facts, NULLIF({until}, {NEVER}) AS facts_until,"
        " COALESCE(a.last_day, f.created_day) AS last_act"
        " FROM scoring_facts f LEFT JOIN scoring_silence a ON a.lead_id = f.lead_id"
    )


def _facts(model: CompiledModel, chosen: Chosen, day: int) -> Stage:
    among = RawSQL(chosen.among('"leads_lead"."id"'), (), BooleanField())
    leads = Lead.objects.filter(among).order_by(*(["pk"] if dialect().sorted_inserts else []))
    rows = leads.values_list("pk", "created_day", _bits(model, day), _flip(model, day))
    sql, params = rows.query.sql_with_params()
    return Stage("scoring_facts", FACTS, FACTS[:1], sql, params)


def _bits(model: CompiledModel, day: int) -> Any:
    zero = Value(0, output_field=BigIntegerField())
    bits = [
        Case(
            When(to_q(rule.condition, day=day), then=Value(rule.bit, output_field=BigIntegerField())),
            default=zero,
        )
        for rule in model.attributes
        if rule.condition is not None
    ]
    return reduce(add, bits, zero) if bits else zero


def _flip(model: CompiledModel, day: int) -> Any:
    never = Value(NEVER, output_field=IntegerField())
    flips = [flip for each in model.conditions if (flip := next_flip_expression(each, day=day)) is not None]
    known = [Coalesce(flip, never) for flip in flips]
    return Least(*known, never) if known else never


def _last_acts_sql(model: CompiledModel, chosen: Chosen, day: int) -> str:
    """The last own act up to `day`, and the first after it: data may reach beyond the day that is worked on."""
    types = ",".join(str(each) for each in sorted(model.own_types)) or "0"
    own = ""
    if Signature.objects.exclude(type__in=model.own_types).exists():
        own = f" AND signature_id NOT IN (SELECT id FROM leads_signature WHERE type_id NOT IN ({types}))"
    return (
        f"SELECT lead_id, MAX(CASE WHEN day <= {day} THEN day END), MIN(CASE WHEN day > {day} THEN day END)"
        f" FROM leads_activity WHERE {chosen.among('lead_id')} AND NOT machine{own}"
        " GROUP BY lead_id"
    )
