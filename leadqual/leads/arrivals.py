"""Reads an event as it came in from outside; what cannot be read is a LeadqualError that names the place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.leads.cleaning import clean
from leadqual.leads.identifying import Named
from leadqual.leads.reading import read_moment

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECONDS = 1e11  # a number of seconds this large would be the year 5138
LONGEST_ID = 64
KEYS = {
    "type", "occurred_at", "event_id", "lead", "visitor", "path", "url", "attributes", "machine",
}  # fmt: skip
# Attributes with which a lead that an event names for the first time is made.
OF_NEW_LEADS = {
    "family_name", "given_name", "family_kana", "given_kana", "phone", "department", "title", "seniority", "source",
    "interests", "company",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event read and checked: everything but who the lead is."""

    type: str
    occurred_at: datetime
    received_at: datetime
    named: Named | None
    visitor_id: UUID | None
    path: str
    attributes: dict[str, Any] | None
    event_id: str | None
    machine: bool


def read_arrival(payload: Mapping[str, Any], *, received_at: datetime) -> Arrival:
    """`type`, `lead` and/or `visitor`; and, where there are, `occurred_at`, `event_id`, `path` or `url`,
    `attributes`, `machine`."""
    for key in payload:
        if key not in KEYS:
            raise LeadqualError("unknown_key", _("an event has no “%s”") % key[:50], key[:50])
    named = _named(payload.get("lead"))
    visitor = _visitor(payload.get("visitor"))
    if named is None and visitor is None:
        raise LeadqualError("no_actor", _("the event names neither a lead nor a visitor"), "lead")
    return Arrival(
        type=_text(payload, "type", required=True),
        occurred_at=_moment(payload.get("occurred_at"), received_at),
        received_at=received_at,
        named=named,
        visitor_id=visitor,
        path=_text(payload, "path") or _text(payload, "url"),
        attributes=_mapping(payload.get("attributes"), "attributes"),
        event_id=_event_id(payload.get("event_id")),
        machine=_flag(payload.get("machine")),
    )


def _text(payload: Mapping[str, Any], key: str, *, required: bool = False) -> str:
    value = payload.get(key)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value.strip()):
        raise LeadqualError("not_text", _("must be a text"), key)
    return value


def _moment(value: Any, received_at: datetime) -> datetime:
    if value is None or value == "":
        return received_at
    moment = None
    try:
        if isinstance(value, str):
            moment = _read_moment(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value / (1000 if value >= MILLISECONDS else 1), UTC)
    except (ValueError, OverflowError, OSError):
        moment = None
    if moment is None or moment < EARLIEST:
        raise LeadqualError(
            "bad_time", _("must be a moment since 1970, like 2024-06-30T12:00:00Z"), "occurred_at"
        )
    return min(moment, received_at)


def _read_moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return read_moment(text, clock.zone())
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.zone())


def _event_id(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise LeadqualError("not_text", _("must be a text"), "event_id")
    return stored_event_id(str(value))


def stored_event_id(given: str) -> str:
    """The id under which an event is known, however it came: a file and the inbox must agree on it."""
    return given if len(given) <= LONGEST_ID else sha256(given.encode()).hexdigest()


def _named(value: Any) -> Named | None:
    told = _mapping(value, "lead")
    if not told:
        return None
    keys = {}
    others: dict[str, Any] = {}
    for field, given in told.items():
        if field == "external_id" and isinstance(given, int) and not isinstance(given, bool):
            given = str(given)
        if field in {"external_id", "email"}:
            keys[field] = _cleaned(field, given)
        elif field not in OF_NEW_LEADS:
            raise LeadqualError("unknown_field", _("there is no such field"), f"lead.{field[:50]}")
        elif given not in (None, ""):
            others[field] = _cleaned("name" if field == "company" else field, given)
    if not any(keys.values()):
        raise LeadqualError("no_key", _("a lead is named by its external id or its e-mail"), "lead")
    return Named(keys.get("external_id", ""), keys.get("email", ""), others)


def _cleaned(field: str, value: Any) -> Any:
    if value is not None and not isinstance(value, str) and field != "interests":
        raise LeadqualError("not_text", _("must be a text"), f"lead.{field}")
    try:
        return clean(field, value)
    except LeadqualError as error:
        raise LeadqualError(error.code, error.message, f"lead.{field}") from error


def _visitor(value: Any) -> UUID | None:
    if value is None or value == "":
        return None
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError) as error:
        raise LeadqualError("bad_visitor", _("a visitor is a 128-bit id"), "visitor") from error


def _mapping(value: Any, place: str) -> dict[str, Any] | None:
    if value is not None and not isinstance(value, dict):
        raise LeadqualError("not_an_object", _("must be an object"), place)
    return value or None


def _flag(value: Any) -> bool:
    if value is None:
        return False
    if not isinstance(value, bool):
        raise LeadqualError("not_boolean", _("must be true or false"), "machine")
    return value
