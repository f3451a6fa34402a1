"""Django's admin as admin and marketer see it: the browser complains of nothing, axe of nothing beyond the baseline.

The baseline holds what Django's own templates bring along: a rule and the start of the element's HTML, per line.
"""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import marks
from tests.browser.visitor import Visitor, Visitors

pytestmark = marks.once

BASELINE = Path(__file__).parent / "admin_axe_baseline.txt"


def known() -> list[tuple[str, str]]:
    lines = [line.strip() for line in BASELINE.read_text().splitlines()]
    pairs = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return [(rule, html.strip()) for rule, _space, html in pairs]


def beyond(faults: list[str], baseline: list[tuple[str, str]]) -> list[str]:
    return [
        fault
        for fault in faults
        if not any(fault.startswith(f"{rule}:") and html in fault for rule, html in baseline)
    ]


def pages(visitor: Visitor) -> list[str]:
    """The index; of each model its list, the form for a new one, the first one there is, and its history."""
    visitor.open("/admin/")
    lists = sorted({path for path in visitor.links() if _depth(path) == 3})
    found = ["/admin/"]
    for path in lists:
        found.append(path)
        visitor.open(path)
        links = visitor.links()
        found += [link for link in links if urlsplit(link).path == f"{path}add/"][:1]
        if first := next((link for link in links if link.startswith(path) and "/change/" in link), None):
            change = urlsplit(first).path
            found += [change, change.replace("/change/", "/history/")]
    return found


def _depth(path: str) -> int:
    return len(path.strip("/").split("/")) if path.startswith("/admin/") and "?" not in path else 0


@pytest.mark.parametrize(("user", "language"), [("admin", "ja"), ("marketer", "en")])
def test_the_admin_is_sound(visitors: Visitors, user: str, language: str) -> None:
    visitor = visitors.sign_in(user, language=language)
    walked = pages(visitor)
    for path in walked:
        status = visitor.open(path)
        assert status == 200, f"{path}: {status}"
    assert len(walked) >= 20
    visitor.open("/admin/")
    assert visitors.complaints == []
    baseline, faults = known(), []
    for path in walked:
        visitor.open(path)
        faults += [f"{path}: {fault}" for fault in beyond(visitor.axe(), baseline)]
    visitor.open("/admin/")
    visitors.complaints.clear()  # of axe itself, which tries out styles
    assert not faults, "\n".join(["", *faults])
