"""What is typed into the admin, with every fault at its field."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leadqual.common.errors import LeadqualError
from leadqual.leads.models import ActivityType
from leadqual.scoring.models import RuleGroup, ScoringModel, ScoringRule
from leadqual.scoring.validation import Problem, group_problems, model_problems, rule_problems
from segments.conditions.wheres import clean_glob

MOST_LINES = 50


class JsonField(forms.JSONField):
    """Empty where there is nothing, which Django would write as “null”."""

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


class Judged(forms.ModelForm):
    """A form whose instance is judged by the rules of publishing, so that a draft says at once what blocks it."""

    judge: Callable[[Any], Sequence[Problem]]

    def _post_clean(self) -> None:
        # What the constraints say is said by the judge, in words and at the field; uniqueness is seen by the formset.
        self.instance.validate_constraints = lambda exclude=None: None
        super()._post_clean()  # type: ignore[misc]
        del self.instance.validate_constraints
        if self.errors or not self.has_changed():
            return
        for problem in type(self).judge(self.instance):
            if problem.blocking:
                self.tell(problem)

    def tell(self, problem: Problem) -> None:
        """`condition.all[0].value` is a fault in the field `condition`, told with the rest of its path."""
        field, _dot, rest = problem.place.partition(".")
        bare = field.partition("[")[0]
        message = f"{rest}: {problem.message}" if rest else str(problem.message)
        self.add_error(bare if bare in self.fields else None, message)


class ModelForm(Judged):
    judge = staticmethod(model_problems)

    class Meta:
        model = ScoringModel
        fields = (
            "name", "hot_at", "cool_at", "cool_down_days", "gate_strong_within", "gate_active_days",
            "gate_active_within", "review_date",
        )  # fmt: skip
        help_texts = {
            "hot_at": _("From so many points on a lead is hot."),
            "cool_at": _("Below so many points it is no longer hot."),
            "cool_down_days": _("After so many days it can be hot again without a strong act."),
            "gate_strong_within": _("Empty: no strong act is needed."),
            "gate_active_days": _("Empty: any number of active days will do."),
            "review_date": _("When somebody looks whether these points are still right."),
        }


class GroupForm(Judged):
    judge = staticmethod(group_problems)

    class Meta:
        model = RuleGroup
        fields = ("name", "axis", "cap", "floor", "position")
        labels = {"position": _("position")}


class RuleForm(Judged):
    judge = staticmethod(rule_problems)

    class Meta:
        model = ScoringRule
        fields = (
            "name", "group", "kind", "points", "activity_type", "where", "limit_count", "limit_period",
            "window_days", "half_life_days", "condition", "inactive_days", "position",
        )  # fmt: skip
        field_classes = {"where": JsonField, "condition": JsonField}
        labels = {"position": _("position"), "group": _("Group")}
        help_texts = {
            "where": _('Which acts, as JSON: {"url": "/pricing*"}. Empty: all of the type.'),
            "condition": _(
                "For an attribute rule: a condition as JSON, as segments have them, without activities."
            ),
            "window_days": _("An act counts for so many days, 1,825 at most."),
            "half_life_days": _("After so many days an act is worth half. Empty: always the same."),
            "inactive_days": _("For an inactivity rule: after so many days without an act."),
        }
        widgets = {
            "where": forms.Textarea(attrs={"rows": 2, "cols": 40, "spellcheck": "false"}),
            "condition": forms.Textarea(attrs={"rows": 3, "cols": 60, "spellcheck": "false"}),
        }


class LinesField(forms.CharField):
    """A list, one entry a line."""

    widget = forms.Textarea(attrs={"rows": 4, "cols": 60, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        typed = super().clean(value) or ""
        lines = [line.strip() for line in typed.splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(_("At most %d lines are possible.") % MOST_LINES)
        return list(dict.fromkeys(lines))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class ActivityTypeForm(forms.ModelForm):
    url_globs = LinesField(
        label=_("addresses"),
        required=False,
        help_text=_("One pattern a line, like /pricing*: a page view there becomes an act of this type."),
    )
    declared_attributes = LinesField(
        label=_("attributes"),
        required=False,
        help_text=_(
            "One name a line: what rules and conditions can ask of these acts. Only what has few values."
        ),
    )

    class Meta:
        model = ActivityType
        fields = (
            "key", "label", "category", "intent", "is_conversion", "by_person", "direct_to_sales", "url_globs",
            "declared_attributes",
        )  # fmt: skip
        help_texts = {
            "key": _("Names the type in events and conditions, and stays as it is."),
            "intent": _("How much the act says. Models that went live keep the intent they froze."),
            "by_person": _("Off for what is done to the person, like a mail that was sent."),
            "direct_to_sales": _("A call or an inquiry: sales gets the lead at once, whatever its points."),
        }

    def clean_url_globs(self) -> list[str]:
        for line in self.cleaned_data["url_globs"]:
            try:
                clean_glob(line, "")
            except LeadqualError as error:
                raise forms.ValidationError(f"{line[:80]}: {error.message}") from error
        return list(self.cleaned_data["url_globs"])

    def clean_declared_attributes(self) -> list[str]:
        for line in self.cleaned_data["declared_attributes"]:
            if len(line) > 100 or line == "url":
                raise forms.ValidationError(_("“%s” cannot be the name of an attribute.") % line[:80])
        return list(self.cleaned_data["declared_attributes"])
