"""Pages as a marketer asks for them, through all of the middleware; against fetching what they show by one query.

What counts is that a page costs the same in a large market as in a small one: run the scales 1k and 100k and compare
the CPU.
"""

import re
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

from benchmarks.bench import Bench, Row
from benchmarks.measuring import Measured, measure
from leadqual.common.access import Role, give_role
from leadqual.leads.models import Lead

VIEWED = 20


def _enter(bench: Bench) -> None:
    """Signed in, and every page seen once: templates are compiled, statements planned."""
    person, made = get_user_model().objects.get_or_create(username="bench-marketer")
    if made:
        give_role(person, Role.MARKETER)
    client = Client(HTTP_HOST="localhost")
    client.force_login(person)
    ids = [bench.chance.randrange(bench.leads) + 1 for _ in range(VIEWED)]
    people = dict(Lead.objects.filter(pk__in=ids).values_list("pk", "public_id"))
    bench.notes |= {"client": client, "people": [f"/leads/{people[pk]}/" for pk in ids]}
    second = re.search(r'after=([^"&]+)"', _get(bench, "/leads/").content.decode())
    mark = second[1] if second else ""
    bench.notes["list"] = ["/leads/", f"/leads/?after={mark}"] * (VIEWED // 2)
    for address in (*bench.notes["list"][:2], *bench.notes["people"][:3]):
        _get(bench, address)


def _get(bench: Bench, address: str) -> Any:
    answer = bench.notes["client"].get(address)
    assert answer.status_code == 200, address
    return answer


def _view(name: str) -> Any:
    def view(bench: Bench) -> None:
        for address in bench.notes[name]:
            _get(bench, address)

    return view


def _fetch_fifty(bench: Bench) -> Measured:
    def work() -> None:
        for _number in range(VIEWED):
            list(Lead.objects.select_related("company", "owner").order_by("pk")[:50])

    return measure(work)


def _fetch_one(bench: Bench) -> Measured:
    def work() -> None:
        for address in bench.notes["people"]:
            Lead.objects.select_related("company", "owner").get(public_id=address.split("/")[2])

    return measure(work)


ROWS = [
    Row("list", "page of the lead list (floor: 50 leads with company and owner through the ORM)", "own",
        {}, _view("list"), prepare=_enter, own_floor=_fetch_fifty, per=lambda bench: VIEWED, scaled=False),
    Row("lead", "page of a lead (floor: the lead with company and owner through the ORM)", "own",
        {}, _view("people"), prepare=_enter, own_floor=_fetch_one, per=lambda bench: VIEWED, scaled=False),
]  # fmt: skip
