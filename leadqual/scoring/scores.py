"""The score of many leads in one statement: points of live hits by group, facts and silence added, each group cut."""

from collections.abc import Sequence

from leadqual.scoring import standing
from leadqual.scoring.as_of import refuse_going_back, state_day
from leadqual.scoring.chosen import Chosen
from leadqual.scoring.compiled import CompiledModel, Group, Rule
from leadqual.scoring.curves import NOT_YET
from leadqual.scoring.dialect import Stage, dialect, run
from leadqual.scoring.ledger import rules_are
from leadqual.scoring.models import Axis
from leadqual.scoring.standing import NEVER

__all__ = [
    "count_different",
    "move_on",
    "refuse_going_back",
    "rewrite",
    "state_day",
    "write_leads",
    "write_span",
]

COLUMNS = ("total", "fit", "engagement", "next_change", "facts_until", "facts", "last_act")
MOVING = ("total", "fit", "engagement", "next_change")
TABLE = "scoring_leadscore"


def write_span(model: CompiledModel, chosen: Chosen, *, day: int) -> None:
    """Scores of leads read anew, every row written: over the one that is there, which costs half of a row made anew."""
    stages = [*standing.stages(model, chosen, day=day), *_sums(model, chosen, day)]
    scored = _scored_sql(model, standing.read_sql(model), day)
    ours = f"model_id = {model.id} AND {chosen.among('lead_id')}"
    if not run([], (f"SELECT 1 FROM {TABLE} WHERE {ours} LIMIT 1", ())):
        run(stages, (f"{_insert(model, day)} FROM ({scored}) AS c ORDER BY c.lead_id", ()))
        return
    stages.append(Stage("scoring_scored", ("lead_id", *COLUMNS), ("lead_id",), scored))
    known = f"SELECT 1 FROM leads_lead l WHERE l.id = {TABLE}.lead_id AND {chosen.within('l.id')}"
    gone = f"DELETE FROM {TABLE} WHERE {ours} AND NOT EXISTS ({known})"
    there = f"SELECT 1 FROM {TABLE} o WHERE o.lead_id = c.lead_id AND o.model_id = {model.id}"
    there += f" AND {chosen.within('o.lead_id')}"
    run(
        stages,
        (gone, ()),
        (_update_sql(model, chosen, "scoring_scored", day, COLUMNS), ()),
        (f"{_insert(model, day)} FROM scoring_scored c WHERE NOT EXISTS ({there}) ORDER BY c.lead_id", ()),
    )


def write_leads(model: CompiledModel, chosen: Chosen, *, day: int) -> set[int]:
    """Scores of touched leads read anew; those whose row is another one now. Only these are written."""
    stages = [*standing.stages(model, chosen, day=day), *_sums(model, chosen, day)]
    scored = _scored_sql(model, standing.read_sql(model), day)
    differs = f"o.lead_id IS NULL OR o.as_of <> {day} OR {_differs()}"
    updates = ", ".join(f"{column} = excluded.{column}" for column in (*COLUMNS, "as_of"))
    written = run(
        stages,
        (
            f"{_insert(model, day)} FROM ({scored}) AS c LEFT JOIN {TABLE} o"
            f" ON o.model_id = {model.id} AND o.lead_id = c.lead_id AND {chosen.within('o.lead_id')}"
            f" WHERE {differs}"
            f" ON CONFLICT (model_id, lead_id) DO UPDATE SET {updates} RETURNING lead_id",
            (),
        ),
    )
    return {lead for (lead,) in written}


def move_on(model: CompiledModel, chosen: Chosen, *, day: int) -> int:
    """Scores of leads whose facts stand, from the ledger alone, where they differ; how many got other points."""
    before = [f"old_{column}" for column in MOVING]
    differs = " OR ".join(f"c.{column} {dialect().differs} c.old_{column}" for column in MOVING)
    moved = (
        f"SELECT c.lead_id, c.total, c.fit, c.engagement, c.next_change, c.total <> c.old_total"
        f" FROM ({_scored_sql(model, _stored_sql(model, chosen), day, keep=before)}) AS c WHERE {differs}"
    )
    stages = [
        *_sums(model, chosen, day),
        Stage("scoring_moved", ("lead_id", *MOVING, "other"), ("lead_id",), moved),
    ]
    count = "SELECT COUNT(*) FROM scoring_moved WHERE other"
    return run(stages, (_update_sql(model, chosen, "scoring_moved", day), ()), (count, ()))[0][0]


def rewrite(model: CompiledModel, chosen: Chosen, *, day: int) -> None:
    """The same, every row written."""
    scored = _scored_sql(model, _stored_sql(model, chosen), day)
    run(_sums(model, chosen, day), (_update_sql(model, chosen, f"({scored})", day), ()))


def count_different(model: CompiledModel, chosen: Chosen, *, day: int) -> int:
    """How many of the leads have another row than they would get if they were read and scored anew for the day."""
    stages = [*standing.stages(model, chosen, day=day), *_sums(model, chosen, day)]
    scored = _scored_sql(model, standing.read_sql(model), day)
    count = (
        f"SELECT COUNT(*) FROM ({scored}) AS c LEFT JOIN {TABLE} o"
        f" ON o.model_id = {model.id} AND o.lead_id = c.lead_id AND {chosen.within('o.lead_id')}"
        f" WHERE o.lead_id IS NULL OR {_differs()}"
    )
    return run(stages, (count, ()))[0][0]


