"""`manage.py up` killed without warning while programs talk to it: what was answered 2xx is kept, and once."""

import http.client
import json
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests import marks
from tests.operations.test_up import Site, web_processes, web_worker
from tests.services import wait_until
from tests.workers import Program, manage

pytestmark = marks.on_sqlite

MARKET = """
from django.utils import timezone
from leadqual.common.access import Role, give_role
from leadqual.common.tokens import create_token
from leadqual.leads.models import ActivityType
from tests.handoff.factories import offered, user
ActivityType.objects.create(key='visit', label='Visit')
person = user('mia')
give_role(person, Role.MARKETER)
handoff = offered()
key = create_token(person, 'site', days=1, now=timezone.now()).secret
print('made', key, handoff.public_id, handoff.lead.public_id)
"""
MANY = 1000  # events in one request: their task takes long enough to be met


@dataclass
class Sender:
    """A program with a key. An event that was not answered, or not with 202, is sent again under the same id."""

    site: Site
    key: str
    accepted: set[str] = field(default_factory=set)
    again: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def call(self, method: str, path: str, body: Any) -> int:
        """The status; 0 when the connection broke before the answer was here."""
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=20)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            connection.request(method, f"/api/v1/{path}", json.dumps(body), headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def send(self, ids: list[str]) -> None:
        events = [
            {
                "type": "visit",
                "event_id": each,
                "occurred_at": datetime.now(UTC).isoformat(),
                "lead": {"email": f"{each}@example.com"},
            }
            for each in ids
        ]
        while (status := self.call("POST", "activities/", events)) != 202:
            assert status in {0, 503}, status
            self.again += 1
            time.sleep(0.05)
        self.accepted.update(ids)

    def go_on(self, chance: random.Random) -> None:
        number = 0
        while not self.over.is_set():
            ids = [f"e{number + n}" for n in range(chance.randint(1, 5))]
            self.send(ids)
            if chance.random() < 0.2:
                self.send(ids)
            number += len(ids)
            time.sleep(0.01)


@dataclass
class Market:
    sender: Sender
    handoff: str
    lead: str


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    site = Site(tmp_path)
    for command in (("migrate", "--verbosity", "0"), ("shell", "-c", MARKET)):
        done = manage(*command, **site.variables())
        assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("made "))
    _made, key, handoff, lead = line.split()
    yield Market(Sender(site, key), handoff, lead)
    for process in web_processes(site):
        process.kill()


def tried(site: Site) -> int:
    """Events that a task has claimed and not recorded yet."""
    return int(str(site.rows("SELECT count(*) FROM leads_inbox WHERE attempts > 0")[0][0]))


def kill_worker(site: Site, program: Program) -> None:
    killed = web_worker(program)
    killed.kill()
    wait_until(lambda: web_worker(program).pid != killed.pid and site.healthy(), 30, "another web process")


def kill_in_a_task(site: Site, program: Program, sender: Sender) -> None:
    """The worker dies between the claim of events, which is committed, and their recording."""
    for attempt in range(5):
        sender.send([f"many{attempt}-{n}" for n in range(MANY)])
        wait_until(lambda: tried(site), 15, "a task at work")
        worker = web_worker(program)
        worker.kill()
        worker.wait(10)
        left = tried(site)
        wait_until(site.healthy, 30, "another web process")
        if left:
            # The claim of the dead runs for a minute; the test does not wait for it.
            return
    raise AssertionError("no task was met at its work")


def end_claims(site: Site) -> None:
    site.rows("UPDATE leads_inbox SET claimed_until = '2020-01-01 00:00:00.000000' WHERE attempts > 0")


def test_what_was_answered_outlives_kills_and_counts_once(market: Market) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print("seed", seed)
    chance, sender, site = random.Random(seed), market.sender, market.sender.site
    program = site.up()
    wait_until(site.healthy, 30, "the first page")
    thread = threading.Thread(target=sender.go_on, args=(random.Random(seed + 1),), daemon=True)
    thread.start()

    time.sleep(chance.uniform(0.1, 0.6))  # not to wait for anything: the moment of the kill is to be any
    assert sender.call("PATCH", f"leads/{market.lead}/", {"title": "Head of Lathes"}) == 200
    kill_worker(site, program)
    assert sender.call("POST", f"handoffs/{market.handoff}/accept/", {}) == 200
    kill_in_a_task(site, program, sender)

    time.sleep(chance.uniform(0.1, 0.6))
    os.kill(program.pid, signal.SIGKILL)
    program.process.wait(10)
    wait_until(lambda: web_processes(site) == [] and site.port_free(), 10, "the free port")
    program.log.unlink()
    program = site.up()
    wait_until(site.healthy, 30, "the site after the restart")
    sender.over.set()
    thread.join(30)
    assert not thread.is_alive()

    end_claims(site)
    wait_until(lambda: everything_recorded(site, sender), 30, "all events")
    recorded = [row[0] for row in site.rows("SELECT event_id FROM leads_activity")]
    assert set(recorded) >= sender.accepted
    assert len(recorded) == len(set(recorded))
    assert site.rows("SELECT count(*) FROM leads_inbox WHERE quarantined_at IS NOT NULL") == [(0,)]
    hex_id = market.lead.replace("-", "")
    assert site.rows("SELECT title, status FROM leads_lead WHERE public_id = ?", hex_id) == [
        ("Head of Lathes", "accepted")
    ]
    hex_id = market.handoff.replace("-", "")
    assert site.rows("SELECT state FROM handoff_handoff WHERE public_id = ?", hex_id) == [("accepted",)]
    assert sender.again > 0, "no request was met by a kill"
    program.process.terminate()
    assert program.process.wait(20) == 0
    program.remove()


def everything_recorded(site: Site, sender: Sender) -> bool:
    [(waiting,)] = site.rows("SELECT count(*) FROM leads_inbox WHERE quarantined_at IS NULL")
    [(recorded,)] = site.rows("SELECT count(DISTINCT event_id) FROM leads_activity")
    return waiting == 0 and int(str(recorded)) >= len(sender.accepted)
