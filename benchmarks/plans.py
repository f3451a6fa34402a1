"""`--profile ROW --plans`: what PostgreSQL did in each slow statement of a row, with times."""

from typing import Any

from django.db import connection


def listen(least_ms: int) -> list[str]:
    """Every statement from now on that takes longer tells its plan (auto_explain, which needs a superuser)."""
    told: list[str] = []

    def take(diagnostic: Any) -> None:
        if "duration:" in (diagnostic.message_primary or ""):
            told.append(diagnostic.message_primary)

    with connection.cursor() as cursor:
        cursor.execute("LOAD 'auto_explain'")
        for name, value in (
            ("auto_explain.log_min_duration", least_ms), ("auto_explain.log_analyze", "on"),
            ("auto_explain.log_level", "notice"), ("client_min_messages", "notice"),
        ):  # fmt: skip
            cursor.execute(f"SET {name} = '{value}'")
    connection.connection.add_notice_handler(take)
    return told
