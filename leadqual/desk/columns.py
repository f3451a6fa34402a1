"""The columns of the list of leads and of its exports: everything the field registry knows, and a few more."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, Max, OuterRef, Subquery
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from journeys.models import StagePlacement
from leadqual.common import clock
from leadqual.common.names import person_name
from leadqual.desk.lookups import Lookups
from leadqual.leads.models import Activity, Lead
from segments.conditions.fields import Field
from segments.conditions.kinds import Kind

STAGE = "stage:"
SEGMENTS = "segments"
LAST_ACT = "last_act"
USUAL = ("company.name", "title", "status", "owner", LAST_ACT)
MOST = 20

Value = Callable[[Lead], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """`value` reads what the lead has, as text, number, yes/no or date; `annotation` is what it reads, asked along.

    `field` is set where conditions ask the same.
    """

    key: str
    label: str
    group: str
    value: Value
    annotation: Callable[[], tuple[str, Any]] | None = None
    number: bool = False
    field: Field | None = None

    @property
    def looks(self) -> str:
        """Numbers to the right; days on one line."""
        is_day = self.key == LAST_ACT or (self.field is not None and self.field.kind is Kind.DATE)
        return "number" if self.number else "nowrap" if is_day else "wrap"

    def shown(self, lead: Lead) -> str:
        return shown(self.value(lead))


def shown(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, int | float):
        return number_format(value, use_l10n=True)
    if isinstance(value, list):
        return pgettext("between values", ", ").join(value)
    return str(value)


def _owner(lead: Lead) -> str:
    return person_name(lead.owner) if lead.owner is not None else ""


def _day(day: int | None) -> date | None:
    return None if day is None else clock.date_of(day)


READ: dict[str, Value] = {
    "email": lambda lead: lead.email,
    "phone": lambda lead: lead.phone,
    "department": lambda lead: lead.department,
    "title": lambda lead: lead.title,
    "source": lambda lead: lead.source,
    "external_id": lambda lead: lead.external_id,
    "seniority": lambda lead: str(lead.get_seniority_display()) if lead.seniority else "",
    "interests": lambda lead: list(lead.interests),
    "created": lambda lead: _day(lead.created_day),
    "status": lambda lead: str(lead.get_status_display()),
    "outcome": lambda lead: str(lead.get_outcome_display()) if lead.outcome else "",
    "outcome_day": lambda lead: _day(lead.outcome_day),
    "owner": _owner,
    "with_sales": lambda lead: lead.with_sales,
}
COMPANY = ("name", "domain", "corporate_number", "industry", "employees", "revenue", "prefecture", "country")
# Shown with the row anyway.
ALWAYS = {"name", "score", "hot"}
LEAD, COMPANIES, WORK, CUSTOM = (
    gettext_lazy("Lead"), gettext_lazy("Company"), gettext_lazy("Score and sales"), gettext_lazy("Custom fields"),
)  # fmt: skip


def all_columns(fields: Iterable[Field], lookups: Lookups, *, day: int) -> dict[str, Column]:
    """By key, in the order in which they are offered."""
    found = [_from_field(field, day) for field in fields if field.key not in ALWAYS and not field.params]
    found += [
        Column(LAST_ACT, _("last act"), str(WORK), _last_act, last_act),
        Column(SEGMENTS, _("segments"), str(WORK), _segments),
    ]
    found += [_stage(name, pk) for name, pk in lookups.maps.items()]
    return {column.key: column for column in found}


def chosen(columns: dict[str, Column], wanted: Sequence[Any]) -> list[Column]:
    """Those of the wanted that still exist, each once."""
    keys = dict.fromkeys(key for key in wanted if isinstance(key, str))
    return [columns[key] for key in keys if key in columns][:MOST]


def _last_act(lead: Any) -> date | None:
    return _day(lead.last_act_day)


def _segments(lead: Any) -> list[str]:
    return sorted(each.segment.name for each in lead.live_memberships)


def last_act() -> tuple[str, Any]:
    """Out of the covering index: the day of the last act that no machine did."""
    acts = Activity.objects.filter(lead=OuterRef("pk"), machine=False).order_by().values("lead")
    return "last_act_day", Subquery(acts.annotate(last=Max("day")).values("last"))


def _from_field(field: Field, day: int) -> Column:
    key, label = field.key, str(field.label)
    number = field.kind is Kind.NUMBER
    prefix, _dot, name = key.rpartition(".")
    if field.custom:
        of_company = key.startswith("company.")
        return Column(key, label, str(CUSTOM), _custom(name, field.kind, of_company), None, number, field)
    if prefix == "company" and name in COMPANY:
        return Column(key, label, str(COMPANIES), _of_company(name), None, number, field)
    if key in READ:
        group = WORK if field.derived else LEAD
        return Column(key, label, str(group), READ[key], None, number, field)
    called = "asked_" + "".join(letter if letter.isalnum() else "_" for letter in key)
    choices = {str(value): str(words) for value, words in field.choices}

    def value(lead: Lead) -> Any:
        raw = getattr(lead, called)
        return (
            choices.get(raw, raw) if isinstance(raw, str) else _day(raw) if field.kind is Kind.DATE else raw
        )

    return Column(key, label, str(WORK), value, lambda: (called, field.sql(day, {})), number, field)


def _of_company(name: str) -> Value:
    return lambda lead: getattr(lead.company, name) if lead.company is not None else None


def _custom(key: str, kind: Kind, of_company: bool) -> Value:
    def value(lead: Lead) -> Any:
        thing: Any = lead.company if of_company else lead
        raw = thing.custom.get(key) if thing is not None else None
        if kind is Kind.DATE and isinstance(raw, str):
            return date.fromisoformat(raw)
        return raw

    return value


def _stage(name: str, pk: int) -> Column:
    called = f"stage_in_{pk}"

    def standing() -> Any:
        return StagePlacement.objects.filter(lead=OuterRef("pk"), map_id=pk).values("stage__name")[:1]

    label = _("stage: %s") % name
    return Column(
        f"{STAGE}{name}", label, str(WORK), lambda lead: getattr(lead, called),
        lambda: (called, Subquery(standing(), output_field=CharField())),
    )  # fmt: skip
