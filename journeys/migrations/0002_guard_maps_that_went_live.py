"""A version of a map that went live is never changed: the database itself refuses, whoever asks.

Guarded are the stages, touchpoints and bindings of every map that is not a draft, and what the map itself says. A map
goes draft -> live -> retired and no other way. Deleting is refused here on PostgreSQL only: on SQLite emptying a table
for tests is a DELETE like any other.
"""

from django.db import migrations

MAP = "journeys_journeymap"
CONTENT = ("name", "version", "segment_id", "persona", "may_regress")
STEPS = (("draft", "live"), ("live", "retired"))
PARTS_MESSAGE = "stages and touchpoints of a map that went live are never changed"
MAP_MESSAGE = "a map that went live is never changed"
# How a row of each table finds its map.
STAGE = "SELECT state FROM {map} WHERE id = {row}.map_id"
TOUCHPOINT = "SELECT m.state FROM {map} m JOIN journeys_stage s ON s.map_id = m.id WHERE s.id = {row}.stage_id"
BOUND = (
    "SELECT m.state FROM {map} m JOIN journeys_stage s ON s.map_id = m.id"
    " JOIN journeys_touchpoint t ON t.stage_id = s.id WHERE t.id = {row}.touchpoint_id"
)
PARTS = {
    "journeys_stage": STAGE,
    "journeys_touchpoint": TOUCHPOINT,
    "journeys_touchpointactivity": BOUND,
    "journeys_touchpointcontent": BOUND,
}


def state_of(table, row):
    return f"({PARTS[table].format(map=MAP, row=row)})"


def forbidden(differs):
    changed = " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in CONTENT)
    allowed = " OR ".join(f"(OLD.state = '{before}' AND NEW.state = '{after}')" for before, after in STEPS)
    return f"(OLD.state <> 'draft' AND ({changed})) OR (NEW.state <> OLD.state AND NOT ({allowed}))"


def sqlite_triggers():
    for table in PARTS:
        yield (
            f"CREATE TRIGGER {table}_kept_insert BEFORE INSERT ON {table} WHEN {state_of(table, 'NEW')} <> 'draft'"
            f" BEGIN SELECT RAISE(ABORT, '{PARTS_MESSAGE}'); END"
        )
        yield (
            f"CREATE TRIGGER {table}_kept_update BEFORE UPDATE ON {table}"
            f" WHEN {state_of(table, 'OLD')} <> 'draft' OR {state_of(table, 'NEW')} <> 'draft'"
            f" BEGIN SELECT RAISE(ABORT, '{PARTS_MESSAGE}'); END"
        )
    yield (
        f"CREATE TRIGGER {MAP}_kept_update BEFORE UPDATE ON {MAP} WHEN {forbidden('IS NOT')}"
        f" BEGIN SELECT RAISE(ABORT, '{MAP_MESSAGE}'); END"
    )


def postgresql_triggers():
    for table in PARTS:
        # A part whose map is gone already goes with it.
        yield f"""
            CREATE FUNCTION {table}_keep() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF (TG_OP <> 'INSERT' AND COALESCE({state_of(table, "OLD")}, 'draft') <> 'draft')
                OR (TG_OP <> 'DELETE' AND COALESCE({state_of(table, "NEW")}, 'draft') <> 'draft') THEN
                    RAISE EXCEPTION '{PARTS_MESSAGE}' USING ERRCODE = 'check_violation';
                END IF;
                IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                RETURN NEW;
            END $$"""
        yield (
            f"CREATE TRIGGER {table}_kept BEFORE INSERT OR UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_keep()"
        )
    yield f"""
        CREATE FUNCTION {MAP}_keep() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                IF OLD.state <> 'draft' THEN
                    RAISE EXCEPTION '{MAP_MESSAGE}' USING ERRCODE = 'check_violation';
                END IF;
                RETURN OLD;
            END IF;
            IF {forbidden("IS DISTINCT FROM")} THEN
                RAISE EXCEPTION '{MAP_MESSAGE}' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$"""
    yield (
        f"CREATE TRIGGER {MAP}_kept BEFORE UPDATE OR DELETE ON {MAP}"
        f" FOR EACH ROW EXECUTE FUNCTION {MAP}_keep()"
    )


def guard(apps, schema_editor):
    made = {"sqlite": sqlite_triggers, "postgresql": postgresql_triggers}[schema_editor.connection.vendor]
    for statement in made():
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in [f"{table}_kept_{act}" for table in PARTS for act in ("insert", "update")]:
            schema_editor.execute(f"DROP TRIGGER {name}")
        schema_editor.execute(f"DROP TRIGGER {MAP}_kept_update")
        return
    for table in (*PARTS, MAP):
        schema_editor.execute(f"DROP TRIGGER {table}_kept ON {table}")
        schema_editor.execute(f"DROP FUNCTION {table}_keep()")


class Migration(migrations.Migration):
    dependencies = [("journeys", "0001_initial")]

    operations = [migrations.RunPython(guard, unguard)]
