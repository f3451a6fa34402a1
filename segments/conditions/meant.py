"""Which signatures a node on activities means: `where` is asked once per signature, never per activity."""

from collections.abc import Iterable

from leadqual.leads.models import Signature
from segments.conditions.nodes import Acts, Condition, walk
from segments.conditions.wheres import SignatureTest, compile_where

ActsKey = tuple[str, str]


def acts_key(acts: Acts) -> ActsKey:
    return acts.activity, acts.where.identity


def acts_asked(conditions: Iterable[Condition]) -> dict[ActsKey, Acts]:
    return {
        acts_key(node): node
        for condition in conditions
        for _place, node in walk(condition)
        if isinstance(node, Acts)
    }


def signatures_meant(
    asked: dict[ActsKey, Acts], among: Iterable[int] | None = None
) -> dict[ActsKey, list[int]]:
    """The ids of the signatures that each node means; one query, or none. `among`: only these are of interest."""
    if not asked:
        return {}
    rows = Signature.objects.filter(type__key__in={acts.activity for acts in asked.values()})
    if among is not None:
        rows = rows.filter(pk__in=among)
    tests: dict[str, list[tuple[ActsKey, SignatureTest]]] = {}
    for key, acts in asked.items():
        tests.setdefault(acts.activity, []).append((key, compile_where(acts.where)))
    meant: dict[ActsKey, list[int]] = {key: [] for key in asked}
    for pk, activity, path, attributes in rows.values_list("pk", "type__key", "path", "attributes"):
        for key, fits in tests[activity]:
            if fits(path, attributes):
                meant[key].append(pk)
    return meant
