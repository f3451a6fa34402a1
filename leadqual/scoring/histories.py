"""The past of a few leads as a model asks it: read from activities and attributes, never from the ledger."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db.models import Count

from leadqual.common.batches import batches
from leadqual.leads.models import Activity, Lead, Signature
from leadqual.scoring.compiled import CompiledModel, Rule
from leadqual.scoring.evaluator import Days, History, earliest
from leadqual.scoring.matching import SignatureRow, meanings
from segments.conditions import Facts, holds, load_facts, next_flip

AT_ONCE = 2000


def histories(
    lead_ids: Collection[int], model: CompiledModel, *, day: int, as_of: int | None = None
) -> dict[int, History]:
    """Everything known now, facts answered for `day`; with `as_of` only what belongs to that day and before."""
    found: dict[int, History] = {}
    for ids in batches(sorted(lead_ids), AT_ONCE):
        created = dict(Lead.objects.filter(pk__in=ids).values_list("pk", "created_day"))
        acts, own_days = _acts(ids, model, as_of)
        facts = load_facts(ids, day=day, conditions=model.conditions, as_of=as_of) if model.conditions else {}
        for lead, created_day in created.items():
            bits, flip = _bits(model, facts.get(lead), day)
            found[lead] = History(acts[lead], own_days[lead], created_day, bits, flip)
    return found


def _acts(
    ids: list[int], model: CompiledModel, as_of: int | None
) -> tuple[Mapping[int, Mapping[int, Days]], Mapping[int, list[int]]]:
    """By lead: (day, how often) of the acts that each rule means; the days of the person's own acts."""
    rows = Activity.objects.filter(lead__in=ids, machine=False)
    if as_of is not None:
        rows = rows.filter(day__lte=as_of)
    counted = list(rows.order_by().values_list("lead_id", "signature_id", "day").annotate(n=Count("pk")))
    types, rules = _meant_by({signature for _lead, signature, _day, _n in counted}, model)
    sums: dict[int, dict[int, dict[int, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    own: dict[int, set[int]] = defaultdict(set)
    for lead, signature, day, n in counted:
        for rule in rules.get(signature, ()):
            sums[lead][rule.id][day] += n
        if types[signature] in model.own_types:
            own[lead].add(day)
    acts = {
        lead: {rule: sorted(days.items()) for rule, days in by_rule.items()} for lead, by_rule in sums.items()
    }
    return defaultdict(dict, acts), defaultdict(list, {lead: sorted(days) for lead, days in own.items()})


def _meant_by(signatures: set[int], model: CompiledModel) -> tuple[dict[int, int], dict[int, list[Rule]]]:
    """(signature -> type, signature -> rules), asked of the signatures themselves."""
    rows: list[SignatureRow] = []
    for ids in batches(sorted(signatures), AT_ONCE):
        rows += Signature.objects.filter(pk__in=ids).values_list("pk", "type_id", "path", "attributes")
    rules: dict[int, list[Rule]] = defaultdict(list)
    for signature, rule in meanings(model, rows):
        rules[signature].append(rule)
    return {pk: type_id for pk, type_id, _path, _attributes in rows}, rules


def _bits(model: CompiledModel, facts: Facts | None, day: int) -> tuple[int, int | None]:
    if facts is None:
        return 0, None
    bits, flips = 0, []
    for rule in model.attributes:
        assert rule.condition is not None
        bits |= rule.bit if holds(rule.condition, facts, day=day) else 0
        flips.append(next_flip(rule.condition, facts, day=day))
    return bits, earliest(*flips)
