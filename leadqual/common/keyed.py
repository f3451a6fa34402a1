"""Tables whose natural key is their only key, stored in the order of that key where the database can."""

from typing import Any

from django.db import migrations


class CreateKeyedModel(migrations.CreateModel):
    """CreateModel for a `CompositePrimaryKey`: on SQLite WITHOUT ROWID, so that rows are not stored twice."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "sqlite":
            usual = schema_editor.sql_create_table
            schema_editor.sql_create_table = usual + " WITHOUT ROWID"
            try:
                super().database_forwards(app_label, schema_editor, from_state, to_state)
            finally:
                schema_editor.sql_create_table = usual
        else:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
