from pathlib import Path

import pytest

from tests import marks
from tests.architecture import FILE_LINES, FUNCTION_LINES, faults

pytestmark = marks.once
ROOT = Path(__file__).resolve().parent.parent


def test_the_code_keeps_the_house_law() -> None:
    assert [str(fault) for fault in faults(ROOT)] == []


def plant(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def texts(root: Path) -> list[str]:
    return [f"{fault.path}: {fault.text}" for fault in faults(root)]


def test_three_planted_faults_are_all_found_and_nothing_else(tmp_path: Path) -> None:
    plant(tmp_path, "leadqual/leads/editing.py", "from leadqual.common import clock\n")
    plant(tmp_path, "leadqual/leads/merging.py", "def merge():\n    from handoff.models import Handoff\n")
    plant(tmp_path, "segments/models.py", "\n" * (FILE_LINES + 1))
    plant(
        tmp_path,
        "handoff/apps.py",
        "from django.db.models.signals import post_save\npost_save.connect(print)\n",
    )
    assert texts(tmp_path) == [
        "leadqual/leads/merging.py: leadqual.leads may not import handoff",
        f"segments/models.py: {FILE_LINES + 1} lines, at most {FILE_LINES}",
        "handoff/apps.py: post_save: name a signal for what happened",
    ]


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("leadqual/common/a.py", "import leadqual.leads.models\n", "leadqual.common may not import leadqual.leads"),
        ("leadqual/common/a.py", "from leadqual import leads\n", "leadqual.common may not import leadqual.leads"),
        ("leadqual/messaging/a.py", "import segments\n", "leadqual.messaging may not import segments"),
        ("leadqual/scoring/a.py", "import leadqual.messaging\n", "leadqual.scoring may not import leadqual.messaging"),
        ("leadqual/desk/a.py", "import leadqual.tracking\n", "leadqual.desk may not import leadqual.tracking"),
        ("handoff/a.py", "from leadqual.celery import app\n", "handoff imports the roof (leadqual.celery)"),
        ("segments/a.py", "import_module('leadqual.scoring.x')\n", "segments may not import leadqual.scoring"),
        ("segments/a.py", "from . import models\n", "relative import"),
        ("segments/a.py", "from segments.models import *\n", "star import"),
        ("leadqual/other/a.py", "import os\n", "leadqual.other.a stands on no rung"),
        ("handoff/utils.py", "", "a file is named after what the business does in it"),
    ],
)  # fmt: skip
def test_each_forbidden_thing_is_found(tmp_path: Path, name: str, text: str, fault: str) -> None:
    plant(tmp_path, name, text)
    assert texts(tmp_path) == [f"{name}: {fault}"]


def test_a_function_may_fill_its_ceiling_but_not_pass_it(tmp_path: Path) -> None:
    plant(tmp_path, "handoff/a.py", "def f():\n" + "    f()\n" * (FUNCTION_LINES - 1))
    assert texts(tmp_path) == []
    plant(tmp_path, "handoff/a.py", "def f():\n" + "    f()\n" * FUNCTION_LINES)
    assert texts(tmp_path) == [f"handoff/a.py: f has {FUNCTION_LINES + 1} lines, at most {FUNCTION_LINES}"]


def test_a_lower_rung_the_standard_library_and_the_roof_upon_everything_are_allowed(tmp_path: Path) -> None:
    plant(
        tmp_path,
        "handoff/a.py",
        "import os\nfrom leadqual.scoring.models import LeadScore\nimport segments\n",
    )
    plant(tmp_path, "leadqual/urls.py", "from leadqual.desk.views import home\nimport handoff.views\n")
    assert texts(tmp_path) == []
