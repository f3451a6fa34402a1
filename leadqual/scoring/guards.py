"""What the database cannot refuse by itself: deleting what was published, and segments that scoring may not ask."""

from typing import Any

from django.db.models.signals import pre_delete
from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.scoring.models import ModelState, RuleGroup, RuleKind, ScoringModel, ScoringRule
from segments.conditions import Condition, activity_types_asked, derived_fields, parse, trees_for
from segments.conditions.asking import all_segments_asked
from segments.signals import segment_saving


def connect() -> None:
    for guarded in (ScoringModel, ScoringRule, RuleGroup):
        pre_delete.connect(refuse_deletion, sender=guarded, dispatch_uid="scoring.guards")
    segment_saving.connect(refuse_segment, dispatch_uid="scoring.guards")


def refuse_deletion(sender: Any, instance: ScoringModel | ScoringRule | RuleGroup, **_rest: Any) -> None:
    model_id = instance.pk if isinstance(instance, ScoringModel) else instance.model_id
    published = ScoringModel.objects.filter(pk=model_id).exclude(state=ModelState.DRAFT).first()
    if published is not None:
        raise LeadqualError("published", _("a published model is never edited or deleted"), str(published))


def refuse_segment(sender: Any, segment: int | None, condition: Condition, **_rest: Any) -> None:
    """A segment that an attribute rule asks, however deep, may ask neither derived fields nor activities."""
    if segment is None:
        return
    trees = trees_for(condition)
    asked = derived_fields(condition, trees) | activity_types_asked(condition)
    for deeper in all_segments_asked(condition, trees):
        asked |= activity_types_asked(trees[deeper])
    if asked and (rule := _rule_asking(segment)):
        message = _("rule “%(rule)s” of %(model)s asks this segment, so it cannot ask “%(asked)s”")
        raise LeadqualError(
            "asked_by_scoring",
            message % {"rule": rule.name, "model": rule.model, "asked": min(asked)},
            "condition",
        )


def _rule_asking(segment: int) -> ScoringRule | None:
    rules = ScoringRule.objects.filter(kind=RuleKind.ATTRIBUTE).exclude(model__state=ModelState.RETIRED)
    for rule in rules.select_related("model").order_by("pk"):
        try:
            condition = parse(rule.condition)
        except LeadqualError:
            continue  # a draft that cannot be published as it is; said when somebody tries
        if segment in all_segments_asked(condition, trees_for(condition)):
            return rule
    return None
