"""Forms of leads and companies. They list their fields, clean as `leads/cleaning.py` does, and write nothing."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handoff.models import SalesRep
from leadqual.common.errors import LeadqualError
from leadqual.leads.cleaning import CUSTOM, clean
from leadqual.leads.models import BantLetter, BantValue, Company, CustomField, FieldType, Lead, Seniority

BANT = "bant_"
KNOWN = "anyway"
ASKED = [("", _("not asked")), *BantValue.choices]
DATE = {"type": "date"}


class AttributesForm(forms.Form):
    """Some attributes of a lead or company; `version` is what the reader saw, so that nobody's edit is lost."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    # names of the form's fields that are attributes: {field of the form: attribute}
    attributes: dict[str, str] = {}

    def __init__(self, *args: Any, customs: Mapping[str, CustomField], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customs = customs
        self.attributes = {name: name for name in self.attributes}
        for key, custom in sorted(customs.items(), key=lambda pair: pair[1].label):
            name = f"custom_{key}"
            self.fields[name] = _custom_input(custom)
            self.attributes[name] = CUSTOM + key

    def clean(self) -> dict[str, Any]:
        """Every attribute cleaned as it will be stored, each mistake at its own field."""
        cleaned = super().clean() or self.cleaned_data
        for name, attribute in self.attributes.items():
            if name in cleaned and attribute != "company":
                try:
                    cleaned[name] = clean(attribute, cleaned[name], self.customs)
                except LeadqualError as error:
                    self.add_error(name, str(error.message))
        return cleaned

    @property
    def changes(self) -> dict[str, Any]:
        """{attribute: value} of the attributes that the form shows."""
        return {
            attribute: self.cleaned_data[name]
            for name, attribute in self.attributes.items()
            if name in self.cleaned_data
        }

    def name_of(self, attribute: str) -> str | None:
        """The form's field of an attribute, where an error of the writer belongs."""
        bare = attribute.removeprefix("company.") if attribute not in self.attributes.values() else attribute
        return next((name for name, each in self.attributes.items() if each in (attribute, bare)), None)


class LeadForm(AttributesForm):
    family_name = forms.CharField(label=_("Family name"), required=False, max_length=100)
    given_name = forms.CharField(label=_("Given name"), required=False, max_length=100)
    family_kana = forms.CharField(label=_("Family name (kana)"), required=False, max_length=100)
    given_kana = forms.CharField(label=_("Given name (kana)"), required=False, max_length=100)
    company = forms.CharField(
        label=_("Company"), required=False, max_length=200,
        help_text=_("A company that is known by this name is taken, else one is made."),
    )  # fmt: skip
    department = forms.CharField(label=_("Department"), required=False, max_length=200)
    title = forms.CharField(label=_("Title"), required=False, max_length=200)
    seniority = forms.ChoiceField(label=_("Seniority"), required=False, choices=Seniority.choices)
    email = forms.CharField(label=_("E-mail"), required=False, max_length=254)
    phone = forms.CharField(label=_("Phone"), required=False, max_length=100)
    source = forms.CharField(
        label=_("Source"),
        required=False,
        max_length=200,
        help_text=_("How they came to us, for example: exhibition"),
    )
    interests = forms.CharField(label=_("Interests"), required=False, help_text=_("Several with commas"))
    external_id = forms.CharField(
        label=_("External id"),
        required=False,
        max_length=200,
        help_text=_("The number in your CRM, if there is one"),
    )
    attributes = dict.fromkeys((
        "family_name", "given_name", "family_kana", "given_kana", "company", "department", "title", "seniority",
        "email", "phone", "source", "interests", "external_id",
    ), "")  # fmt: skip

    def __init__(self, *args: Any, bant: Mapping[str, str], ask_anyway: bool = False, **kwargs: Any) -> None:
        """`bant`: what is known, by letter. `ask_anyway` adds the box that saves a known address a second time."""
        super().__init__(*args, **kwargs)
        for letter in BantLetter:
            self.fields[BANT + letter.value] = forms.ChoiceField(
                label=_("BANT: %s") % letter.label,
                choices=ASKED,
                required=False,
                initial=bant.get(letter.value, ""),
            )
        self.bant = bant
        if ask_anyway:
            self.fields[KNOWN] = forms.BooleanField(
                label=_("Save it all the same: it is another person"), required=False
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        says_who = ("family_name", "given_name", "email", "company", "external_id")
        if not self.errors and not any(cleaned.get(name) for name in says_who):
            self.add_error("family_name", _("Enter a name, a company or an e-mail address"))
        return cleaned

    @property
    def answers(self) -> dict[str, str]:
        """BANT answers that differ from what is known."""
        said = {letter: self.cleaned_data.get(BANT + letter, "") for letter in BantLetter.values}
        return {letter: value for letter, value in said.items() if value and value != self.bant.get(letter)}


class CompanyForm(AttributesForm):
    name = forms.CharField(label=_("Name"), max_length=200)
    domain = forms.CharField(label=_("Domain"), required=False, max_length=253, help_text=_("example.co.jp"))
    corporate_number = forms.CharField(
        label=_("Corporate number"), required=False, max_length=20, help_text=_("13 digits")
    )
    industry = forms.CharField(label=_("Industry"), required=False, max_length=100)
    employees = forms.CharField(label=_("Number of employees"), required=False, max_length=30)
    revenue = forms.CharField(label=_("Revenue"), required=False, max_length=30)
    prefecture = forms.CharField(label=_("Prefecture"), required=False, max_length=50)
    country = forms.CharField(label=_("Country"), required=False, max_length=50)
    attributes = dict.fromkeys((
        "name", "domain", "corporate_number", "industry", "employees", "revenue", "prefecture", "country",
    ), "")  # fmt: skip


def shown_of(thing: Lead | Company, form: AttributesForm) -> dict[str, Any]:
    """What the thing has, by the names of the form, as its inputs show it."""
    shown: dict[str, Any] = {"version": thing.version}
    for name, attribute in form.attributes.items():
        if attribute.startswith(CUSTOM):
            shown[name] = thing.custom.get(attribute.removeprefix(CUSTOM))
        elif attribute == "company":
            shown[name] = str(getattr(thing, "company", None) or "")
        else:
            value = getattr(thing, attribute)
            shown[name] = ", ".join(value) if isinstance(value, list) else value
    return shown


def _custom_input(custom: CustomField) -> forms.Field:
    options: dict[str, Any] = {"label": custom.label, "required": False}
    if custom.type == FieldType.CHOICE:
        return forms.ChoiceField(choices=[("", ""), *((each, each) for each in custom.choices)], **options)
    if custom.type == FieldType.BOOLEAN:
        return forms.ChoiceField(
            choices=[("", _("unknown")), ("True", _("yes")), ("False", _("no"))], **options
        )
    if custom.type == FieldType.DATE:
        return forms.CharField(widget=forms.DateInput(attrs=DATE), max_length=30, **options)
    return forms.CharField(max_length=2000, **options)


class HandOverForm(forms.Form):
    """Whom, and why: the rep reads the reason."""

    rep = forms.ModelChoiceField(
        SalesRep.objects.none(), label=_("To whom"), required=False, empty_label=_("whom the handoff rules find"),
        help_text=_("A rep you name gets the lead at once; else the next assignment decides."),
    )  # fmt: skip
    why = forms.CharField(
        label=_("Reason"), max_length=200,
        help_text=_("The rep reads it, for example: asked for an offer on the phone"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reps = SalesRep.objects.filter(active=True).select_related("user").order_by("team__name", "pk")
        self.fields["rep"].queryset = reps  # type: ignore[attr-defined]
