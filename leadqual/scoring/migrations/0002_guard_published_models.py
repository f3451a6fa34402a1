"""A published model is never edited: the database itself refuses, whoever asks.

Guarded are the rules and groups of every model that is not a draft, and what the model itself asks. A model may go
draft -> building -> live -> retired, straight from draft to live when it is the first, and from building back to draft
(then its frozen copy is dropped). Deleting is refused here on PostgreSQL; on SQLite emptying a table for tests is a
DELETE like any other, so there the app refuses it (leadqual/scoring/guards.py).
"""

from django.db import migrations

MODEL, RULE, GROUP = "scoring_scoringmodel", "scoring_scoringrule", "scoring_rulegroup"
PARTS = (RULE, GROUP)
CONTENT = (
    "name",
    "version",
    "hot_at",
    "cool_at",
    "cool_down_days",
    "gate_strong_within",
    "gate_active_days",
    "gate_active_within",
    "review_date",
    "frozen",
)
PARTS_MESSAGE = "rules and groups of a published model are never edited"
MODEL_MESSAGE = "a published model is never edited"
STEPS = (
    ("draft", "building"),
    ("draft", "live"),
    ("building", "draft"),
    ("building", "live"),
    ("live", "retired"),
)


def changed(differs):
    content = " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in CONTENT)
    allowed = " OR ".join(f"(OLD.state = '{before}' AND NEW.state = '{after}')" for before, after in STEPS)
    return (
        f"(OLD.state <> 'draft' AND NOT (OLD.state = 'building' AND NEW.state = 'draft') AND ({content}))"
        f" OR (NEW.state <> OLD.state AND NOT ({allowed}))"
    )


def not_draft(row):
    return f"EXISTS (SELECT 1 FROM {MODEL} WHERE id = {row}.model_id AND state <> 'draft')"


def sqlite_triggers():
    for table in PARTS:
        yield (
            f"CREATE TRIGGER {table}_frozen_insert BEFORE INSERT ON {table} WHEN {not_draft('NEW')}"
            f" BEGIN SELECT RAISE(ABORT, '{PARTS_MESSAGE}'); END"
        )
        yield (
            f"CREATE TRIGGER {table}_frozen_update BEFORE UPDATE ON {table}"
            f" WHEN {not_draft('OLD')} OR {not_draft('NEW')}"
            f" BEGIN SELECT RAISE(ABORT, '{PARTS_MESSAGE}'); END"
        )
    yield (
        f"CREATE TRIGGER {MODEL}_frozen_update BEFORE UPDATE ON {MODEL} WHEN {changed('IS NOT')}"
        f" BEGIN SELECT RAISE(ABORT, '{MODEL_MESSAGE}'); END"
    )


def postgresql_triggers():
    # FOR SHARE: a rule that is being written and a publisher that is freezing wait for each other.
    yield f"""
        CREATE FUNCTION scoring_refuse_part() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE found_state text;
        BEGIN
            IF TG_OP <> 'INSERT' THEN
                SELECT state INTO found_state FROM {MODEL} WHERE id = OLD.model_id FOR SHARE;
                IF found_state <> 'draft' THEN
                    RAISE EXCEPTION '{PARTS_MESSAGE}' USING ERRCODE = 'check_violation';
                END IF;
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            SELECT state INTO found_state FROM {MODEL} WHERE id = NEW.model_id FOR SHARE;
            IF found_state <> 'draft' THEN
                RAISE EXCEPTION '{PARTS_MESSAGE}' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$"""
    yield f"""
        CREATE FUNCTION scoring_refuse_model() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                IF OLD.state <> 'draft' THEN
                    RAISE EXCEPTION '{MODEL_MESSAGE}' USING ERRCODE = 'check_violation';
                END IF;
                RETURN OLD;
            END IF;
            IF {changed("IS DISTINCT FROM")} THEN
                RAISE EXCEPTION '{MODEL_MESSAGE}' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$"""
    for table in PARTS:
        yield (
            f"CREATE TRIGGER {table}_frozen BEFORE INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION scoring_refuse_part()"
        )
    yield (
        f"CREATE TRIGGER {MODEL}_frozen BEFORE UPDATE OR DELETE ON {MODEL}"
        " FOR EACH ROW EXECUTE FUNCTION scoring_refuse_model()"
    )


def guard(apps, schema_editor):
    made = {"sqlite": sqlite_triggers, "postgresql": postgresql_triggers}[schema_editor.connection.vendor]
    for statement in made():
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in [f"{table}_frozen_{act}" for table in PARTS for act in ("insert", "update")]:
            schema_editor.execute(f"DROP TRIGGER {name}")
        schema_editor.execute(f"DROP TRIGGER {MODEL}_frozen_update")
        return
    for table in (*PARTS, MODEL):
        schema_editor.execute(f"DROP TRIGGER {table}_frozen ON {table}")
    schema_editor.execute("DROP FUNCTION scoring_refuse_part()")
    schema_editor.execute("DROP FUNCTION scoring_refuse_model()")


class Migration(migrations.Migration):
    dependencies = [("scoring", "0001_initial")]

    operations = [migrations.RunPython(guard, unguard)]
