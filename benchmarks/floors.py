"""The floors against which everything is measured, in the same run.

F: one scan of the activities grouped by lead, and one score row per lead written into a table of the same shape and
with the same indexes as `LeadScore`. F1: the commit of an UPDATE of one row.
"""

import random

from django.db import connection, transaction

from leadqual.leads.models import Activity
from leadqual.scoring.models import LeadScore

SCORE = LeadScore._meta.db_table
FLOOR = "bench_floor"
COMMITS = 1000


def empty_floor() -> None:
    """An empty table like that of the scores; made anew, so that no dead rows are in the way."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {FLOOR}")
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE TABLE {FLOOR} (LIKE {SCORE} INCLUDING ALL)")
            return
        cursor.execute("SELECT type, sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL", [SCORE])
        for kind, sql in sorted(cursor.fetchall(), key=lambda row: row[0] != "table"):
            copy = sql.replace(f'"{SCORE}"', f'"{FLOOR}"')
            if kind == "index":
                name = sql.split('"')[1]
                copy = copy.replace(f'"{name}"', f'"{FLOOR}_{name}"', 1)
            cursor.execute(copy)


def write_floor() -> None:
    values = {"model_id": "1", "lead_id": "lead_id", "total": "COUNT(*)", "next_change": "MAX(day)"}
    columns = [field.column for field in LeadScore._meta.concrete_fields if field.column]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {FLOOR} ({', '.join(columns)})"
            f" SELECT {', '.join(values.get(column, '0') for column in columns)}"
            f" FROM {Activity._meta.db_table} WHERE lead_id IS NOT NULL AND NOT machine GROUP BY lead_id"
        )


def commit_single_rows() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT lead_id FROM {FLOOR} LIMIT 50000")
        leads = [row[0] for row in cursor.fetchall()]
    chance = random.Random(1)
    sql = f"UPDATE {FLOOR} SET total = total + 1 WHERE model_id = 1 AND lead_id = %s"
    for lead in chance.choices(leads, k=COMMITS):
        with connection.cursor() as cursor:
            cursor.execute(sql, [lead])
