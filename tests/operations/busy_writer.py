"""A process of writers, each with a connection of its own: events come in, leads are edited, reps answer.

`python -m tests.operations.busy_writer SEED THREADS SECONDS`: says "ready", begins at a line on stdin, says in the end
as JSON what was accepted and what went wrong.
"""

import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

django.setup()

from django.db import connection, transaction  # noqa: E402 - models need the set-up

from handoff import answering  # noqa: E402
from handoff.feedback import give_feedback  # noqa: E402
from handoff.models import Bought, Handoff, State  # noqa: E402
from leadqual.common import clock  # noqa: E402
from leadqual.common.errors import LeadqualError  # noqa: E402
from leadqual.leads import inbox  # noqa: E402
from leadqual.leads.editing import edit_leads  # noqa: E402
from leadqual.leads.models import Lead  # noqa: E402


class Writer:
    """Everything it writes bears its name and a number, so that each can be looked for afterwards."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.chance = random.Random(name)
        self.number = 0
        self.accepted: dict[str, list[str]] = defaultdict(list)
        self.refused = 0
        self.errors: list[str] = []
        self.longest = 0.0

    def run(self, seconds: float) -> "Writer":
        leads = dict(Lead.objects.values_list("external_id", "pk"))
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                self.number += 1
                began = time.monotonic()
                self._try(self.chance.choices((self.receive, self.edit, self.answer), (6, 3, 3))[0], leads)
                self.longest = max(self.longest, time.monotonic() - began)
        finally:
            connection.close()
        return self

    def _try(self, write: Callable[[str, dict[str, int]], None], leads: dict[str, int]) -> None:
        try:
            write(f"{self.name} {self.number}", leads)
        except LeadqualError:
            self.refused += 1  # somebody else has answered first
        except Exception as error:
            self.errors.append(f"{type(error).__name__}: {error}")

    def receive(self, mark: str, leads: dict[str, int]) -> None:
        kind = self.chance.choices(("view", "paper", "ask"), (20, 8, 1))[0]
        person = {"external_id": self.chance.choice(list(leads))}
        inbox.receive({"type": kind, "event_id": mark, "lead": person}, now=clock.now())
        self.accepted["events"].append(mark)

    def edit(self, mark: str, leads: dict[str, int]) -> None:
        values = {"title": mark, "seniority": self.chance.choice(("executive", "manager"))}
        with transaction.atomic():
            edit_leads({self.chance.choice(list(leads.values())): values}, now=clock.now())
        self.accepted["edits"].append(mark)

    def answer(self, mark: str, leads: dict[str, int]) -> None:
        waiting = list(Handoff.objects.filter(state=State.OFFERED).order_by("pk")[:3])
        if waiting:
            handoff = answering.accept(self.chance.choice(waiting), now=clock.now())
            self.accepted["answers"].append(str(handoff.pk))
        elif taken := Handoff.objects.filter(state=State.ACCEPTED).order_by("?").first():
            give_feedback(taken, bought=Bought.OPEN, remark=mark, now=clock.now())
            self.accepted["feedback"].append(mark)


def main(seed: str, threads: int, seconds: float) -> None:
    writers = [Writer(f"{seed}.{number}") for number in range(threads)]
    print("ready", flush=True)
    sys.stdin.readline()
    with ThreadPoolExecutor(threads) as pool:
        done = list(pool.map(lambda writer: writer.run(seconds), writers))
    told: list[dict[str, Any]] = [
        {key: getattr(writer, key) for key in ("accepted", "refused", "errors", "longest")} for writer in done
    ]
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
