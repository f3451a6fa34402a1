from hashlib import sha256

from django.db import migrations, models
from django.db.models.functions import Left


def hash_what_stands_in_clear(apps, schema_editor):
    """Links that were sent stay good: they are looked up by the digest of what the mail says."""
    reminders = apps.get_model("handoff", "FeedbackReminder").objects
    batch = []
    for row in reminders.order_by("pk").iterator(chunk_size=1000):
        row.digest = sha256(row.digest.encode()).hexdigest()
        batch.append(row)
        if len(batch) == 1000:
            reminders.bulk_update(batch, ["digest"])
            batch.clear()
    reminders.bulk_update(batch, ["digest"])


def shorten(apps, schema_editor):
    """No digest turns back into its link; it only has to fit the narrower column. Links that were sent are dead."""
    apps.get_model("handoff", "FeedbackReminder").objects.update(digest=Left("digest", 40))


class Migration(migrations.Migration):
    dependencies = [
        ("handoff", "0002_ask_for_feedback_plan_and_reassign"),
    ]

    operations = [
        migrations.RenameField("feedbackreminder", "token", "digest"),
        migrations.AlterField("feedbackreminder", "digest", models.CharField(max_length=64, unique=True)),
        migrations.RunPython(hash_what_stands_in_clear, shorten),
    ]
