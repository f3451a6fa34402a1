from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leadqual.common import clock
from leadqual.common.access import Role
from leadqual.common.names import person_name
from leadqual.improvement.models import Decision, PdcaCycle
from leadqual.improvement.scope import USUAL_DAYS, Scope
from leadqual.scoring.models import ModelState, ScoringModel
from segments.models import Segment

LONGEST_DAYS = 3660
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ScopeForm(forms.Form):
    """Which leads a report is about. Where nothing is said: everybody, the last year, the version that is live."""

    first = forms.DateField(label=_("From"), widget=DAY)
    last = forms.DateField(label=_("Until"), widget=DAY)

    def __init__(self, given: Mapping[str, str], *, models: Sequence[ScoringModel], by_version: bool) -> None:
        """`models`: the versions that have judged, the newest first."""
        live = next((model for model in models if model.state == ModelState.LIVE), None)
        # Scores stand at a day, which is long past where old data are looked at.
        today = clock.today() if live is None or live.as_of is None else min(clock.today(), live.as_of)
        version = (live or models[0]) if by_version and models else None
        self.usual = Scope(today - USUAL_DAYS + 1, today, model=version)
        super().__init__(self._filled(given))
        self._segments = {segment.pk: segment for segment in Segment.objects.order_by("name")}
        self._models = {model.pk: model for model in models}
        self._offer("segment", _("Segment"), [("", _("all leads")), *self._segments.items()])
        if version is not None:
            self._offer("model", _("Version"), list(self._models.items()))

    def _filled(self, given: Mapping[str, str]) -> dict[str, Any]:
        last = given.get("last") or clock.date_of(self.usual.last).isoformat()
        try:
            first = clock.date_of(clock.parse_day(last) - USUAL_DAYS + 1).isoformat()
        except (ValueError, OverflowError):
            first = clock.date_of(self.usual.first).isoformat()
        return {
            "first": given.get("first") or first,
            "last": last,
            "segment": given.get("segment", ""),
            "model": given.get("model") or (self.usual.model.pk if self.usual.model else ""),
        }

    def _offer(self, name: str, label: Any, choices: list[Any]) -> None:
        """From rows that were read once: a ModelChoiceField reads them again for what was chosen."""
        self.fields[name] = forms.TypedChoiceField(
            label=label, required=False, choices=choices, coerce=int, empty_value=None
        )

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        if "first" in given and "last" in given:
            if given["first"] > given["last"]:
                self.add_error("first", _("the first day is after the last"))
            elif (given["last"] - given["first"]).days >= LONGEST_DAYS:
                self.add_error("first", _("at most ten years"))
        return given

    def scope(self) -> Scope:
        """What was asked; where that makes no sense, the usual, with the errors on the form."""
        if not self.is_valid():
            return self.usual
        given = self.cleaned_data
        return Scope(
            first=clock.day_number(given["first"]),
            last=clock.day_number(given["last"]),
            segment=self._segments.get(given["segment"]),
            model=self._models.get(given.get("model") or 0),
        )


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, user: Any) -> str:
        return person_name(user)


class CycleForm(forms.ModelForm):
    class Meta:
        model = PdcaCycle
        fields = ["title", "step", "hypothesis", "change", "metric", "segment", "model", "owner", "due"]
        widgets = {
            "hypothesis": forms.Textarea(attrs={"rows": 3}),
            "change": forms.Textarea(attrs={"rows": 3}),
            "due": DAY,
        }
        help_texts = {
            "hypothesis": _(
                "What you believe and why, in one sentence that the measurement can prove wrong."
            ),
            "change": _("What exactly will be done differently. Needed before the change is made."),
            "metric": _("Taken from the reports, never typed in. It stays as it is once the change is made."),
            "model": _("Measured from the day on which this version goes live."),
            "due": _("When the result is looked at."),
        }

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        marketers = Q(groups__name__in=(Role.MARKETER.value, Role.ADMIN.value)) | Q(is_superuser=True)
        people = get_user_model().objects.filter(marketers, is_active=True).distinct().order_by("username")
        self.fields["owner"] = PersonField(people, label=_("Owner"))
        model, segment = self.fields["model"], self.fields["segment"]
        assert isinstance(model, forms.ModelChoiceField) and isinstance(segment, forms.ModelChoiceField)
        model.queryset = ScoringModel.objects.defer("frozen").order_by("-pk")
        segment.queryset = Segment.objects.order_by("name")
        segment.empty_label, model.empty_label = str(_("all leads")), str(_("none"))


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[choice for choice in Decision.choices if choice[0]],
        widget=forms.RadioSelect,
    )
    learnt = forms.CharField(
        label=_("What we learnt"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
