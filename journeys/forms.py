"""What the admin asks of somebody who draws a map; faults are told at the field."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.entries import checked_entry, checked_segment
from journeys.models import Content, JourneyMap, Stage, Touchpoint
from leadqual.common.errors import LeadqualError
from leadqual.leads.models import ActivityType


class MapForm(forms.ModelForm):
    class Meta:
        model = JourneyMap
        fields = ("name", "segment", "persona", "may_regress")
        widgets = {"persona": forms.Textarea(attrs={"rows": 3})}

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if JourneyMap.objects.drafts().filter(name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is a draft of this name already."))
        return name

    def clean_segment(self) -> Any:
        try:
            checked_segment(self.cleaned_data["segment"])
        except LeadqualError as error:
            raise forms.ValidationError(error.message) from error
        return self.cleaned_data["segment"]


class StageForm(forms.ModelForm):
    class Meta:
        model = Stage
        fields = ("map", "order", "name", "key", "entry", "goal")
        widgets = {
            "goal": forms.Textarea(attrs={"rows": 2}),
            "entry": forms.Textarea(attrs={"rows": 4, "cols": 60}),
        }

    def clean_key(self) -> str:
        return str(self.cleaned_data["key"]).lower()

    def clean_entry(self) -> Any:
        entry = self.cleaned_data["entry"]
        if entry in (None, {}, ""):
            return None
        try:
            return checked_entry(entry, place="")
        except LeadqualError as error:
            raise forms.ValidationError(str(error)) from error


class TouchpointForm(forms.ModelForm):
    types = forms.ModelMultipleChoiceField(
        ActivityType.objects.order_by("label"),
        required=False,
        label=gettext_lazy("activity types"),
        help_text=gettext_lazy("acts of these types happen here; they are counted"),
    )
    given = forms.ModelMultipleChoiceField(
        Content.objects.order_by("title"), required=False, label=gettext_lazy("contents")
    )

    class Meta:
        model = Touchpoint
        fields = (
            "position", "action", "channel", "question", "feeling_level", "feeling", "strength", "owner",
        )  # fmt: skip
        widgets = {
            "question": forms.Textarea(attrs={"rows": 2}),
            "strength": forms.Textarea(attrs={"rows": 2}),
        }

    # What there is to choose from, read once for all touchpoints of a page.
    offered: dict[str, list[tuple[int, str]]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in self.offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        if self.instance.pk is not None:
            self.initial["types"] = [kind.pk for kind in self.instance.activity_types.all()]
            self.initial["given"] = [content.pk for content in self.instance.contents.all()]


def offered() -> dict[str, list[tuple[int, str]]]:
    return {
        "types": list(ActivityType.objects.order_by("label").values_list("pk", "label")),
        "given": list(Content.objects.order_by("title").values_list("pk", "title")),
    }