def _stored_sql(model: CompiledModel, chosen: Chosen) -> str:
    before = ", ".join(f"{column} AS old_{column}" for column in MOVING)
    return (
        f"SELECT lead_id, facts, facts_until, last_act, {before} FROM {TABLE}"
        f" WHERE model_id = {model.id} AND {chosen.among('lead_id')}"
    )


def _update_sql(
    model: CompiledModel, chosen: Chosen, source: str, day: int, columns: Sequence[str] = MOVING
) -> str:
    updates = ", ".join(f"{column} = c.{column}" for column in columns)
    return (
        f"UPDATE {TABLE} AS o SET {updates}, as_of = {day} FROM {source} AS c"
        f" WHERE o.model_id = {model.id} AND o.lead_id = c.lead_id AND {chosen.within('o.lead_id')}"
    )


def _insert(model: CompiledModel, day: int) -> str:
    taken = ", ".join(f"c.{column}" for column in COLUMNS)
    return (
        f"INSERT INTO {TABLE} (model_id, lead_id, {', '.join(COLUMNS)}, as_of)"
        f" SELECT {model.id}, c.lead_id, {taken}, {day}"
    )


def _differs(columns: Sequence[str] = COLUMNS) -> str:
    return " OR ".join(f"o.{column} {dialect().differs} c.{column}" for column in columns)


def _sums(model: CompiledModel, chosen: Chosen, day: int) -> list[Stage]:
    """Points of live hits by lead, a column per group, and the first day on which one of them is worth another."""
    if not model.behaviours:
        return []
    groups = _groups(model)
    points = [f"SUM(CASE WHEN c.group_id = {group.id} THEN h.n * c.points ELSE 0 END)" for group in groups]
    columns = ("lead_id", *(f"g{number}" for number in range(len(groups))), "next_day")
    sql = (
        f"SELECT h.lead_id, {', '.join(points)}, MIN(h.day + c.next_age)"
        f" FROM scoring_rulehit h {dialect().outer_first} scoring_pointcurve c"
        f" ON c.rule_id = h.rule_id AND c.age = {dialect().max(str(NOT_YET), f'{day} - h.day')}"
        f" WHERE {chosen.among('h.lead_id')} AND {rules_are('h.rule_id', model)} GROUP BY h.lead_id"
    )
    return [Stage(f"scoring_sums_{len(groups)}", columns, columns[:1], sql)]


def _groups(model: CompiledModel) -> list[Group]:
    """Groups that acts can earn points in."""
    earning = {rule.group for rule in model.behaviours}
    return [group for group in model.groups if group in earning]


def _scored_sql(model: CompiledModel, known: str, day: int, *, keep: Sequence[str] = ()) -> str:
    """`known` selects (lead, facts, facts until, last act); this selects (lead, then `COLUMNS`, then those to keep)."""
    groups = _groups(model)
    sums = f" LEFT JOIN scoring_sums_{len(groups)} s ON s.lead_id = b.lead_id" if groups else ""
    axes = {
        axis: " + ".join(
            _group_points(model, group, groups, day) for group in model.groups if group.axis == axis
        )
        for axis in Axis
    }
    kept = "".join(f", b.{column}" for column in keep)
    parts = (
        f"SELECT b.lead_id, {axes[Axis.FIT] or 0} AS fit, {axes[Axis.ENGAGEMENT] or 0} AS engagement,"
        f" {_next_change(model, day)} AS next_change, b.facts_until, b.facts, b.last_act{kept}"
        f" FROM ({known}) AS b{sums}{dialect().fence}"
    )
    return f"SELECT lead_id, fit + engagement AS total, {', '.join((*COLUMNS[1:], *keep))} FROM ({parts}) AS parts"


def _group_points(model: CompiledModel, group: Group, earning: Sequence[Group], day: int) -> str:
    terms = [f"COALESCE(s.g{earning.index(group)}, 0)"] if group in earning else []
    terms += [_fact_points(rule) for rule in model.attributes if rule.group == group]
    terms += [
        f"CASE WHEN b.last_act <= {day - rule.silent_days} THEN {rule.points} ELSE 0 END"
        for rule in model.silences
        if rule.group == group
    ]
    points = " + ".join(terms) or "0"
    points = points if group.cap is None else dialect().min(points, str(group.cap))
    return f"({points if group.floor is None else dialect().max(points, str(group.floor))})"


def _fact_points(rule: Rule) -> str:
    return f"CASE WHEN b.facts & {rule.bit} <> 0 THEN {rule.points} ELSE 0 END"


def _next_change(model: CompiledModel, day: int) -> str:
    days = [f"COALESCE(b.facts_until, {NEVER})"]
    if model.behaviours:
        days.append(f"COALESCE(s.next_day, {NEVER})")
    days += [
        f"CASE WHEN b.last_act > {day - rule.silent_days} THEN b.last_act + {rule.silent_days} ELSE {NEVER} END"
        for rule in model.silences
    ]
    return f"NULLIF({dialect().min(*days)}, {NEVER})"
