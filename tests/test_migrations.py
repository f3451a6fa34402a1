import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader

from tests import workers

OURS = {
    config.label for config in apps.get_app_configs() if Path(config.path).is_relative_to(workers.PROJECT)
} - {config.label for config in apps.get_app_configs() if ".venv" in config.path}

THERE_AND_BACK = """
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
ours = sys.argv[1].split(",")
def tables():
    return sorted(t for t in connection.introspection.table_names() if t.split("_")[0] in ours)
call_command("migrate", verbosity=0)
before = tables()
executor = MigrationExecutor(connection)
executor.migrate([(label, None) for label in ours])
print("left", tables())
call_command("migrate", verbosity=0)
print("again", tables() == before, len(before) > 0)
from leadqual.common.models import Organisation
print("organisations", Organisation.objects.count())
"""


def our_migrations() -> list[Migration]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return [migration for (label, _), migration in sorted(loader.disk_migrations.items()) if label in OURS]


@pytest.fixture
def scratch_url(django_db_setup: None, django_db_blocker: object, tmp_path: Path) -> Iterator[str]:
    """An empty database of the kind this run uses."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'scratch.sqlite3'}"
        return
    base, _, used = workers.database_url(connection.settings_dict).rpartition("/")
    name = f"{used}_scratch"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f'CREATE DATABASE "{name}"')
        yield f"{base}/{name}"
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.django_db
def test_no_change_of_a_model_lacks_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_migration_is_named_for_its_intent() -> None:
    auto_named = [
        str(migration)
        for migration in our_migrations()
        if not migration.name.endswith("_initial") and migration.name[5:] == migration.suggest_name()
    ]
    assert auto_named == []


def test_every_operation_can_be_taken_back() -> None:
    one_way = [
        f"{migration}: {operation.describe()}"
        for migration in our_migrations()
        for operation in migration.operations
        if not operation.reversible
    ]
    assert one_way == []


def test_all_migrations_run_there_back_and_there_again(scratch_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys\n" + THERE_AND_BACK, ",".join(sorted(OURS))],
        cwd=workers.PROJECT,
        env=workers.environment(DATABASE_URL=scratch_url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines() == ["left []", "again True True", "organisations 1"]
