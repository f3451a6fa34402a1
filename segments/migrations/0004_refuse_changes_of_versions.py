"""A version of a segment is never changed: the database itself refuses. Only its author may be forgotten."""

from django.db import migrations

TABLE = "segments_segmentversion"
KEPT = ("segment_id", "number", "name", "condition", "description", "state", "changed", "at", "day")
MESSAGE = "a version of a segment is never changed"


def differs(operator):
    return " OR ".join(f"NEW.{column} {operator} OLD.{column}" for column in KEPT)


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_kept BEFORE UPDATE ON {TABLE} WHEN {differs('IS NOT')}"
            f" BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )
        return
    schema_editor.execute(f"""
        CREATE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'check_violation';
        END $$""")
    schema_editor.execute(
        f"CREATE TRIGGER {TABLE}_kept BEFORE UPDATE ON {TABLE} FOR EACH ROW"
        f" WHEN ({differs('IS DISTINCT FROM')}) EXECUTE FUNCTION {TABLE}_refuse()"
    )


def let_go(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"DROP TRIGGER {TABLE}_kept")
        return
    schema_editor.execute(f"DROP TRIGGER {TABLE}_kept ON {TABLE}")
    schema_editor.execute(f"DROP FUNCTION {TABLE}_refuse()")


class Migration(migrations.Migration):
    dependencies = [("segments", "0003_first_version_of_what_is_there")]

    operations = [migrations.RunPython(guard, let_go)]
