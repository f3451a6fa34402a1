"""Which signatures a rule means, and what its hits are worth: written once per model, so that statements only join."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection

from leadqual.common.batches import batches
from leadqual.common.rows import insert_rows
from leadqual.leads.models import Signature
from leadqual.scoring import curves
from leadqual.scoring.compiled import CompiledModel, Rule
from leadqual.scoring.models import LimitPeriod, PointCurve, RuleSignature
from segments.conditions import compile_where, parse_where

PERIODS = {
    LimitPeriod.NONE: 0,
    LimitPeriod.DAY: 1,
    LimitPeriod.WEEK: 2,
    LimitPeriod.MONTH: 3,
    LimitPeriod.EVER: 4,
}
UNLIMITED = 2**31 - 1
MEANING = ("signature", "rule", "horizon", "look_back", "most", "period")
CURVE = ("rule", "age", "points", "next_age", "group")

SignatureRow = tuple[int, int, str, Mapping[str, Any]]


def meanings(model: CompiledModel, signatures: Iterable[SignatureRow]) -> Iterator[tuple[int, Rule]]:
    """(signature, rule) for every behaviour rule that means it."""
    by_type: dict[int, list[tuple[Rule, Any]]] = {}
    for rule in model.behaviours:
        fits = compile_where(rule.where or parse_where(None))
        by_type.setdefault(rule.type_id, []).append((rule, fits))
    for pk, type_id, path, attributes in signatures:
        for rule, fits in by_type.get(type_id, ()):
            if fits(path, attributes):
                yield pk, rule


def signature_rows(model: CompiledModel, ids: Collection[int] | None = None) -> Iterator[SignatureRow]:
    """The signatures that the model may mean, or those of `ids`."""
    rows = Signature.objects.filter(type__in={rule.type_id for rule in model.behaviours})
    for chunk in [None] if ids is None else batches(sorted(ids)):
        among = rows if chunk is None else rows.filter(pk__in=chunk)
        yield from among.values_list("pk", "type_id", "path", "attributes").iterator(chunk_size=5000)


def write_model(model: CompiledModel) -> None:
    """Writes what the model's statements join, anew. In the transaction that begins to build or publish it."""
    forget_model(model)
    _write_meanings(meanings(model, signature_rows(model)))
    for rule in model.behaviours:
        insert_rows(PointCurve, CURVE, _curve_rows(rule), ignore_conflicts=True)
    if connection.vendor == "postgresql":
        # Small tables that everything is joined with: planned without statistics, they are joined the wrong way round.
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {RuleSignature._meta.db_table}, {PointCurve._meta.db_table}")


def forget_model(model: CompiledModel) -> None:
    for table in (RuleSignature, PointCurve):
        rows = table.objects.filter(rule__in=model.all_rule_ids)
        rows._raw_delete(rows.db)


def match_new(signature_ids: Collection[int], models: Sequence[CompiledModel]) -> None:
    """Signatures seen for the first time."""
    for model in models:
        _write_meanings(meanings(model, signature_rows(model, signature_ids)))


def _write_meanings(pairs: Iterable[tuple[int, Rule]]) -> None:
    for chunk in batches(pairs, 5000):
        insert_rows(RuleSignature, MEANING, [_meaning_row(*pair) for pair in chunk], ignore_conflicts=True)


def _meaning_row(signature: int, rule: Rule) -> tuple[int, ...]:
    most = UNLIMITED if rule.most is None else rule.most
    return signature, rule.id, rule.curve.horizon, rule.look_back, most, PERIODS[rule.period]


def _curve_rows(rule: Rule) -> Iterator[curves.Row]:
    return curves.rows(rule.id, rule.group.id, rule.curve)
