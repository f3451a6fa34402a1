"""What README and docs name exists: commands, targets of make, settings and the files that links lead to."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
VARIABLE = r"(?:LEADQUAL|DATABASE|EMAIL|CELERY|CSRF|DEFAULT|SECRET|ALLOWED)_[A-Z_]+"

OF_THE_SUITE = {"LEADQUAL_REQUIRE_SERVICES"}


def told(pattern: str) -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for found in re.findall(pattern, page.read_text(encoding="utf-8")):
            yield page.name, found


def test_every_command_named_exists() -> None:
    commands = get_commands()
    named = list(told(r"manage\.py ([a-z_]+)")) + list(told(r"(?m)^\$m ([a-z_]+)"))
    assert len(named) > 10
    assert [each for each in named if each[1] not in commands] == []


def test_every_target_of_make_named_exists() -> None:
    targets = set(re.findall(r"(?m)^([a-z0-9]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    named = list(told(r"(?:`|^|[A-Z]+=\S+ )make ([a-z0-9]+)")) + list(told(r"(?m)^make ([a-z0-9]+)"))
    assert len(named) > 5
    assert [each for each in named if each[1] not in targets] == []


def settings_read() -> set[str]:
    text = (ROOT / "leadqual" / "settings.py").read_text(encoding="utf-8")
    return set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text))


def test_every_setting_is_told() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert len(settings_read()) > 15
    assert sorted(settings_read() - set(re.findall(r"(?m)^\| `([A-Z_]+)`", text))) == []


def test_every_setting_told_is_read() -> None:
    known = settings_read() | OF_THE_SUITE
    assert [each for each in told(rf"\b({VARIABLE})\b") if each[1] not in known] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    inside = [link.split("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]
    assert [link for link in inside if not (page.parent / link).exists()] == []
