"""The gate: enough points are not enough without a strong act, or without acts on several days.

Asked of raw acts, for the few leads that have the points. Hits of its own would be a fifth of the ledger.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from leadqual.scoring.compiled import CompiledModel

Sql = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True)
class GateState:
    """What of the gate a lead has: the last strong act within the days asked, and on how many days it was active."""

    passed: bool
    last_strong: int | None
    active_days: int


def gate_sql(model: CompiledModel, *, day: int, lead: str) -> Sql:
    """Whether the gate lets the lead (an SQL expression for its id) through on `day`; true where there is none."""
    gate, parts, params = model.gate, [], []
    if gate.strong_within is not None:
        acts, values = _acts(lead, model.strong_types, day - gate.strong_within, day)
        # The offset keeps PostgreSQL from looking at everybody's acts of these days for the sake of a few leads.
        parts.append(f"EXISTS (SELECT 1 {acts} LIMIT 1 OFFSET 0)")
        params += values
    if gate.active_days is not None and gate.active_within is not None:
        acts, values = _acts(lead, model.own_types, day - gate.active_within, day)
        parts.append(f"(SELECT COUNT(DISTINCT gate_act.day) {acts}) >= %s")
        params += [*values, gate.active_days]
    return (" AND ".join(parts) or "1 = 1"), params


def gate_state(model: CompiledModel, days: Sequence[tuple[int, bool]], *, day: int) -> GateState:
    """The same for one lead in Python; `days` are (day, was it strong) of its own acts."""
    gate = model.gate
    strong_after = day - (gate.strong_within or day)
    active_after = day - (gate.active_within or day)
    strong = [at for at, is_strong in days if is_strong and strong_after < at <= day]
    active = {at for at, _strong in days if active_after < at <= day}
    passed = (gate.strong_within is None or bool(strong)) and len(active) >= (gate.active_days or 0)
    return GateState(passed, max(strong, default=None), len(active))


def own_days(model: CompiledModel, lead_id: int, *, day: int) -> list[tuple[int, bool]]:
    """What `gate_state` asks, for one lead."""
    after = day - max(model.gate.strong_within or 0, model.gate.active_within or 0)
    acts, params = _acts("%s", model.own_types, after, day)
    strong, _values = _listed(model.strong_types)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT gate_act.day, MAX(CASE WHEN gate_signature.type_id IN ({strong}) THEN 1 ELSE 0 END) {acts}"
            " GROUP BY gate_act.day",
            [lead_id, *params],
        )
        return [(at, bool(is_strong)) for at, is_strong in cursor.fetchall()]


def _acts(lead: str, types: Collection[int], after: int, until: int) -> Sql:
    listed, params = _listed(types)
    return (
        "FROM leads_activity gate_act JOIN leads_signature gate_signature"
        " ON gate_signature.id = gate_act.signature_id"
        f" WHERE gate_act.lead_id = {lead} AND NOT gate_act.machine AND gate_act.day > %s AND gate_act.day <= %s"
        f" AND gate_signature.type_id IN ({listed})",
        [after, until, *params],
    )


def _listed(types: Collection[int]) -> Sql:
    """Types are ids of ours; none is written as an id that nothing has."""
    return ",".join(str(int(each)) for each in sorted(types)) or "0", []
