"""Which models ask a segment: of those that went live, the tree they froze has none, so it is the rules that say."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from leadqual.scoring.models import ModelState, RuleKind, ScoringRule
from segments import uses
from segments.uses import Use, named_in


def asking_models(segments: Collection[int]) -> Mapping[int, list[Use]]:
    """One query. A live model keeps the segment's condition as it was; changing the segment changes no score of it."""
    rules = ScoringRule.objects.filter(kind=RuleKind.ATTRIBUTE).exclude(model__state=ModelState.RETIRED)
    rows = rules.select_related("model").defer("model__frozen").order_by("model", "pk")
    found: dict[int, dict[int, Use]] = defaultdict(dict)
    for rule in rows:
        for segment in named_in(rule.condition) & set(segments):
            model = rule.model
            live = model.state != ModelState.DRAFT
            kind = model._meta.verbose_name or ""
            found[segment][model.pk] = Use(kind, str(model), live, ("scoring:version", model.pk))
    return {segment: list(by_model.values()) for segment, by_model in found.items()}


def register() -> None:
    uses.register("scoring", asking_models)
