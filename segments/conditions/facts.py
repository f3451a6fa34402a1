"""What the Python reader knows about leads: loaded for many at once, in a bounded number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from leadqual.common.batches import batches
from leadqual.leads.models import Activity, Company, Lead
from segments.conditions import fields
from segments.conditions.dated import Dated
from segments.conditions.kinds import typed
from segments.conditions.meant import ActsKey, acts_asked, signatures_meant
from segments.conditions.nodes import Acts, Ask, Compare, Condition, InSegment, walk
from segments.conditions.past import Past, memberships_then, present, remembered
from segments.models import Membership

CHUNK = 2000
COMPANY = "company__"


@dataclass(slots=True)
class Facts:
    """One lead, as far as some conditions ask; values in the compared form, None where there is nothing."""

    lead: int
    values: dict[Ask, Any] = field(default_factory=dict)
    acts: dict[ActsKey, list[int]] = field(default_factory=dict)
    segments: frozenset[int] = frozenset()

    def value(self, ask: Ask, day: int) -> Any:
        raw = self.values.get(ask)
        return raw.at(day) if isinstance(raw, Dated) else raw


@dataclass(frozen=True, slots=True)
class _Asked:
    known: dict[Ask, fields.Field]
    acts: dict[ActsKey, Acts]
    segments: set[int]

    @classmethod
    def by(cls, conditions: list[Condition]) -> "_Asked":
        nodes = [node for condition in conditions for _place, node in walk(condition)]
        asks = {node.ask for node in nodes if isinstance(node, Compare)}
        segments = {node.segment for node in nodes if isinstance(node, InSegment)}
        return cls({ask: fields.pinned(ask.key, ask.kind) for ask in asks}, acts_asked(conditions), segments)


def load_facts(
    lead_ids: Collection[int], *, day: int, conditions: Iterable[Condition], as_of: int | None = None
) -> dict[int, Facts]:
    """Facts of the leads that exist. `day` bounds activities; with `as_of` attributes are as they were that day.

    At most 8 queries per 2,000 leads, and one per registered field asked.
    """
    asked = _Asked.by(list(conditions))
    facts: dict[int, Facts] = {}
    for chunk in batches(sorted(set(lead_ids)), CHUNK):
        facts |= _load(chunk, asked, day, as_of)
    return facts


def _load(leads: list[int], asked: _Asked, day: int, as_of: int | None) -> dict[int, Facts]:
    facts = _with_columns(leads, {ask: one for ask, one in asked.known.items() if one.column}, as_of)
    for ask, one in asked.known.items():
        if one.load is not None:
            loaded = one.load(list(facts), day, dict(ask.params))
            for lead, known in facts.items():
                known.values[ask] = loaded.get(lead)
    if asked.acts:
        _add_acts(facts, asked.acts, day)
    if asked.segments:
        _add_segments(facts, asked.segments, as_of)
    return facts


def _with_columns(leads: list[int], asked: Mapping[Ask, fields.Field], as_of: int | None) -> dict[int, Facts]:
    own = {ask: f for ask, f in asked.items() if not f.column.startswith(COMPANY)}
    of_company = {ask: f for ask, f in asked.items() if f.column.startswith(COMPANY)}
    columns = sorted({f.column for f in own.values()} | {"company_id"})
    rows = {pk: dict(zip(columns, row, strict=True)) for pk, *row in _rows(Lead, leads, columns)}
    past = present() if as_of is None else remembered("lead", leads, {f.key for f in own.values()}, as_of)
    employers = {pk: past.of(pk, "company", row["company_id"]) for pk, row in rows.items()}
    companies = _companies(set(employers.values()) - {None}, of_company, as_of) if of_company else {}
    return {
        pk: Facts(pk, _values(pk, row, own, past) | companies.get(employers[pk], dict.fromkeys(of_company)))
        for pk, row in rows.items()
    }


def _companies(
    ids: set[int], asked: Mapping[Ask, fields.Field], as_of: int | None
) -> dict[int, dict[Ask, Any]]:
    columns = sorted({f.column.removeprefix(COMPANY) for f in asked.values()})
    keys = {f.key.removeprefix("company.") for f in asked.values()}
    past = present() if as_of is None else remembered("company", ids, keys, as_of)
    rows = ((pk, dict(zip(columns, row, strict=True))) for pk, *row in _rows(Company, ids, columns))
    return {pk: _values(pk, row, asked, past) for pk, row in rows}


def _rows(model: Any, ids: Collection[int], columns: list[str]) -> Any:
    return model.objects.filter(pk__in=ids).values_list("pk", *columns)


def _values(pk: int, row: Mapping[str, Any], asked: Mapping[Ask, fields.Field], past: Past) -> dict[Ask, Any]:
    values = {}
    for ask, one in asked.items():
        raw = row[one.column.removeprefix(COMPANY)]
        if one.custom:
            raw = raw.get(one.custom) if isinstance(raw, dict) else None
        values[ask] = typed(one.kind, past.of(pk, one.key.removeprefix("company."), raw))
    return values


def _add_acts(facts: dict[int, Facts], asked: dict[ActsKey, Acts], day: int) -> None:
    """The days of the acts meant, ascending. Only signatures that these leads have are looked at."""
    own = Activity.objects.filter(lead__in=list(facts), machine=False, day__lte=day).order_by("day")
    rows = list(own.values_list("lead_id", "signature_id", "day"))
    meant = signatures_meant(asked, {signature for _lead, signature, _day in rows})
    keys: dict[int, list[ActsKey]] = defaultdict(list)
    for key, signatures in meant.items():
        for signature in signatures:
            keys[signature].append(key)
    for lead, signature, acted in rows:
        for key in keys.get(signature, ()):
            facts[lead].acts.setdefault(key, []).append(acted)


def _add_segments(facts: dict[int, Facts], segments: set[int], as_of: int | None) -> None:
    members: dict[int, set[int]] = defaultdict(set)
    rows = Membership.objects.filter(segment__in=segments, lead__in=list(facts))
    for lead, segment in rows.values_list("lead_id", "segment_id"):
        members[lead].add(segment)
    if as_of is not None:
        memberships_then(members, list(facts), segments, as_of)
    for lead, known in facts.items():
        known.segments = frozenset(members[lead])
