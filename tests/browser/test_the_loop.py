"""The whole loop as three people in three browsers: a rule is changed and published, an event comes in through the
API, the lead becomes hot, the rep takes it on and says what became of it, and the marketer sees that."""

import json
import re
import sqlite3
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests import marks
from tests.browser.site import DemoSite
from tests.browser.visitor import Visitor, Visitors
from tests.services import wait_until

pytestmark = marks.once

ADDRESS = "loop.{language}@example.com"
WITHIN = 5.0  # seconds from the answer of the API to the rep's screen


@pytest.fixture
def only_rep1(site: DemoSite) -> Iterator[None]:
    """Nobody else takes leads for the time of the test, so it is known in whose inbox to look."""

    def write(sql: str) -> None:
        connection = sqlite3.connect(site.folder / "site.sqlite3", timeout=20)
        with connection:
            connection.execute(sql)
        connection.close()

    rep1 = "(SELECT id FROM auth_user WHERE username = 'rep1')"
    write(f"UPDATE handoff_salesrep SET active = (user_id = {rep1}), capacity = 500, territory = NULL")
    yield
    write("UPDATE handoff_salesrep SET active = 1, capacity = 20 WHERE 1")


def send(site: DemoSite, key: str, events: list[dict[str, Any]]) -> float:
    """The moment at which the answer was here."""
    request = urllib.request.Request(
        f"{site.address}/api/v1/activities/", json.dumps(events).encode(), method="POST",
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 202
    return time.monotonic()


def event(language: str, kind: str, days_ago: int) -> dict[str, Any]:
    moment = datetime.now(UTC) - timedelta(days=days_ago)
    named = {
        "email": ADDRESS.format(language=language),
        "family_name": "Loop",
        "given_name": language.upper(),
    }
    return {"type": kind, "lead": named, "path": f"/{kind}", "occurred_at": moment.isoformat()}


def key_of(marketer: Visitor) -> str:
    marketer.open("/me/keys/")
    marketer.page.fill("input[name=name]", "website")
    marketer.page.locator("main form:has(input[name=days]) button").click()
    return marketer.page.locator(".new-key code").inner_text()


def raise_downloads_and_publish(marketer: Visitor, points: int) -> None:
    """Through the admin, the preview and the button, as a marketer does it."""
    page = marketer.page
    marketer.open("/scoring/")
    page.locator("form[action$='/draft/'] button").click()
    page.wait_for_url(re.compile("/admin/scoring/scoringmodel/"))
    kind = page.locator("select[name$='-activity_type']:has(option[selected]:text('資料ダウンロード'))").first
    name = str(kind.get_attribute("name")).replace("activity_type", "points")
    page.fill(f"input[name='{name}']", str(points))
    page.locator("input[name=_continue]").click()
    page.wait_for_load_state()
    draft = re.search(r"/scoringmodel/(\d+)/", page.url)
    assert draft is not None
    marketer.open(f"/scoring/{draft[1]}/preview/")
    button = page.locator("form[action$='/publish/'] button.btn-primary")
    expect(button).to_be_enabled(timeout=30_000)
    page.once("dialog", lambda asked: asked.accept())  # the sentence that says what publishing does
    button.click()
    wait_until(
        lambda: marketer.site.rows("SELECT 1 FROM scoring_scoringmodel WHERE state = 'live' AND id = ?", draft[1]),
        30, "the model to be live",
    )  # fmt: skip


@pytest.mark.usefixtures("only_rep1")
@pytest.mark.parametrize(("language", "points"), [("ja", 32), ("en", 33)])
def test_from_a_changed_rule_to_what_sales_said(visitors: Visitors, language: str, points: int) -> None:
    site, name = visitors.site, f"Loop {language.upper()}"
    marketer = visitors.sign_in("marketer", language=language)
    rep = visitors.sign_in("rep1", language=language, width=390)
    key = key_of(marketer)

    send(site, key, [event(language, "download", 1)])
    raise_downloads_and_publish(marketer, points)

    # The rep looks at the inbox; the lead comes by itself.
    rep.open("/inbox/")
    assert name not in rep.page.inner_text("main")
    sent = send(site, key, [event(language, "inquiry", 0)])
    card = rep.page.locator("article.lead-card", has_text=name)
    expect(card).to_be_visible(timeout=20_000)
    assert time.monotonic() - sent <= WITHIN

    card.locator("form[action$='/accept/'] button").click()
    rep.page.wait_for_load_state()
    assert site.rows(
        "SELECT state FROM handoff_handoff JOIN leads_lead ON leads_lead.id = lead_id WHERE email = ?",
        ADDRESS.format(language=language),
    ) == [("accepted",)]
    rep.open("/inbox/?show=accepted")
    rep.page.locator("article.lead-card", has_text=name).locator("a[href$='/feedback/']").first.click()
    rep.page.locator("[name=bought][value=yes]").check(force=True)
    rep.page.locator("button[name=timing][value=right]").click()
    rep.page.wait_for_load_state()

    # Why it was hot, to whom it went and what they said: three clicks from the home page.
    marketer.open("/")
    marketer.page.fill("#search", ADDRESS.format(language=language))
    marketer.page.press("#search", "Enter")
    marketer.page.wait_for_url(re.compile("/leads/"))
    shown = marketer.page.inner_text("main")
    assert f"+{points}" in shown and "+35" in shown
    assert "早乙女 蒼" in shown
    assert ("フィードバック" if language == "ja" else "Feedback: did they buy: yes") in shown
    won = site.rows(
        "SELECT status, outcome FROM leads_lead WHERE email = ?", ADDRESS.format(language=language)
    )
    assert won == [("customer", "won")]
    marketer.open("/improvement/answers/")
    assert "早乙女 蒼" in marketer.page.inner_text("main")


@pytest.mark.usefixtures("only_rep1")
def test_a_newcomer_finds_why_and_to_whom_within_six_clicks(visitors: Visitors) -> None:
    """Signing in is two of them: the button and the first field."""
    marketer = visitors.sign_in("marketer")
    marketer.page.locator("main section[aria-labelledby=newest] tbody a").first.click()  # the third click
    marketer.page.wait_for_url(re.compile("/leads/"))
    assert marketer.page.locator(".score-card .lines tr").count() >= 1
    assert marketer.page.locator("#handoffs").is_visible()
