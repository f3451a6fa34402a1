"""Events as received, and their way into the activities.

`receive` is one durable insert. `drain` claims rows and records them, with everything that follows from them, in one
transaction. A row is in the inbox or in the activities, never in both, whatever dies in between.
"""

import json
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.common.locks import let_others
from leadqual.common.rows import stored_moment
from leadqual.leads import claims
from leadqual.leads.arrivals import Arrival, read_arrival
from leadqual.leads.claims import MOST_ATTEMPTS, Claimed
from leadqual.leads.identifying import Named, find_or_create
from leadqual.leads.models import Inbox
from leadqual.leads.recording import Event, Recorded, record
from leadqual.leads.signals import events_received
from leadqual.leads.signatures import Types

logger = logging.getLogger(__name__)

LARGEST = 64 * 1024
BATCH = 1000
TRIES = 3  # of a batch that another writer's lock threw out

_INSERT = f"INSERT INTO {Inbox._meta.db_table} (received_at, payload, attempts, error) VALUES (%s, %s, 0, '')"


@dataclass(slots=True)
class Drained:
    recorded: int
    duplicates: int
    quarantined: int
    leads: set[int]
    put_off: int = 0  # failed, and resting before their next attempt

    def add(self, other: "Drained") -> None:
        self.recorded += other.recorded
        self.duplicates += other.duplicates
        self.quarantined += other.quarantined
        self.leads |= other.leads
        self.put_off += other.put_off

    @property
    def rows(self) -> int:
        return self.recorded + self.duplicates + self.quarantined + self.put_off


