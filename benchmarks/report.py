"""The table: printed, and on request kept in docs/performance.md."""

import argparse
import json
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from benchmarks.place import FOLDER, LEADS, ROOT

PAGE = ROOT / "docs" / "performance.md"


@dataclass(frozen=True, slots=True)
class Line:
    key: str
    title: str
    floor: str
    ratio: float
    ratios: list[float]
    bound: float | None
    seconds: float
    wall: float
    extra: dict[str, Any]

    @property
    def kept(self) -> str:
        return "" if self.bound is None else "yes" if self.ratio <= self.bound else "NO"


def show(lines: list[Line], floors: dict[str, float], options: argparse.Namespace, runs: int) -> int:
    """0 when every bound is kept, else 1."""
    told = _heading(options, floors, runs)
    print(f"\n{told}\n")
    print(_table(lines))
    kept = {
        "told": told, "floors": floors, "leads": LEADS[options.scale], "lines": [asdict(line) for line in lines],
    }  # fmt: skip
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"result-{options.db}-{options.scale}.json"
    path.write_text(json.dumps(_with_older_lines(path, kept), ensure_ascii=False, indent=1))
    if options.save:
        save()
    return int(any(line.kept == "NO" for line in lines))


def _heading(options: argparse.Namespace, floors: dict[str, float], runs: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SHOW server_version" if connection.vendor == "postgresql" else "SELECT sqlite_version()"
        )
        version = cursor.fetchone()[0]
    return (
        f"{connection.vendor} {version}, {LEADS[options.scale]:,} leads, {LEADS[options.scale] * 10:,} acts, "
        f"medians of {runs} interleaved runs, Python {platform.python_version()}; "
        f"F = {floors['F']:.3f} s, F1 = {floors['F1'] * 1e6:.0f} µs"
    )


def _table(lines: list[Line]) -> str:
    rows = [
        "| what | ratio | least-most | bound | kept | CPU | wall | |",
        "| --- | ---: | ---: | ---: | --- | ---: | ---: | --- |",
    ]
    for line in lines:
        unit = "" if line.floor == "own" else f" {line.floor}"
        bound = "" if line.bound is None else f"{line.bound:.2f}{unit}"
        extra = ", ".join(f"{key} {value}" for key, value in line.extra.items())
        rows.append(
            f"| {line.title} | {line.ratio:.2f}{unit} | {min(line.ratios):.2f}-{max(line.ratios):.2f} | {bound} "
            f"| {line.kept} | {_time(line.seconds)} | {_time(line.wall)} | {extra} |"
        )
    return "\n".join(rows)


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{seconds * 1000:.2f} ms"


def _with_older_lines(path: Path, kept: dict[str, Any]) -> dict[str, Any]:
    """Rows left out with --only keep their last result."""
    if path.exists():
        measured = {line["key"] for line in kept["lines"]}
        kept["lines"] += [
            line for line in json.loads(path.read_text())["lines"] if line["key"] not in measured
        ]
    return kept


def save() -> None:
    """All results there are, largest scale first, between the two marks of the page."""
    begin, end = "<!-- measured: begin -->", "<!-- measured: end -->"
    results = {path.stem: json.loads(path.read_text()) for path in FOLDER.glob("result-*.json")}
    parts = []
    for _name, result in sorted(results.items(), key=lambda pair: (-pair[1]["leads"], pair[0])):
        lines = [Line(**line) for line in result["lines"]]
        parts.append(f"### {result['told']}\n\n{_table(lines)}")
    parts += _growth(results)
    text = PAGE.read_text()
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    body = "\n\n".join(parts)
    PAGE.write_text(f"{before}{begin}\n\n{body}\n\n{end}{after}")


def _growth(results: dict[str, Any]) -> list[str]:
    """How much more the set operations cost at ten times the leads; at most 15 times, or 1.3 times the growth of F."""
    parts = []
    for db in ("postgresql", "sqlite"):
        small, large = results.get(f"result-{db}-100k"), results.get(f"result-{db}-1m")
        if not small or not large:
            continue
        floor = large["floors"]["F"] / small["floors"]["F"]
        most = max(15.0, 1.3 * floor)
        before = {line["key"]: line["seconds"] for line in small["lines"] if line["floor"] == "F"}
        rows = [f"### Growth from 100k to 1m leads, {db} (F grows {floor:.1f} times)", "",
                "| what | growth | bound | kept |", "| --- | ---: | ---: | --- |"]  # fmt: skip
        for line in large["lines"]:
            if line["key"] in before:
                times = line["seconds"] / before[line["key"]]
                rows.append(
                    f"| {line['title']} | {times:.1f} | {most:.1f} | {'yes' if times <= most else 'NO'} |"
                )
        parts.append("\n".join(rows))
    return parts
