"""How rows of acts are written: in bulk, skipping those whose event id is known, on both databases."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from leadqual.leads.models import Activity

_TABLE = Activity._meta.db_table
_COLUMNS = "lead_id, visitor_id, signature_id, day, occurred_at, received_at, event_id, machine, attributes"


@dataclass(frozen=True, slots=True)
class Act:
    """One row of `Activity` to be written."""

    lead_id: int | None
    visitor_id: UUID | None
    signature_id: int
    day: int
    occurred_at: datetime
    received_at: datetime
    event_id: str | None
    machine: bool
    attributes: dict[str, Any] | None


def insert(acts: Collection[Act]) -> list[tuple[int | None, int]]:
    """(lead, signature) of each row really written; a known event id is passed over.

    Written in the order of event ids, so that two writers of the same events never wait for each other in a ring.
    """
    ordered = sorted(acts, key=lambda act: act.event_id or "")
    if connection.vendor == "postgresql":
        return _insert_postgresql(ordered)
    return _insert_sqlite(ordered)


def _insert_postgresql(acts: list[Act]) -> list[tuple[int | None, int]]:
    rows = [
        (
            act.lead_id,
            act.visitor_id and act.visitor_id.hex,
            act.signature_id,
            act.day,
            act.occurred_at.isoformat(),
            act.received_at.isoformat(),
            act.event_id,
            act.machine,
            act.attributes,
        )
        for act in acts
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {_TABLE} ({_COLUMNS})
            SELECT (r->>0)::bigint, (r->>1)::uuid, (r->>2)::bigint, (r->>3)::int, (r->>4)::timestamptz,
                   (r->>5)::timestamptz, r->>6, (r->>7)::boolean, nullif(r->8, 'null')
            FROM jsonb_array_elements(%s::jsonb) AS r
            ON CONFLICT (event_id) DO NOTHING RETURNING lead_id, signature_id""",
            [json.dumps(rows)],
        )
        return cursor.fetchall()


def _insert_sqlite(acts: list[Act]) -> list[tuple[int | None, int]]:
    """The transaction has written or will write alone (IMMEDIATE), so what is looked up first stays true."""
    adapt = connection.ops.adapt_datetimefield_value
    asked = [act.event_id for act in acts if act.event_id is not None]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT event_id FROM {_TABLE} WHERE event_id IN (SELECT value FROM json_each(%s))",
            [json.dumps(asked)],
        )
        known = {row[0] for row in cursor.fetchall()}
        fresh = []
        for act in acts:
            if act.event_id in known:
                continue
            if act.event_id is not None:
                known.add(act.event_id)
            fresh.append(act)
        cursor.executemany(
            f"INSERT INTO {_TABLE} ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    act.lead_id,
                    act.visitor_id and act.visitor_id.hex,
                    act.signature_id,
                    act.day,
                    adapt(act.occurred_at.astimezone(UTC)),
                    adapt(act.received_at.astimezone(UTC)),
                    act.event_id,
                    act.machine,
                    None if act.attributes is None else json.dumps(act.attributes),
                )
                for act in fresh
            ],
        )
    return [(act.lead_id, act.signature_id) for act in fresh]