def receive(payload: Mapping[str, Any], *, now: datetime) -> int:
    """Stores the event as it came; it is safe when this has returned outside a transaction. The id of its row."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT + " RETURNING id", [stored_moment(now), _checked(payload)])
        stored = int(cursor.fetchone()[0])
    events_received.send(Inbox, now=now)
    return stored


def receive_many(payloads: Iterable[Mapping[str, Any]], *, now: datetime) -> int:
    """Stores all or, where one cannot be stored, none; how many."""
    rows = [[stored_moment(now), _checked(payload)] for payload in payloads]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)
    events_received.send(Inbox, now=now)
    return len(rows)


def drain(*, now: datetime, limit: int = BATCH) -> Drained:
    """Records up to `limit` waiting events; call outside a transaction.

    New rows go together. Rows that were claimed before (their worker died, or they failed) go one by one, so that
    an event which kills its worker takes no others into quarantine.
    """
    if claimed := claims.claim_new(now=now, limit=limit):
        return _record_batch(claimed, now=now)
    total = Drained(0, 0, 0, set())
    for _turn in range(limit):
        row = claims.claim_again(now=now)
        if row is None:
            break
        total.add(_record_one(row, now=now))
    return total


def drain_all(*, now: datetime, seconds: float | None = None) -> Drained:
    """Drains until nothing is left that may be tried now, or until the time is up."""
    end = None if seconds is None else monotonic() + seconds
    total = Drained(0, 0, 0, set())
    while end is None or monotonic() < end:
        began = monotonic()
        drained = drain(now=now)
        total.add(drained)
        if not drained.rows:
            break
        let_others(monotonic() - began)
    return total


def try_again(ids: Collection[int] | None = None) -> int:
    """Takes quarantined rows (all, or these) back into the queue, for example after a missing type was made."""
    rows = Inbox.objects.exclude(quarantined_at=None)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return rows.update(quarantined_at=None, claimed_until=None, attempts=0, error="")


def _record_batch(claimed: list[Claimed], *, now: datetime) -> Drained:
    for _turn in range(TRIES):
        try:
            return _record(claimed, now=now)
        except OperationalError:
            logger.warning("a batch of %s events was thrown out, trying again", len(claimed), exc_info=True)
            if not connection.is_usable():
                raise
        except claims.ClaimLost:
            break
        except Exception:
            logger.exception("a batch of %s events failed, going row by row", len(claimed))
            break
    total = Drained(0, 0, 0, set())
    for row in claimed:
        if counted := claims.count_attempt(row):
            total.add(_record_one(counted, now=now))
    return total


def _record_one(row: Claimed, *, now: datetime) -> Drained:
    """One event alone, its attempt being counted already."""
    if row.attempts > MOST_ATTEMPTS:
        return _quarantined(row, row.error or _("its worker ended three times without an answer"), now)
    try:
        return _record([row], now=now)
    except claims.ClaimLost:
        return Drained(0, 0, 0, set())
    except LeadqualError as error:
        return _quarantined(row, f"{error.code}: {error}", now)
    except Exception as error:
        logger.exception("event %s failed, attempt %s", row.id, row.attempts)
        if isinstance(error, DatabaseError) and not connection.is_usable():
            raise
        text = f"{type(error).__name__}: {error}"
        if row.attempts >= MOST_ATTEMPTS:
            return _quarantined(row, text, now)
        return Drained(0, 0, 0, set(), put_off=claims.put_off(row, text, now=now))


def _quarantined(row: Claimed, error: str, now: datetime) -> Drained:
    return Drained(0, 0, claims.quarantine({row.id: error}, row.token, now=now), set())


def _record(claimed: list[Claimed], *, now: datetime) -> Drained:
    """One transaction: rows out of the inbox, leads found or made, acts recorded and all that follows; or nothing."""
    good, bad = _read(claimed)
    with transaction.atomic():
        claims.take_out([row.id for row, _arrival in good], claimed[0].token)
        quarantined = claims.quarantine(bad, claimed[0].token, now=now) if bad else 0
        done = (
            _record_arrivals([arrival for _row, arrival in good], now=now) if good else Recorded(0, 0, set())
        )
    return Drained(done.recorded, done.duplicates, quarantined, done.leads)


def _read(claimed: list[Claimed]) -> tuple[list[tuple[Claimed, Arrival]], dict[int, str]]:
    """(rows that can be recorded, error by row id of those that never can)."""
    types = Types((), create=False)
    good: list[tuple[Claimed, Arrival]] = []
    bad: dict[int, str] = {}
    for row in claimed:
        try:
            arrival = read_arrival(json.loads(row.payload), received_at=row.received_at)
            types.decide(arrival.type, "")
        except LeadqualError as error:
            bad[row.id] = f"{error.code}: {error}"
        else:
            good.append((row, arrival))
    return good, bad


def _record_arrivals(arrivals: list[Arrival], *, now: datetime) -> Recorded:
    leads = find_or_create([arrival.named or _NOBODY for arrival in arrivals], now=now)
    events = [
        Event(
            type=arrival.type,
            occurred_at=arrival.occurred_at,
            lead_id=lead,
            visitor_id=arrival.visitor_id,
            path=arrival.path,
            attributes=arrival.attributes,
            event_id=arrival.event_id,
            machine=arrival.machine,
            received_at=arrival.received_at,
        )
        for arrival, lead in zip(arrivals, leads, strict=True)
    ]
    return record(events, now=now)


_NOBODY = Named()


def _checked(payload: Mapping[str, Any]) -> str:
    """The JSON to store; LeadqualError where it is too large or holds what the databases cannot."""
    if not isinstance(payload, Mapping):
        raise LeadqualError("not_an_object", _("an event is a JSON object"))
    try:
        text = json.dumps(payload, ensure_ascii=False, allow_nan=False)
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise LeadqualError("bad_character", _("contains a character that cannot be stored")) from error
    except (TypeError, ValueError, RecursionError) as error:
        raise LeadqualError("not_json", _("the event cannot be written as JSON")) from error
    if size > LARGEST:
        raise LeadqualError("too_large", _("an event has at most %d bytes") % LARGEST)
    if "\\u0000" in text and "\\u0000" in text.replace("\\\\", ""):
        raise LeadqualError("bad_character", _("contains a character that cannot be stored"))
    return text
