"""Which lead an event or a row of a file speaks of: found by any of its names, created with all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leadqual.common.batches import batches
from leadqual.common.locks import Lock, lock_alone
from leadqual.leads.cleaning import company_key
from leadqual.leads.companies import ensure_companies
from leadqual.leads.editing import create_leads, edit_leads
from leadqual.leads.models import Lead


@dataclass(frozen=True, slots=True)
class Named:
    """A person as somebody outside names them, cleaned. `others` are attributes used only if the lead is new.

    `others["company"]` is a name, not yet a company.
    """

    external_id: str = ""
    email: str = ""
    others: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Person:
    """A lead that exists (`lead_id`) or is to be made, and the keys by which it is known now."""

    external_id: str
    email: str
    lead_id: int | None
    others: Mapping[str, Any] = field(default_factory=dict)
    learnt: dict[str, str] = field(default_factory=dict)


class _Known:
    """Persons by external id and by address; the external id is asked first."""

    def __init__(self, names: Iterable[Named]) -> None:
        self.by_external_id: dict[str, _Person] = {}
        self.by_email: dict[str, _Person] = {}
        self._load("external_id", {name.external_id for name in names} - {""})
        self._load("email", {name.email for name in names} - {""})

    def find(self, name: Named) -> _Person | None:
        found = self.by_external_id.get(name.external_id) if name.external_id else None
        if found is None and name.email:
            found = self.by_email.get(name.email)
        return found

    def add(self, person: _Person) -> None:
        if person.external_id:
            self.by_external_id.setdefault(person.external_id, person)
        if person.email:
            self.by_email.setdefault(person.email, person)

    def _load(self, column: str, values: set[str]) -> None:
        persons = {person.lead_id: person for person in self.by_external_id.values()}
        for group in batches(sorted(values)):
            # the exclusion is what lets the databases use the partial index on external ids
            rows = Lead.objects.filter(**{f"{column}__in": group}).exclude(**{column: ""}).order_by("pk")
            for pk, external_id, email in rows.values_list("pk", "external_id", "email"):
                self.add(persons.get(pk) or _Person(external_id, email, pk))


def find_or_create(names: Sequence[Named], *, now: datetime, create: bool = True) -> list[int | None]:
    """The lead of each name, in the same order; None for one that names nobody or nobody known (without `create`).

    What a name tells that its lead does not have yet (address, external id) is added to the lead, so that the order
    in which names arrive matters as little as it can. Call inside a transaction.
    """
    persons, learnt = _match(names)
    unknown = (name for name, person in zip(names, persons, strict=True) if person is None)
    if create and (learnt or any(map(_says_who, unknown))):
        lock_alone(Lock.PEOPLE)  # and look again: somebody may have made them while we waited
        persons, learnt = _match(names, create=True)
        _create([person for person in persons if person is not None and person.lead_id is None], now=now)
        edit_leads(
            {person.lead_id: person.learnt for person in learnt if person.lead_id is not None}, now=now
        )
    return [person.lead_id if person is not None else None for person in persons]


def _match(names: Sequence[Named], *, create: bool = False) -> tuple[list[_Person | None], list[_Person]]:
    """(the person of each name, the persons about whom a name tells something new)."""
    known = _Known(names)
    persons: list[_Person | None] = []
    learnt: dict[int, _Person] = {}
    for name in names:
        person = known.find(name)
        if person is None and create and _says_who(name):
            person = _Person(name.external_id, name.email, None, name.others)
            known.add(person)
        elif person is not None and _learn(person, name, known):
            known.add(person)
            if person.lead_id is not None:
                learnt[person.lead_id] = person
        persons.append(person)
    return persons, list(learnt.values())


def _learn(person: _Person, name: Named, known: _Known) -> bool:
    """Takes over a key that the person lacks and nobody else has."""
    before = len(person.learnt), person.external_id, person.email
    if name.external_id and not person.external_id and name.external_id not in known.by_external_id:
        person.external_id = person.learnt["external_id"] = name.external_id
    if name.email and not person.email and name.email not in known.by_email:
        person.email = person.learnt["email"] = name.email
    return before != (len(person.learnt), person.external_id, person.email)


def _create(persons: Iterable[_Person], *, now: datetime) -> None:
    new = list({id(person): person for person in persons}.values())
    companies = ensure_companies(
        ({"name": person.others["company"]} for person in new if person.others.get("company")), now=now
    )
    rows = []
    for person in new:
        row = {**person.others, "external_id": person.external_id, "email": person.email}
        if "company" in row:
            row["company"] = companies.get(company_key(row["company"]))
        rows.append(row)
    for person, lead in zip(new, create_leads(rows, now=now), strict=True):
        person.lead_id = lead.pk


def _says_who(name: Named) -> bool:
    return bool(name.external_id or name.email)
