"""Applies rows about leads: new leads are made, known ones learn what is new, what says nothing new is skipped.

All rows about one lead come in one batch and are laid over one another in their order, the last word counts; so a file
that contradicts itself changes nothing the second time. An empty cell says nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leadqual.common import clock
from leadqual.common.batches import batches
from leadqual.leads.cleaning import company_key
from leadqual.leads.companies import ensure_companies
from leadqual.leads.editing import create_leads, edit_leads, shown
from leadqual.leads.importing.lead_rows import LeadRow
from leadqual.leads.importing.rows import Fault, Tally
from leadqual.leads.lifecycle import record_outcomes
from leadqual.leads.models import Company, Lead

ONLY_AT_CREATION = {"status", "created_at", "outcome_day"}


@dataclass(slots=True)
class Person:
    """All that a batch says about one lead: `said` is the last word on each field, `by` the row that said it."""

    identity: str
    lead: Lead | None
    said: dict[str, Any] = field(default_factory=dict)
    by: dict[str, int] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)
    told_more: set[int] = field(default_factory=set)  # rows that changed what the rows before had said

    def hear(self, row: LeadRow, words: dict[str, Any]) -> None:
        self.rows.append(row.number)
        for name, value in words.items():
            if name not in self.said or self.said[name] != value:
                self.said[name] = value
                self.by[name] = row.number
                self.told_more.add(row.number)


def apply_rows(
    rows: list[LeadRow], tally: Tally, *, now: datetime, column_of: Callable[[str], str]
) -> dict[int, Fault]:
    """Counts created, updated and skipped rows; the faults of those whose external id belongs to somebody else."""
    companies = ensure_companies([row.company for row in rows if row.company.get("name")], now=now)
    leads = _known(rows)
    owners = _owners_of_external_ids(rows)
    faults: dict[int, Fault] = {}
    persons: dict[str, Person] = {}
    for row in rows:
        person = persons.get(row.identity) or Person(row.identity, leads.get(row.identity))
        external_id = row.lead.get("external_id", "")
        if external_id and owners.setdefault(external_id, _who(person)) != _who(person):
            faults[row.number] = Fault(column_of("external_id"), "external_id_taken", external_id)
            continue
        persons[row.identity] = person
        person.hear(row, _words(row, companies))
    _create([person for person in persons.values() if person.lead is None], tally, now=now)
    _update([person for person in persons.values() if person.lead is not None], tally, now=now)
    return faults


def _who(person: Person) -> int | str:
    return person.lead.pk if person.lead is not None else person.identity


def _words(row: LeadRow, companies: dict[str, Company]) -> dict[str, Any]:
    words = dict(row.lead)
    if not row.keyed:
        words["row_identity"] = row.identity.removeprefix("row:")
    if name := row.company.get("name"):
        words["company"] = companies.get(company_key(name))
    if row.outcome is not None:
        words["outcome"] = row.outcome
    return words


def _known(rows: list[LeadRow]) -> dict[str, Lead]:
    """The leads that the rows speak of. Of several with one address the oldest.

    A lead that came without external id (from a form) is taken over by the first row with its address.
    """
    found: dict[str, Lead] = {}
    by_prefix: dict[str, list[str]] = {}
    for identity in {row.identity for row in rows}:
        prefix, _colon, value = identity.partition(":")
        by_prefix.setdefault(prefix, []).append(value)
    for prefix, column in (("email", "email"), ("external_id", "external_id"), ("row", "row_identity")):
        for value, lead in _by(column, by_prefix.get(prefix, [])):
            found[f"{prefix}:{value}"] = lead
    adopting = {
        row.lead["email"]: row.identity
        for row in reversed(rows)
        if row.identity.startswith("external_id:") and row.identity not in found and row.lead.get("email")
    }
    for email, lead in _by("email", adopting):
        if not lead.external_id:
            found[adopting[email]] = lead
    return found


def _by(column: str, values: Iterable[str]) -> Iterable[tuple[str, Lead]]:
    """(value, lead) with the oldest lead last, so that it is the one to remain."""
    for group in batches(sorted(values)):
        leads = Lead.objects.filter(**{f"{column}__in": group}).exclude(**{column: ""}).order_by("-pk")
        for lead in leads:
            yield getattr(lead, column), lead


def _owners_of_external_ids(rows: list[LeadRow]) -> dict[str, int | str]:
    ids = {row.lead["external_id"] for row in rows if row.lead.get("external_id")}
    return {value: lead.pk for value, lead in _by("external_id", ids)}


def _create(persons: list[Person], tally: Tally, *, now: datetime) -> None:
    create_leads([person.said for person in persons], now=now)
    for person in persons:
        others = person.rows[1:]
        updated = sum(number in person.told_more for number in others)
        tally.add("created")
        tally.add("updated", updated)
        tally.add("skipped", len(others) - updated)


def _update(persons: list[Person], tally: Tally, *, now: datetime) -> None:
    changes: dict[int, dict[str, Any]] = {}
    outcomes: dict[int, tuple[str, int | None]] = {}
    for person in persons:
        lead = person.lead
        assert lead is not None
        news = {name: value for name, value in person.said.items() if _is_news(person, lead, name, value)}
        if "outcome" in news:
            day = person.said.get("outcome_day")
            outcomes[lead.pk] = (news["outcome"], clock.day_of(now) if day is None else day)
        if edits := {name: value for name, value in news.items() if name != "outcome"}:
            changes[lead.pk] = edits
        telling = {person.by[name] for name in news}
        tally.add("updated", len(telling))
        tally.add("skipped", len(person.rows) - len(telling))
    edit_leads(changes, now=now)
    record_outcomes(outcomes, now=now)


def _is_news(person: Person, lead: Lead, name: str, value: Any) -> bool:
    """Whether the file tells something that the lead does not say yet.

    A row without a key is the very row that made the lead: what people have corrected since stays, gaps are filled.
    Nobody's external id is replaced by another.
    """
    if name in ONLY_AT_CREATION or name == "row_identity":
        return False
    before = shown(lead, name)
    if before not in ("", None, []) and (person.identity.startswith("row:") or name == "external_id"):
        return False
    return bool(before != (value.pk if isinstance(value, Company) else value))
