"""Every page that a role can reach by links, once per route: no complaint of the browser, of axe, or of a reader."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve

from tests import marks
from tests.browser.visitor import Visitor, Visitors
from tests.permissions import table
from tests.permissions.world import PRINCIPALS

pytestmark = marks.once

# Served by Django and allauth, or no page at all.
NOT_WALKED = ("/admin/", "/accounts/logout/", "/static/", "/api/v1/schema/")
DOWNLOADS = (".csv", ".xlsx")
# Answers to forms, fragments and files, and what exists only after somebody did something.
NOT_LINKED = {
    "marketer": {
        "desk:bulk_action", "desk:exports", "desk:export", "desk:export_download", "desk:hand_over", "desk:import",
        "desk:import_rejected", "desk:import_report", "desk:leads_unsegmented", "desk:loop", "desk:search",
        "improvement:export", "inbox:answer", "inbox:changes", "inbox:feedback", "inbox:handoff", "scoring:preview",
        "segments:why",
    },
    "owner": {
        "desk:companies", "desk:export", "desk:export_download", "desk:exports", "desk:search", "improvement:answers",
        "inbox:answer", "inbox:changes", "inbox:feedback",
    },
}  # fmt: skip


def walk(visitor: Visitor, start: str = "/") -> Iterator[tuple[str, str]]:
    """(route, path) of each page; of many pages of one route, the first."""
    waiting, seen = [start], set()
    while waiting:
        path = waiting.pop(0)
        if path.startswith(NOT_WALKED) or urlsplit(path).path.endswith(DOWNLOADS):
            continue
        try:
            route = resolve(urlsplit(path).path).view_name
        except Resolver404:
            raise AssertionError(f"a dead link: {path}") from None
        if route in seen:
            continue
        seen.add(route)
        if "download" in route or "export" in route:
            continue
        status = visitor.open(path)
        assert status == 200, f"{path}: {status}"
        yield route, path
        waiting += visitor.links()


@pytest.mark.parametrize(
    ("user", "language", "width"),
    [
        ("marketer", "ja", 1280),
        ("marketer", "en", 390),
        ("rep1", "ja", 390),
        ("rep1", "en", 1280),
        ("manager", "ja", 1280),
        ("admin", "ja", 1280),
    ],
)
def test_pages_are_usable_by_everybody(visitors: Visitors, user: str, language: str, width: int) -> None:
    visitor = visitors.sign_in(user, language=language, width=width)
    faults, reached = [], set()
    for route, path in walk(visitor):
        reached.add(route)
        faults += [f"{route} {path}: {fault}" for fault in visitor.axe()]
        if visitor.scrolls_sideways():
            faults.append(f"{route} {path}: scrolls sideways at {width}")
        if language == "ja":
            faults += [f"{route} {path}: not Japanese: {words}" for words in visitor.english_sentences()]
    faults += [f"{route}: no link leads there" for route in sorted(pages_of(user) - reached)]
    assert not faults, "\n".join(["", *faults])


def pages_of(user: str) -> set[str]:
    """The pages that the permission table opens to the role, but those that no link leads to."""
    column = {"marketer": "marketer", "rep1": "owner"}.get(user)
    if column is None:
        return set()
    place = PRINCIPALS.index(column)
    opened = {
        row.name
        for row in table.rows().values()
        if ":" in row.name and row.cells.get("GET", "").split()[place : place + 1] == ["200"]
    }
    return {name for name in opened if not name.startswith("api:")} - NOT_LINKED[column]


@pytest.mark.parametrize(("language", "width"), [("ja", 390), ("en", 1280)])
def test_the_way_in_is_usable_by_everybody(visitors: Visitors, language: str, width: int) -> None:
    stranger = visitors.stranger(language=language, width=width)
    faults = []
    for path in ("/accounts/login/", "/accounts/password/reset/"):
        assert stranger.open(path) == 200
        faults += [f"{path}: {fault}" for fault in stranger.axe()]
        faults += [f"{path}: {words}" for words in stranger.english_sentences() if language == "ja"]
        if stranger.scrolls_sideways():
            faults.append(f"{path}: scrolls sideways")
    assert faults == []
