from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leadqual.leads.models import Lead
from segments.models import Segment, SegmentState

EDITED = (
    (SegmentState.DRAFT.value, SegmentState.DRAFT.label),
    (SegmentState.LIVE.value, SegmentState.LIVE.label),
)


class SegmentForm(forms.Form):
    """What a segment is called; its condition is said by rows or as JSON beside it."""

    name = forms.CharField(label=_("Name"), max_length=200)
    description = forms.CharField(
        label=_("What it is for"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=EDITED,
        initial=SegmentState.LIVE.value,
        help_text=_("A draft has no members yet. Once live, the segment can be used by maps and policies."),
    )

    # The number of the version that the form was opened with; of a new segment there is none.
    expected = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @classmethod
    def of(cls, segment: Segment | None, data: Any = None, *, version: int | None = None) -> "SegmentForm":
        if segment is None:
            return cls(data)
        named = {"name": segment.name, "description": segment.description, "state": segment.state}
        return cls(data, initial=named | {"expected": version})

    def turn_to(self, version: int) -> None:
        """Saved once more, it writes over this version, and knowingly."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data["expected"] = str(version)
        self.data = data


class ByHandForm(forms.Form):
    """A lead that is in the segment, or out of it, whatever the condition says."""

    lead = forms.UUIDField()
    decision = forms.ChoiceField(choices=[(each, each) for each in ("include", "exclude", "forget")])
    why = forms.CharField(label=_("reason"), max_length=200, required=False)

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    def clean_lead(self) -> Lead:
        lead = Lead.objects.visible_to(self.user).filter(public_id=self.cleaned_data["lead"]).first()
        if lead is None:
            raise forms.ValidationError(_("There is no such lead."))
        return lead
