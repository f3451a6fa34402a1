from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from handoff.models import Bought, Feedback, Timing
from handoff.reassigning import Absence
from leadqual.common.errors import LeadqualError
from leadqual.leads.models import BantLetter, BantValue

OTHER = "other"
# What sales says most often, in the organisation's language on the row; anything else is written out.
WHY_NOT = {
    "wrong_person": _("not the right person"),
    "no_need": _("no need"),
    "no_budget": _("no budget"),
    "too_early": _("nothing planned yet"),
    "not_reached": _("cannot be reached"),
    "known": _("already in contact with us"),
    "competitor": _("chose another supplier"),
}
WHY = {
    "fits": _("fits their need"),
    "price": _("the price was right"),
    "trust": _("they trust us"),
    **WHY_NOT,
}


def _choices(words: dict[str, Any]) -> list[tuple[str, Any]]:
    return [("", _("choose")), *words.items(), (OTHER, pgettext_lazy("reason", "something else"))]


def _stored(words: dict[str, Any], chosen: str, written: str) -> str:
    if chosen in words:
        with override(settings.LANGUAGE_CODE):
            said = str(words[chosen])
        return f"{said}: {written}" if written else said
    return written


class ReasonForm(forms.Form):
    """Why an offer is declined or a lead handed back."""

    reason = forms.ChoiceField(label=_("Reason"))
    words = forms.CharField(label=_("In your words"), max_length=400, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = _choices(WHY_NOT)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("reason") == OTHER and not cleaned.get("words", "").strip():
            self.add_error("words", _("Please say why: marketing learns from it."))
        return cleaned

    @property
    def said(self) -> str:
        return _stored(WHY_NOT, self.cleaned_data["reason"], self.cleaned_data["words"].strip())


class NextActionForm(forms.Form):
    next_action = forms.CharField(label=_("What"), max_length=200, required=False)
    next_action_on = forms.DateField(
        label=_("When"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class TwoTapsForm(forms.Form):
    """The two questions. Timing is the button that sends the form, so that two taps are enough."""

    bought = forms.ChoiceField(
        label=_("Did they buy?"),
        choices=Bought.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please say whether they bought.")},
    )
    timing = forms.ChoiceField(choices=[("", ""), *Timing.choices], required=False)


class FeedbackForm(TwoTapsForm):
    reason = forms.ChoiceField(label=_("Reason"), required=False)
    words = forms.CharField(label=_("Reason in your words"), max_length=150, required=False)
    amount = forms.IntegerField(label=_("Amount"), min_value=0, max_value=10**15, required=False)
    remark = forms.CharField(
        label=_("Remark"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = _choices(WHY)  # type: ignore[attr-defined]
        self.fields["reason"].choices[0] = ("", "")  # type: ignore[attr-defined]
        for letter, label in BantLetter.choices:
            self.fields[f"bant_{letter}"] = forms.ChoiceField(
                label=label, choices=[("", _("not known")), *BantValue.choices], required=False
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("reason") == OTHER and not cleaned.get("words", "").strip():
            self.add_error("words", _("Please say what it was."))
        return cleaned

    @property
    def said(self) -> dict[str, Any]:
        """The arguments of `give_feedback`."""
        given = self.cleaned_data
        bant = {letter: given[f"bant_{letter}"] for letter in BantLetter.values if given[f"bant_{letter}"]}
        return {
            "bought": given["bought"],
            "timing": given["timing"],
            "reason": _stored(WHY, given["reason"], given["words"].strip()),
            "amount": given["amount"],
            "remark": given["remark"],
            "bant": bant,
        }

    @property
    def has_more(self) -> bool:
        """Whether something below the fold is wrong or filled in, so that it is shown open."""
        folded = set(self.fields) - {"bought", "timing"}
        return any(name in self.errors or self[name].value() for name in folded)


def as_said_before(feedback: Feedback | None) -> dict[str, Any]:
    """The answer that counts, to begin a correction with."""
    if feedback is None:
        return {}
    spoken = {"words": feedback.reason, "reason": OTHER} if feedback.reason else {}
    return {
        "bought": feedback.bought,
        "timing": feedback.timing,
        "amount": feedback.amount,
        "remark": feedback.remark,
        **spoken,
        **{f"bant_{letter}": value for letter, value in feedback.bant.items()},
    }


class AbsenceForm(forms.Form):
    """When a rep is away, or that they leave."""

    AWAY, LEAVES = "away", "leaves"

    kind = forms.ChoiceField(
        label=_("What happens"),
        choices=[(AWAY, _("is absent for a time")), (LEAVES, _("leaves the team for good"))],
        widget=forms.RadioSelect,
        initial=AWAY,
    )
    begins = forms.DateField(
        label=_("Absent from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    ends = forms.DateField(
        label=_("Absent until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The last day. Left empty: until further notice."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            self.absence.check()
        except LeadqualError as error:
            self.add_error(error.place, str(error.message))
        return cleaned

    @property
    def absence(self) -> Absence:
        given = self.cleaned_data
        if given["kind"] == self.LEAVES:
            return Absence(leaving=True)
        return Absence(given["begins"], given["ends"])
