"""Small files as people bring them, and the commands run on them."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management import call_command

from leadqual.common.exports import CsvWriter

LEADS = "会社名,姓,名,e-mail,役職\n㈱東和,山田,太郎,taro@example.jp,部長\n株式会社北斗,佐藤,花子,hana@example.jp,課長\n"


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def write_rows(path: Path, rows: Sequence[Sequence[Any]], separator: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    return path


def import_leads(path: Path, *options: str) -> dict[str, Any]:
    return _run("import_leads", path, *options)


def import_activities(path: Path, *options: str) -> dict[str, Any]:
    return _run("import_activities", path, *options)


def _run(command: str, path: Path, *options: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command(command, str(path), *options, "--json", stdout=out)
    figures: dict[str, Any] = json.loads(out.getvalue())
    return figures


def figures_of(result: dict[str, Any]) -> dict[str, int]:
    """Only the numbers that are not 0, to be read at a glance."""
    return {name: number for name, number in result.items() if isinstance(number, int) and number}


def report_of(result: dict[str, Any]) -> list[list[str]]:
    with Path(result["report"]).open(newline="", encoding=CsvWriter.ENCODING) as file:
        return list(csv.reader(file))
