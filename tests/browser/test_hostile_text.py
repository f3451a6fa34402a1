"""Text that tries to be a script, in every field that a lead, an event or a form can carry: it stays text.

The policy would stop a script that got through; its complaint would then be in the browser's console, and every
visitor here fails on a complaint.
"""

import json
import sqlite3
import urllib.request
from typing import Any

import pytest

from tests import marks
from tests.browser.site import DemoSite
from tests.browser.test_every_page import walk
from tests.browser.test_the_loop import key_of
from tests.browser.visitor import Visitor, Visitors
from tests.services import wait_until

pytestmark = marks.once

NASTY = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>\'"><svg onload=window.hit=1>{{7*7}}'
SHORT = "<svg onload=window.hit=1>"
TEXTS = ("family_name", "given_name", "family_kana", "given_kana", "department", "title", "source")


def ask(site: DemoSite, key: str, method: str, path: str, body: Any) -> Any:
    request = urllib.request.Request(
        site.address + path, json.dumps(body).encode(), method=method,
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def write_everywhere(site: DemoSite) -> None:
    """What the design and the answers of sales can carry, in rows that pages show."""
    connection = sqlite3.connect(site.folder / "site.sqlite3", timeout=20)
    with connection:
        for table, columns in (
            ("segments_segment", ("name", "description")),
            ("journeys_content", ("title",)),
            ("handoff_salesteam", ("name",)),
            ("leads_activitytype", ("label",)),
            ("handoff_handoff", ("answer",)),
            ("handoff_feedback", ("reason", "remark")),
            ("leads_customfield", ("label",)),
            ("improvement_pdcacycle", ("hypothesis",)),
        ):
            for column in columns:
                row = f"(SELECT MIN(id) FROM {table})"
                connection.execute(f"UPDATE {table} SET {column} = ? WHERE id = {row}", [NASTY[:190]])
        connection.execute("UPDATE auth_user SET last_name = ? WHERE username = 'rep2'", [SHORT])
    connection.close()


def hit(visitor: Visitor) -> bool:
    return bool(visitor.page.evaluate("window.hit === 1"))


@pytest.mark.parametrize("user", ["marketer", "rep1"])
def test_stored_text_does_nothing_on_any_page(visitors: Visitors, user: str) -> None:
    site = visitors.site
    marketer = visitors.sign_in("marketer")
    key = key_of(marketer)
    address = f"{user}.hostile@example.com"
    lead = dict.fromkeys(TEXTS, NASTY[:100]) | {
        "email": address, "company": NASTY[:150] + user, "interests": [SHORT],
    }  # fmt: skip
    made = ask(site, key, "POST", "/api/v1/leads/", lead)
    event = {
        "type": "page_view", "lead": {"email": address}, "path": "/" + NASTY, "attributes": {SHORT: NASTY},
    }  # fmt: skip
    ask(site, key, "POST", "/api/v1/activities/", [event] * 3)
    wait_until(
        lambda: site.rows(
            "SELECT 1 FROM leads_activity JOIN leads_lead ON leads_lead.id = lead_id WHERE email = ?", address
        ),
        20, "the events to count",
    )  # fmt: skip
    write_everywhere(site)

    visitor = marketer if user == "marketer" else visitors.sign_in(user, width=390)
    for path in (f"/leads/{made['id']}/", f"/companies/{made['company']['id']}/", f"/search/?q={address}"):
        visitor.open(path)
        assert not hit(visitor), path
    for route, path in walk(visitor):
        assert not hit(visitor), (route, path)
    marketer.open(f"/leads/{made['id']}/")
    assert "<script>window.hit=1</script>" in marketer.page.inner_text("main")
    assert "49" not in marketer.page.inner_text("h1")
