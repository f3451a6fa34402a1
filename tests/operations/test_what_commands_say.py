"""What a newcomer reads after each of the first commands."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.utils.translation import override

from handoff.models import HandoffPolicy
from leadqual.common import clock
from tests.operations.factories import DESIGN, NOW, a_design, an_event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: object) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    settings.VAR_DIR = tmp_path / "var"  # type: ignore[attr-defined]


def said(*arguments: str) -> list[str]:
    out = StringIO()
    with override("en"):
        call_command(*arguments, stdout=out, stderr=StringIO())
    return out.getvalue().splitlines()


def test_the_figures_of_an_import_stand_under_each_other(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("email,company\nsato@example.com,Acme\n")
    assert said("import_leads", str(path)) == [
        "         1  rows",
        "         1  created",
        "         0  updated",
        "         0  skipped, nothing new",
        "         0  rejected",
    ]


def test_loading_a_design_names_what_changed_and_what_comes_next(tmp_path: Path) -> None:
    path = tmp_path / "design.yaml"
    path.write_text(DESIGN)
    lines = said("load_design", str(path))
    assert lines[:2] == ["activity_types:", "         3  created: view, paper, ask"]
    assert lines[-2:] == [
        "next: manage.py publish_model M puts this draft in force",
        "then: manage.py qualify scores the leads and hands over who is hot",
    ]
    assert said("load_design", str(path))[:2] == ["activity_types:", "         3  unchanged"]
    said("publish_model", "M")
    path.write_text(DESIGN.replace("View}", "Page}"))
    lines = said("load_design", str(path))
    assert lines[:3] == ["activity_types:", "         1  updated: view", "         2  unchanged"]
    assert lines[-1] == "then: manage.py qualify scores the leads and hands over who is hot"
    assert not [line for line in lines if "publish_model" in line]
    assert said("load_design", str(path), "--check")[-1] == "checked only, nothing was changed"


def test_a_section_with_many_names_shows_the_first(tmp_path: Path) -> None:
    path = tmp_path / "design.yaml"
    path.write_text("leadqual: 1\nteams:\n" + "".join(f"  T{number:02}: {{}}\n" for number in range(23)))
    assert said("load_design", str(path))[1].endswith("T18, T19 and 3 more")


def test_a_pass_says_why_leads_wait() -> None:
    a_design()
    for lead in "abcde":
        an_event(lead, "ask")
    assert [line for line in said("qualify") if "wait" in line or "of these" in line] == [
        "         2  hot leads still waiting",
        "         2  of these because nobody has a free place",
    ]
    HandoffPolicy.objects.update(state="retired")
    assert "         2  of these without a policy" in said("qualify")


def test_a_design_is_not_written_over_a_file_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "design.yaml"
    path.write_text("mine")
    with pytest.raises(CommandError, match="is there already; --force writes over it"):
        said("dump_design", str(path))
    assert path.read_text() == "mine"
    said("dump_design", str(path), "--force")
    assert path.read_text().startswith("leadqual: 1")
    said("dump_design", str(tmp_path / "new.yaml"))
    assert (tmp_path / "new.yaml").read_text() == path.read_text()


OURS = sorted(
    (name, app) for name, app in get_commands().items()
    if isinstance(app, str) and app.split(".")[0] in ("leadqual", "segments", "handoff", "journeys")
)  # fmt: skip


@pytest.mark.parametrize(("name", "app"), OURS)
def test_every_option_of_a_command_has_a_help_text(name: str, app: str) -> None:
    command = load_command_class(app, name)
    assert command.help
    parser = command.create_parser("manage.py", name)
    theirs = {"version", "verbosity", "settings", "pythonpath", "traceback", "no_color", "force_color",
              "skip_checks", "help"}  # fmt: skip
    assert [action.dest for action in parser._actions if not action.help and action.dest not in theirs] == []
    parser.format_help()
