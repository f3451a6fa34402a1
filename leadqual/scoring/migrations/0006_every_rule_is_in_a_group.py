"""A rule without a group was one of the gate's. SQLite makes the table anew for that, so its guards are made anew too
(they are those of 0002)."""

import django.db.models.deletion
from django.db import migrations, models

MODEL, RULE = "scoring_scoringmodel", "scoring_scoringrule"
MESSAGE = "rules and groups of a published model are never edited"


def not_draft(row):
    return f"EXISTS (SELECT 1 FROM {MODEL} WHERE id = {row}.model_id AND state <> 'draft')"


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"DROP TRIGGER {RULE}_frozen_insert")
        schema_editor.execute(f"DROP TRIGGER {RULE}_frozen_update")


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        schema_editor.execute(
            f"CREATE TRIGGER {RULE}_frozen_insert BEFORE INSERT ON {RULE} WHEN {not_draft('NEW')} {refuse}"
        )
        schema_editor.execute(
            f"CREATE TRIGGER {RULE}_frozen_update BEFORE UPDATE ON {RULE}"
            f" WHEN {not_draft('OLD')} OR {not_draft('NEW')} {refuse}"
        )


class Migration(migrations.Migration):
    dependencies = [("scoring", "0005_drop_rules_that_nothing_reads")]

    operations = [
        migrations.RunPython(unguard, guard),
        migrations.RemoveConstraint(model_name="scoringrule", name="scoring_rule_in_one_group"),
        migrations.AlterField(
            model_name="scoringrule",
            name="group",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="rules", to="scoring.rulegroup"
            ),
        ),
        migrations.AlterField(
            model_name="scoringrule",
            name="kind",
            field=models.CharField(
                choices=[
                    ("behaviour", "behaviour"),
                    ("attribute", "attribute"),
                    ("inactivity", "inactivity"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="scoringrule",
            constraint=models.CheckConstraint(
                condition=models.Q(kind__in=["behaviour", "attribute", "inactivity"]),
                name="scoring_rule_kind_is_known",
            ),
        ),
        migrations.RunPython(guard, unguard),
    ]
