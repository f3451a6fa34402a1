from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError


def refuse_old_database() -> None:
    """LeadqualError when migrations wait; reads all of them, so a command asks only after a statement failed."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise LeadqualError(
            "not_migrated", _("the database is not up to date; run “manage.py migrate” first")
        )
