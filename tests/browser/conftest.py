"""The demo market, served by `manage.py up` as users start it, in a real Chromium."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.site import DemoSite
from tests.browser.visitor import Visitors
from tests.conftest import need

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    return next((found for name in CHROMIUM if (found := shutil.which(name))), "")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    """One market for all tests of a process: 300 leads, Japanese."""
    need("chromium")
    started = DemoSite(tmp_path_factory.mktemp("demo-site"))
    try:
        started.start()
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    need("chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield started
        started.close()


@pytest.fixture
def visitors(site: DemoSite, browser: Browser, tmp_path: Path) -> Iterator[Visitors]:
    """`visitors.sign_in("marketer", language="ja", width=1280)`; at the end nobody's browser may have complained."""
    came = Visitors(site, browser)
    yield came
    came.leave()
    assert came.complaints == []
