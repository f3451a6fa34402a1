"""The form that says which column of an uploaded file is what, and how the file is to be read."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadqual.common.errors import LeadqualError
from leadqual.leads.importing.lead_job import KEYS
from leadqual.leads.models import ActivityType, CustomField, ImportKind, Target


def targets(kind: str) -> list[tuple[str, Any]]:
    """What a column can be."""
    if kind == ImportKind.ACTIVITIES:
        return [
            ("", _("not imported")), ("lead.email", _("e-mail of the lead")),
            ("lead.external_id", _("external id of the lead")), ("type", _("type of the act")),
            ("occurred_at", _("when it occurred")), ("path", _("page")), ("event_id", _("id of the event")),
        ]  # fmt: skip
    own = [
        ("name", _("full name")), ("family_name", _("Family name")), ("given_name", _("Given name")),
        ("family_kana", _("Family name (kana)")), ("given_kana", _("Given name (kana)")), ("email", _("E-mail")),
        ("phone", _("Phone")), ("department", _("Department")), ("title", _("Title")),
        ("seniority", _("Seniority")), ("source", _("Source")), ("interests", _("Interests")),
        ("external_id", _("External id")), ("status", _("Status")), ("created_at", _("created on")),
        ("outcome_day", _("day of the outcome")),
    ]  # fmt: skip
    company = [
        ("company.name", _("company name")), ("company.domain", _("company's domain")),
        ("company.corporate_number", _("corporate number")), ("company.industry", _("industry")),
        ("company.employees", _("number of employees")), ("company.revenue", _("revenue")),
        ("company.prefecture", _("prefecture")), ("company.country", _("country")),
    ]  # fmt: skip
    customs = [
        (f"custom.{field.key}" if field.target == Target.LEAD else f"company.custom.{field.key}", field.label)
        for field in CustomField.objects.order_by("target", "label")
    ]
    groups: list[tuple[str, Any]] = [("", _("not imported")), (_("Lead"), own), (_("Company"), company)]
    return [*groups, (_("Custom fields"), customs)] if customs else groups


class MappingForm(forms.Form):
    rest = forms.BooleanField(
        label=gettext_lazy("Columns that are not imported become custom fields"), required=False
    )

    def __init__(
        self, *args: Any, kind: str, columns: Sequence[str], guessed: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.columns = list(columns)
        choices = targets(kind)
        for position, column in enumerate(columns):
            self.fields[f"column_{position}"] = forms.ChoiceField(
                label=column, choices=choices, required=False, initial=guessed[position]
            )
        if kind == ImportKind.LEADS:
            self._ask_about_leads()
        else:
            self._ask_about_activities()

    def _ask_about_leads(self) -> None:
        words = {"email": _("by e-mail address"), "external_id": _("by external id"), "none": _("never")}
        self.fields["key"] = forms.ChoiceField(
            label=_("A row finds a lead that exists"), required=False,
            choices=[("", _("by the first of these that is a column")), *((key, words[key]) for key in KEYS)],
        )  # fmt: skip
        names = [("", _("no column says it")), *((column, column) for column in self.columns)]
        self.fields["outcome_column"] = forms.ChoiceField(
            label=_("Column that says how it ended"), choices=names, required=False
        )
        self.fields["outcome_won"] = forms.CharField(
            label=_("Its value for won"), required=False, max_length=200,
            help_text=_("Any other value is lost, an empty cell open."),
        )  # fmt: skip

    def _ask_about_activities(self) -> None:
        self.fields["rest"].label = _("Columns that are not imported are kept as attributes of the act")
        types = ActivityType.objects.order_by("label").values_list("key", "label")
        self.fields["type"] = forms.ChoiceField(
            label=_("Type of all rows, where no column says it"), required=False,
            choices=[("", _("a column says it")), *types],
        )  # fmt: skip
        self.fields["create_leads"] = forms.BooleanField(
            label=_("Leads that are not known yet are made"), required=False
        )

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[f"column_{position}"] for position in range(len(self.columns))]

    @property
    def other_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith("column_")]

    @property
    def targets(self) -> list[str]:
        return [self.cleaned_data[f"column_{position}"] for position in range(len(self.columns))]

    @property
    def taken(self) -> str:
        """The column with another purpose."""
        return str(self.cleaned_data.get("outcome_column") or "")

    @property
    def keeps_rest(self) -> bool:
        return bool(self.cleaned_data["rest"])

    def options(self, maps: list[str]) -> dict[str, Any]:
        data = self.cleaned_data
        if self.kind == ImportKind.LEADS:
            return {
                "maps": maps, "rest": "custom" if data["rest"] else "", "key": data["key"],
                "outcome_column": data["outcome_column"], "outcome_won": data["outcome_won"].strip(),
            }  # fmt: skip
        return {
            "maps": maps, "rest": "attributes" if data["rest"] else "", "type": data["type"],
            "create_leads": data["create_leads"], "create_types": True,
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Two columns for one field: said at the second."""
        cleaned = super().clean() or self.cleaned_data
        seen: dict[str, str] = {}
        for position, column in enumerate(self.columns):
            target = cleaned.get(f"column_{position}", "")
            if target and target in seen:
                self.add_error(f"column_{position}", _("“%s” is this field already") % seen[target])
            seen.setdefault(target, column)
        return cleaned

    def put(self, error: LeadqualError) -> None:
        """What the import itself refuses, at the input that it is about."""
        places = {"--key": "key", "--outcome-column": "outcome_column"}
        name = places.get(error.place) or ("outcome_won" if "outcome" in error.place else None)
        if error.code == "no_type_column":
            name = "type"
        self.add_error(name if name in self.fields else None, str(error.message))
