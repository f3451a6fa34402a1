"""The ledger of hits, written from activities by one shape of statement, for a few leads or for a range of them.

Unlimited rules read the days within their horizon out of the covering index; only rules with a limit per week, month
or ever need the order of their acts (window functions), the whole of the first period included.
"""

from leadqual.scoring.calendar import month_sql, week_sql
from leadqual.scoring.chosen import Chosen, Ids, Span, whole_numbers
from leadqual.scoring.compiled import CompiledModel
from leadqual.scoring.curves import NOT_YET
from leadqual.scoring.dialect import Stage, dialect, run
from leadqual.scoring.matching import PERIODS
from leadqual.scoring.models import LimitPeriod, ScoringRule

COLUMNS = ("lead_id", "rule_id", "day", "n")
INSERT = f"INSERT INTO scoring_rulehit ({', '.join(COLUMNS)})"
LIMITED = {LimitPeriod.WEEK, LimitPeriod.MONTH, LimitPeriod.EVER}
# As narrow as it is stored: the sum of wider ones is a decimal number on PostgreSQL, which is slow to compare.
COUNT = "CAST(COUNT(*) AS integer)"
BY_DAY = PERIODS[LimitPeriod.DAY]


SAME = "f.lead_id = h.lead_id AND f.rule_id = h.rule_id AND f.day = h.day"


def write_span(model: CompiledModel, span: Span, *, day: int) -> None:
    """Hits of a range of leads; where there are none yet they are inserted in the order of their key."""
    if _any(model, span):
        write_leads(model, span, day=day)
        return
    for hits in hits_sql(model, span, day=day):
        run([], (f"{INSERT} {hits} ORDER BY 1, 2, 3", ()))


def write_leads(model: CompiledModel, chosen: Chosen, *, day: int) -> None:
    """Hits of leads that may have some: only the rows that differ are written."""
    parts = hits_sql(model, chosen, day=day)
    if not parts:
        return
    stages, fresh = [], f"({' UNION ALL '.join(parts)})"
    if not dialect().full_joins:  # then it is read twice
        stages, fresh = [Stage("scoring_fresh", COLUMNS, COLUMNS[:3], fresh[1:-1])], "scoring_fresh"
    stages.append(Stage("scoring_differing", COLUMNS, COLUMNS[:3], _differing_sql(model, chosen, fresh)))
    gone = (
        "DELETE FROM scoring_rulehit WHERE (lead_id, rule_id, day) IN"
        " (SELECT lead_id, rule_id, day FROM scoring_differing WHERE n IS NULL)"
    )
    others = (
        f"{INSERT} SELECT {', '.join(COLUMNS)} FROM scoring_differing WHERE n IS NOT NULL"
        " ON CONFLICT (lead_id, rule_id, day) DO UPDATE SET n = excluded.n"
    )
    run(stages, (gone, ()), (others, ()))


def _any(model: CompiledModel, chosen: Chosen) -> bool:
    found = f"SELECT 1 FROM scoring_rulehit WHERE {chosen.among('lead_id')} AND {rules_are('rule_id', model)} LIMIT 1"
    return bool(run([], (found, ())))


def _differing_sql(model: CompiledModel, chosen: Chosen, fresh: str) -> str:
    """Hits that are new or count otherwise, and with no count those that are gone.

    What is stored is restricted by name in each part: otherwise the whole ledger would be joined.
    """
    ours = f"{chosen.among('h.lead_id')} AND {rules_are('h.rule_id', model)}"
    if dialect().full_joins:
        return (
            "SELECT COALESCE(f.lead_id, h.lead_id), COALESCE(f.rule_id, h.rule_id), COALESCE(f.day, h.day), f.n"
            f" FROM {fresh} f FULL JOIN (SELECT * FROM scoring_rulehit h WHERE {ours}) h ON {SAME}"
            " WHERE f.n IS DISTINCT FROM h.n"
        )
    return (
        f"SELECT f.lead_id, f.rule_id, f.day, f.n FROM {fresh} f"
        f" LEFT JOIN scoring_rulehit h ON {SAME} WHERE h.n IS NOT f.n"
        f" UNION ALL SELECT h.lead_id, h.rule_id, h.day, NULL FROM scoring_rulehit h WHERE {ours}"
        f" AND NOT EXISTS (SELECT 1 FROM {fresh} f WHERE {SAME})"
    )


