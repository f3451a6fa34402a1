"""People of handoff at the pages, at the moment the factories live in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from handoff.models import SalesRep, SalesTeam
from leadqual.common.access import Role, give_role
from tests.handoff import factories
from tests.handoff.factories import WEDNESDAY

BACKEND = "leadqual.common.signing_in.Backend"


@contextmanager
def at(moment: datetime = WEDNESDAY) -> Iterator[None]:
    with time_machine.travel(moment, tick=False):
        yield


def client(user: Any) -> Client:
    made = Client()
    made.force_login(user, BACKEND)
    return made


def a_rep(of: SalesTeam | None = None, **fields: Any) -> SalesRep:
    made = factories.rep(of or factories.team(), **fields)
    give_role(made.user, Role.REP)
    return made


def a_marketer() -> Any:
    made = factories.user()
    give_role(made, Role.MARKETER)
    return made


def a_manager() -> Any:
    """Of no team yet; acts as a rep like managers do."""
    made = factories.user()
    give_role(made, Role.REP)
    return made


def statements(browser: Client, address: str) -> int:
    """How many a page takes; the second time, so that what a process remembers is no part of it."""
    browser.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(address).status_code == 200
    return len(seen)
