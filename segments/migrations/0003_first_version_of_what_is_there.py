"""Segments from before versions were kept get their first one, of the moment of this migration and by nobody."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.db import migrations

KEPT = ("name", "condition", "description", "state")


def keep_first(apps, schema_editor):
    segments = apps.get_model("segments", "Segment").objects.order_by("pk")
    if not segments.exists():
        return
    zone = ZoneInfo(apps.get_model("common", "Organisation").objects.get().time_zone)
    now = datetime.now(UTC)
    version = apps.get_model("segments", "SegmentVersion")
    version.objects.bulk_create(
        version(
            segment=segment,
            number=1,
            changed=list(KEPT),
            at=now,
            day=(now.astimezone(zone).date() - date(1970, 1, 1)).days,
            **{name: getattr(segment, name) for name in KEPT},
        )
        for segment in segments
    )


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0002_organisation_row"),
        ("segments", "0002_keep_versions_of_segments"),
    ]

    operations = [migrations.RunPython(keep_first, migrations.RunPython.noop)]
