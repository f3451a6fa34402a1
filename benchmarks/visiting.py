"""Visitors of a running site, and the publications that they are not to notice."""

import argparse
import http.client
import threading
import time
from dataclasses import dataclass, field

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - models need the set-up
from django.test import Client  # noqa: E402

from benchmarks import scoring  # noqa: E402
from benchmarks.bench import Bench  # noqa: E402
from benchmarks.busy_pages import MOST  # noqa: E402
from benchmarks.design import design  # noqa: E402
from benchmarks.market import LAST_DAY  # noqa: E402
from benchmarks.place import LEADS  # noqa: E402
from benchmarks.writing import settle  # noqa: E402
from handoff.assignment import assign  # noqa: E402
from handoff.models import OPEN, Handoff  # noqa: E402
from handoff.working_day import working_day  # noqa: E402
from leadqual.common import clock  # noqa: E402
from leadqual.common.access import Role, give_role  # noqa: E402
from leadqual.leads.models import Lead  # noqa: E402
from leadqual.scoring import publishing, rescoring, whatif  # noqa: E402
from leadqual.scoring.models import ModelState, ScoringModel  # noqa: E402

BACKEND = "leadqual.common.signing_in.Backend"
WARM = 30  # pages before anything counts
IDLE = 40.0  # seconds at least
LONGEST = 600.0  # seconds for one publication
STEPS = {
    ModelState.BUILDING: "scored",
    ModelState.LIVE: "judged",
    ModelState.RETIRED: "cleared",
}


@dataclass(frozen=True)
class Page:
    name: str
    address: str
    session: str


@dataclass
class Taken:
    """Milliseconds by state of the site ("idle", "scored", ...) and page."""

    times: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    failed: int = 0
    busy: float = 0.0  # seconds of scoring

    def of(self, state: str, page: str) -> list[float]:
        return sorted(self.times.get((state, page), []))


def set_up(scale: str) -> list[Page]:
    """The model published, everybody scored to today, hot leads handed over; addresses and sessions of two people."""
    bench, now = Bench("sqlite", LEADS[scale], LAST_DAY), clock.now()
    design(day=bench.day, now=bench.now, capacity=50)
    scoring.score_everybody(bench)
    rescoring.rescore_due(day=clock.day_of(now), now=now)
    assign(now=now, day=working_day(now))
    settle()
    marketer = get_user_model().objects.create(username="busy-marketer")
    give_role(marketer, Role.MARKETER)
    offer = Handoff.objects.filter(state__in=OPEN).select_related("rep__user").first()
    assert offer is not None and offer.rep is not None, "nobody was handed over"
    if not offer.rep.user.groups.filter(name=Role.REP.value).exists():
        give_role(offer.rep.user, Role.REP)
    person = Lead.objects.get(pk=offer.lead_id)
    return [
        Page("lead list", "/leads/", _session(marketer)),
        Page("lead", f"/leads/{person.public_id}/", _session(marketer)),
        Page("inbox", "/inbox/", _session(offer.rep.user)),
    ]


def _session(user: object) -> str:
    client = Client()
    client.force_login(user, BACKEND)  # type: ignore[arg-type]
    return str(client.cookies["sessionid"].value)


class Visit:
    """Threads that ask for one page after the other, and note what state the site was in."""

    def __init__(self, pages: list[Page], options: argparse.Namespace) -> None:
        self.pages, self.options = pages, options
        self.taken, self.state, self.over = Taken(), "warm", threading.Event()
        self.lock, self.asked = threading.Lock(), 0

    def walk(self, number: int) -> None:
        turn = number
        while not self.over.is_set():
            page, state = self.pages[turn % len(self.pages)], self.state
            turn += 1
            began = time.perf_counter()
            good = self.ask(page)
            taken = (time.perf_counter() - began) * 1000
            with self.lock:
                self.asked += 1
                self.taken.failed += not good
                # What began or ended in another state says nothing about either.
                if state == self.state:
                    self.taken.times.setdefault((state, page.name), []).append(taken)
            time.sleep(self.options.pause)

    def ask(self, page: Page) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.options.port, timeout=60)
        try:
            connection.request("GET", page.address, headers={"Cookie": f"sessionid={page.session}"})
            answer = connection.getresponse()
            answer.read()
            return answer.status == 200
        except OSError:
            return False
        finally:
            connection.close()


def visit(pages: list[Page], options: argparse.Namespace) -> Taken:
    run = Visit(pages, options)
    threads = [threading.Thread(target=run.walk, args=(n,), daemon=True) for n in range(options.visitors)]
    for thread in threads:
        thread.start()
    while run.asked < WARM:
        time.sleep(0.1)
    run.state = "idle"
    time.sleep(IDLE)
    for number in range(options.times):
        publish_and_watch(run)
        print(f"scored anew: {number + 1} of {options.times}", flush=True)
    run.over.set()
    for thread in threads:
        thread.join(70)
    return run.taken


def publish_and_watch(run: Visit) -> None:
    """Only begun here: the sweep inside the site does the work, up to a minute later."""
    now = clock.now()
    live = ScoringModel.objects.get(state=ModelState.LIVE)
    run.state = "beginning"
    draft = publishing.draft_from(live)
    publishing.begin(draft, day=whatif.day_of_publishing(live, now), now=now)
    run.state = "idle"
    deadline, scored_from = time.monotonic() + LONGEST, 0.0
    while time.monotonic() < deadline:
        state = state_of_work()
        if state == "scored" and not scored_from:
            scored_from = time.monotonic()
        if state != "scored" and scored_from and run.state == "scored":
            run.taken.busy += time.monotonic() - scored_from
        if state == "done":
            run.state = "idle"
            return
        run.state = state
        time.sleep(0.02)
    raise TimeoutError("the publication did not end")


def state_of_work() -> str:
    """`idle` until the first range is built; then what the process is at; `done` at the end."""
    rows = ScoringModel.objects.filter(build_position__isnull=False).values_list("state", "build_position")
    working = dict(rows)
    if ModelState.BUILDING in working:
        return "scored" if working[ModelState.BUILDING] else "idle"
    for state in (ModelState.LIVE, ModelState.RETIRED):
        if state in working:
            return STEPS[state]
    return "done"


def show(taken: Taken, options: argparse.Namespace) -> float:
    """The table; the worst ratio of p95 while everybody is scored to idle."""
    print(
        f"\nSQLite, {LEADS[options.scale]:,} leads, {options.visitors} visitors with {options.pause:g} s between pages"
        f", scored anew {options.times} times in {taken.busy:.1f} s; failed requests: {taken.failed}\n"
    )
    print("| page | while | asked | p50 | p95 | p95 to idle |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    worst = 0.0
    for page in ("lead list", "lead", "inbox"):
        idle = _part(taken.of("idle", page), 0.95)
        for state in ("idle", *STEPS.values()):
            times = taken.of(state, page)
            if not times:
                continue
            ratio = _part(times, 0.95) / idle
            worst = max(worst, ratio if state == "scored" else 0.0)
            print(
                f"| {page} | {state} | {len(times)} | {_part(times, 0.5):.0f} ms | {_part(times, 0.95):.0f} ms "
                f"| {ratio:.1f} |"
            )
    print(f"\nworst ratio while scoring: {worst:.1f} of {MOST:g}")
    return worst if not taken.failed and worst else float("inf")


def _part(times: list[float], part: float) -> float:
    return times[min(len(times) - 1, int(len(times) * part))] if times else float("nan")
