from django.conf import settings
from django.db import migrations


def write_organisation(apps, schema_editor):
    """The zone is decided once, at the first migrate; every day number depends on it from then on."""
    apps.get_model("common", "Organisation").objects.get_or_create(pk=1, defaults={"time_zone": settings.TIME_ZONE})


class Migration(migrations.Migration):
    dependencies = [("common", "0001_initial")]

    operations = [migrations.RunPython(write_organisation, migrations.RunPython.noop)]