def compare(model: CompiledModel, leads: Ids, *, day: int) -> tuple[int, int]:
    """How many hits the activities give that the ledger has not, and the other way round; hits worth nothing apart."""
    parts = hits_sql(model, leads, day=day)
    if not parts:
        return 0, 0
    fresh = Stage("scoring_fresh", COLUMNS, COLUMNS[:3], " UNION ALL ".join(parts))
    live = (
        f"SELECT h.lead_id, h.rule_id, h.day, h.n FROM scoring_rulehit h JOIN scoring_pointcurve c"
        f" ON c.rule_id = h.rule_id AND c.age = {dialect().max(str(NOT_YET), f'{day} - h.day')}"
        f" WHERE {leads.among('h.lead_id')} AND {rules_are('h.rule_id', model)}"
    )
    ours = f"SELECT {', '.join(COLUMNS)} FROM scoring_fresh"
    missing = run([fresh], (f"SELECT COUNT(*) FROM ({ours} EXCEPT {live}) AS missing", ()))
    extra = run([fresh], (f"SELECT COUNT(*) FROM ({live} EXCEPT {ours}) AS extra", ()))
    return missing[0][0], extra[0][0]


def purge_range(model_id: int, after: int, high: int) -> None:
    """Takes away the hits and scores of a model that nobody reads, of the leads after `after` up to `high`."""
    rules = list(ScoringRule.objects.filter(model=model_id).values_list("pk", flat=True))
    span = Span(after + 1, high)
    run(
        [],
        (
            f"DELETE FROM scoring_rulehit WHERE {span.among('lead_id')} AND {whole_numbers('rule_id', rules)}",
            (),
        ),
    )
    run(
        [],
        (f"DELETE FROM scoring_leadscore WHERE model_id = {int(model_id)} AND {span.among('lead_id')}", ()),
    )


def rules_are(column: str, model: CompiledModel) -> str:
    """The ledger has no other rows of the model, so its other rules may lie between."""
    return whole_numbers(column, [rule.id for rule in model.behaviours], others=model.all_rule_ids)


def hits_sql(model: CompiledModel, chosen: Chosen, *, day: int) -> list[str]:
    """Selects of (lead, rule, day, n) of all hits alive on `day`, or of a later day; nobody's day is in two of them."""
    periods = {rule.period for rule in model.behaviours}
    found = []
    if periods - LIMITED:
        found.append(_counted_sql(model, chosen, day, by_day=LimitPeriod.DAY in periods))
    if periods & LIMITED:
        found.append(_limited_sql(model, chosen, day))
    return found


def _counted_sql(model: CompiledModel, chosen: Chosen, day: int, *, by_day: bool) -> str:
    words = dialect()
    n = words.min(COUNT, "MIN(m.most)") if by_day else COUNT
    return (
        f"SELECT a.lead_id, m.rule_id, a.day, {n} AS n {_acts(model, chosen)}"
        f" AND m.period <= {BY_DAY} AND a.day > {day} - m.horizon GROUP BY a.lead_id, m.rule_id, a.day"
    )


def _limited_sql(model: CompiledModel, chosen: Chosen, day: int) -> str:
    """Running counts within each period; of a day that crosses the limit only what is left counts."""
    words = dialect()
    period = (
        f"CASE MIN(m.period) WHEN {PERIODS[LimitPeriod.WEEK]} THEN {week_sql('a.day')}"
        f" WHEN {PERIODS[LimitPeriod.MONTH]} THEN {month_sql('a.day')} ELSE 0 END"
    )
    days = (
        f"SELECT a.lead_id, m.rule_id, a.day, {COUNT} AS n, MIN(m.most) AS most, MIN(m.horizon) AS horizon,"
        f" {period} AS period {_acts(model, chosen)} AND m.period > {BY_DAY} AND a.day > {day} - m.look_back"
        " GROUP BY a.lead_id, m.rule_id, a.day"
    )
    running = (
        "SELECT lead_id, rule_id, day, n, most, horizon, SUM(n) OVER (PARTITION BY lead_id, rule_id, period"
        f" ORDER BY day ROWS UNBOUNDED PRECEDING) - n AS before FROM ({days}) AS days"
    )
    left = f"CAST({words.min('n', 'most - before')} AS integer)"
    return (
        f"SELECT lead_id, rule_id, day, {left} AS n FROM ({running}) AS running"
        f" WHERE before < most AND day > {day} - horizon"
    )


def _acts(model: CompiledModel, chosen: Chosen) -> str:
    """Own acts of the leads with each rule that means them; conditions can be added."""
    words = dialect()
    return (
        f"FROM leads_activity a {words.outer_first} scoring_rulesignature m ON m.signature_id = a.signature_id"
        f" WHERE {chosen.among('a.lead_id')} AND NOT a.machine AND {rules_are('m.rule_id', model)}"
    )
