"""What a first visit costs: bytes over the wire as the browser counts them, gzip as `manage.py up` answers."""

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession

from tests import marks
from tests.browser.site import DemoSite
from tests.browser.visitor import Visitor, Visitors

pytestmark = marks.once

MOST = 150 * 1024
APART = ("chart", "/static/drf_spectacular")  # charts and the API's own documentation


class Wire:
    """Path of each answer -> bytes received for it; what came out of the browser's cache has none."""

    def __init__(self, visitor: Visitor) -> None:
        self.session: CDPSession = visitor.page.context.new_cdp_session(visitor.page)
        self.paths: dict[str, str] = {}
        self.answers: dict[str, dict[str, str]] = {}
        self.received: dict[str, float] = {}
        self.session.on("Network.responseReceived", self._answered)
        self.session.on("Network.loadingFinished", self._finished)
        self.session.send("Network.enable")

    def _answered(self, event: dict[str, Any]) -> None:
        path = urlsplit(event["response"]["url"]).path
        self.paths[event["requestId"]] = path
        self.answers[path] = {key.lower(): value for key, value in event["response"]["headers"].items()}

    def _finished(self, event: dict[str, Any]) -> None:
        path = self.paths.get(event["requestId"], "")
        self.received[path] = self.received.get(path, 0) + event["encodedDataLength"]

    def total(self) -> float:
        return sum(size for path, size in self.received.items() if not any(each in path for each in APART))


def first_visit(visitors: Visitors) -> Wire:
    visitor = visitors.stranger()
    wire = Wire(visitor)
    visitor.open("/accounts/login/")
    visitor.page.fill("input[name=login]", "marketer")
    visitor.page.fill("input[name=password]", visitor.site.password)
    visitor.page.click("main form[action$='/login/'] button")
    visitor.page.wait_for_url(lambda url: "/accounts/login/" not in url)
    visitor.page.wait_for_load_state("networkidle")
    visitor.open("/leads/")
    visitor.page.wait_for_load_state("networkidle")
    return wire


def test_signing_in_the_home_page_and_the_leads_are_small(visitors: Visitors, site: DemoSite) -> None:
    wire = first_visit(visitors)
    told = "\n".join(
        f"{size:8.0f} {path}" for path, size in sorted(wire.received.items(), key=lambda each: -each[1])
    )
    print(f"{wire.total():.0f} bytes\n{told}")
    assert {"/accounts/login/", "/", "/leads/"} <= set(wire.received), told
    assert any(path.endswith(".css") for path in wire.received), told
    assert wire.total() <= MOST, told


def test_static_files_are_kept_and_text_is_compressed(visitors: Visitors, site: DemoSite) -> None:
    wire = first_visit(visitors)
    static = {path: headers for path, headers in wire.answers.items() if path.startswith("/static/")}
    assert static
    not_kept = [path for path, headers in static.items() if "max-age" not in headers.get("cache-control", "")]
    assert not_kept == []
    plain = [
        path
        for path, headers in wire.answers.items()
        if path.endswith((".css", ".js", "/"))
        and headers.get("content-encoding") not in {"gzip", "br"}
        and wire.received.get(path, 0) > 1400
    ]
    assert plain == []
