"""The leads' own fields, and what was said about budget, authority, need and timing."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Case, F, Min, OuterRef, Q, Subquery, TextField, Value, When
from django.utils.translation import gettext_lazy as _

from leadqual.leads.models import BantAnswer, BantLetter, BantValue, Lead, Outcome, Seniority, Status
from segments.conditions.dated import Dated
from segments.conditions.fields import Field, Params, register
from segments.conditions.kinds import Kind

BANT = "bant."


def register_lead_fields() -> None:
    register(*lead_fields())


def lead_fields() -> list[Field]:
    return [*_LEAD, *_SALES, *_COMPANY, *(_bant(letter) for letter in BantLetter)]


def _text(key: str, label: Any, column: str) -> Field:
    return Field(key, label, Kind.TEXT, column, nullable=column.startswith("company__"))


_LEAD = [
    _text("name", _("name"), "name_folded"),
    _text("email", _("e-mail"), "email"),
    _text("phone", _("phone"), "phone"),
    _text("department", _("department"), "department_folded"),
    _text("title", _("title"), "title_folded"),
    _text("source", _("source"), "source_folded"),
    _text("external_id", _("external id"), "external_id"),
    Field(
        "seniority",
        _("seniority"),
        Kind.CHOICE,
        "seniority",
        nullable=False,
        choices=tuple(choice for choice in Seniority.choices if choice[0]),
    ),
    Field("interests", _("interests"), Kind.LIST, "interests_folded", nullable=False),
    Field("created", _("created on"), Kind.DATE, "created_day", nullable=False),
]


def _owner_name(day: int, params: Params) -> Any:
    users = get_user_model().objects.filter(pk=OuterRef("owner_id"))
    return Subquery(users.values("username")[:1], output_field=TextField())


def _owner_names(leads: Collection[int], day: int, params: Params) -> dict[int, str]:
    return dict(Lead.objects.filter(pk__in=leads, owner__isnull=False).values_list("pk", "owner__username"))


# What sales decided: scoring rules may not ask it.
_SALES = [
    Field(
        "status",
        _("status"),
        Kind.CHOICE,
        "status",
        nullable=False,
        derived=True,
        choices=tuple(Status.choices),
    ),
    Field(
        "outcome",
        _("outcome"),
        Kind.CHOICE,
        "outcome",
        nullable=False,
        derived=True,
        choices=tuple(choice for choice in Outcome.choices if choice[0]),
    ),
    Field("outcome_day", _("day of the outcome"), Kind.DATE, "outcome_day", derived=True),
    Field("owner", _("owner"), Kind.TEXT, derived=True, expression=_owner_name, load=_owner_names),
]

_COMPANY = [
    _text("company.name", _("company name"), "company__normalised_name"),
    _text("company.domain", _("company's domain"), "company__domain"),
    _text("company.corporate_number", _("corporate number"), "company__corporate_number"),
    _text("company.industry", _("industry"), "company__industry_folded"),
    Field("company.employees", _("number of employees"), Kind.NUMBER, "company__employees"),
    Field("company.revenue", _("revenue"), Kind.NUMBER, "company__revenue"),
    _text("company.prefecture", _("prefecture"), "company__prefecture_folded"),
    _text("company.country", _("country"), "company__country_folded"),
]


@dataclass(frozen=True, slots=True)
class Answers(Dated):
    """All answers to one of the four questions, newest first: (day, until or None, value)."""

    rows: tuple[tuple[int, int | None, str], ...]

    def at(self, day: int) -> str | None:
        """The newest answer that holds on the day."""
        return next(
            (v for start, until, v in self.rows if start <= day and (until is None or until >= day)), None
        )

    def flips(self, day: int) -> int | None:
        """The first later day on which an answer begins or ends to hold; the value may stay the same."""
        days = [start for start, _until, _v in self.rows if start > day]
        days += [
            until + 1 for start, until, _v in self.rows if start <= day and until is not None and until >= day
        ]
        return min(days, default=None)


def _bant(letter: BantLetter) -> Field:
    return Field(
        f"{BANT}{letter.value}",
        _BANT_LABELS[letter],
        Kind.CHOICE,
        choices=tuple(BantValue.choices),
        expression=_bant_value(letter),
        load=_bant_answers(letter),
        flip_expression=_bant_flip(letter),
    )


_BANT_LABELS = {
    BantLetter.BUDGET: _("budget (BANT)"),
    BantLetter.AUTHORITY: _("authority (BANT)"),
    BantLetter.NEED: _("need (BANT)"),
    BantLetter.TIMING: _("timing (BANT)"),
}


def _bant_value(letter: str) -> Callable[[int, Params], Any]:
    def expression(day: int, params: Params) -> Any:
        answers = BantAnswer.objects.filter(lead=OuterRef("pk"), letter=letter, day__lte=day)
        held = answers.filter(Q(until_day=None) | Q(until_day__gte=day)).order_by("-day", "-pk")
        return Subquery(held.values("value")[:1], output_field=TextField())

    return expression


def _bant_answers(letter: str) -> Callable[[Collection[int], int, Params], Mapping[int, Answers]]:
    def load(leads: Collection[int], day: int, params: Params) -> dict[int, Answers]:
        found: dict[int, list[tuple[int, int | None, str]]] = defaultdict(list)
        rows = BantAnswer.objects.filter(lead__in=leads, letter=letter).order_by("-day", "-pk")
        for lead, start, until, value in rows.values_list("lead_id", "day", "until_day", "value"):
            found[lead].append((start, until, value))
        return {lead: Answers(tuple(answers)) for lead, answers in found.items()}

    return load


def _bant_flip(letter: str) -> Callable[[int, Params], Any]:
    def expression(day: int, params: Params) -> Any:
        starts = When(day__gt=day, then=F("day"))
        ends = When(until_day__gte=day, then=F("until_day") + Value(1))
        answers = BantAnswer.objects.filter(lead=OuterRef("pk"), letter=letter).order_by()
        first = answers.values("lead").annotate(first=Min(Case(starts, ends))).values("first")
        return Subquery(first)

    return expression
