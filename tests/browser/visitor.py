import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.browser.site import DemoSite

AXE = next((Path(__file__).parent / "vendor").glob("axe-core-*/axe.min.js"))
WAIT = 15_000  # ms; a loaded machine is slow, an answer that never comes is a fault

# What an English sentence looks like in a page that should be Japanese: three Latin words in a row.
ENGLISH = re.compile(r"\b[A-Za-z][a-z']+ [a-z']+ [A-Za-z][a-z']+")


@dataclass
class Visitors:
    """People at the site; what their browsers complain of is gathered in `complaints`."""

    site: DemoSite
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def sign_in(self, user: str, *, language: str = "ja", width: int = 1280) -> "Visitor":
        visitor = self.stranger(language=language, width=width)
        visitor.open("/accounts/login/")
        visitor.page.fill("input[name=login]", user)
        visitor.page.fill("input[name=password]", self.site.password)
        visitor.page.click("main form[action$='/login/'] button")
        visitor.page.wait_for_url(lambda url: "/accounts/login/" not in url)
        return visitor

    def stranger(self, *, language: str = "ja", width: int = 1280) -> "Visitor":
        context = self.browser.new_context(
            viewport={"width": width, "height": 844 if width < 500 else 900},
            locale=language,
            reduced_motion="reduce",
        )
        context.set_default_timeout(WAIT)
        context.add_cookies([{"name": "django_language", "value": language, "url": self.site.address}])
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on(
            "response",
            lambda response: (
                self.complaints.append(f"{response.url}: {response.status}")
                if response.status >= 500
                else None
            ),
        )
        return Visitor(self.site, page, language, width)

    def _heard(self, message: ConsoleMessage) -> None:
        """Anything but a refusal that a test asked for (404, 403) and that the browser also writes down."""
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(f"{message.page.url if message.page else ''}: {message.text}")

    def leave(self) -> None:
        for context in self.contexts:
            context.close()


@dataclass
class Visitor:
    site: DemoSite
    page: Page
    language: str
    width: int

    def open(self, path: str) -> int:
        answer = self.page.goto(self.site.address + path)
        assert answer is not None
        return int(answer.status)

    @property
    def path(self) -> str:
        parts = urlsplit(self.page.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def links(self) -> list[str]:
        """Paths of this site that the page links to, without their fragments."""
        found: list[str] = self.page.eval_on_selector_all(
            "a[href]",
            "links => links.map(link => link.href).filter(href => href.startsWith(location.origin))",
        )
        return [
            (urlsplit(each).path + (f"?{urlsplit(each).query}" if urlsplit(each).query else ""))
            for each in found
        ]

    def axe(self, *, without: tuple[str, ...] = ()) -> list[str]:
        """What axe-core finds: rule and place. Run outside the page's own world, so the policy need not let it in."""
        self.page.evaluate(AXE.read_text() + "\n;0")
        result: dict[str, Any] = self.page.evaluate(
            "async () => await axe.run(document, {resultTypes: ['violations']})"
        )
        return [
            f"{violation['id']}: {node['target']} {node['html'][:120]}"
            for violation in result["violations"]
            if violation["id"] not in without
            for node in violation["nodes"]
        ]

    def scrolls_sideways(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"))

    def english_sentences(self) -> list[str]:
        """In the Japanese pages: visible text that is an English sentence, outside of what is marked as English."""
        text: str = self.page.evaluate(
            """() => {
              const copy = document.body.cloneNode(true);
              for (const other of copy.querySelectorAll("[lang=en], script, style, code, pre, [data-own-words]")) {
                other.remove();
              }
              return copy.innerText + "\\n" + Array.from(copy.querySelectorAll("[placeholder], [aria-label], [title]"))
                .map(each => [each.placeholder, each.getAttribute("aria-label"), each.title].join("\\n")).join("\\n");
            }"""
        )
        return [line.strip() for line in text.splitlines() if ENGLISH.search(line)]
