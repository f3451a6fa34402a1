"""Qualifications against a machine of thirty lines, over random days: what the set-based statements must come to."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from leadqual.leads import lifecycle
from leadqual.leads.models import Intent, Lead, Status
from leadqual.scoring.models import Qualification, ScoringModel
from leadqual.scoring.qualification import end_by_sales, judge, judge_all
from tests.leads.factories import a_lead
from tests.scoring.drafts import DAY, a_type, act, on, scored
from tests.scoring.judging import a_model

pytestmark = pytest.mark.django_db

START = DAY - 1500  # so far back that no day of a run is today
ENDING: dict[str, str] = {
    Status.CUSTOMER: "customer",
    Status.DISQUALIFIED: "disqualified",
    Status.LOST: "sales",
}


@dataclass
class Machine:
    """One lead, by the words of the rules."""

    model: ScoringModel
    total: int | None = None
    status: str = Status.NEW
    with_sales: bool = False
    acts: list[tuple[int, datetime, bool]] = field(default_factory=list)
    past: list[list[Any]] = field(default_factory=list)  # [opened day, ended day, ended at, reason]

    @property
    def open(self) -> bool:
        return bool(self.past) and self.past[-1][1] is None

    def end(self, day: int, at: datetime, reason: str) -> None:
        if self.open:
            self.past[-1][1:] = [day, at, reason]
            if reason == "cooled" and self.status == Status.HOT and not self.with_sales:
                self.status = Status.NURTURING

    def judge(self, day: int, now: datetime) -> None:
        if self.total is None:
            return
        if self.open:
            if self.total < self.model.cool_at:
                self.end(day, now, "cooled")
        elif self.total >= self.model.hot_at and self.free() and self.gate(day) and self.may_again(day):
            self.past.append([day, None, None, ""])
            if self.status in (Status.NEW, Status.NURTURING, Status.RECYCLED, Status.LOST):
                self.status = Status.HOT

    def free(self) -> bool:
        return not self.with_sales and self.status not in (Status.CUSTOMER, Status.DISQUALIFIED)

    def gate(self, day: int) -> bool:
        strong, days, within = (
            self.model.gate_strong_within,
            self.model.gate_active_days,
            self.model.gate_active_within,
        )
        if strong is not None and not any(
            day - strong < at <= day for at, _when, is_strong in self.acts if is_strong
        ):
            return False
        active = {at for at, _when, _strong in self.acts if within is not None and day - within < at <= day}
        return days is None or len(active) >= days

    def may_again(self, day: int) -> bool:
        if not self.past:
            return True
        _opened, ended, at, reason = self.past[-1]
        waited = day >= ended + self.model.cool_down_days
        asked_again = any(
            strong and act_day <= day and (act_day, when) > (ended, at) for act_day, when, strong in self.acts
        )
        return waited and asked_again if reason == "sales" else waited or asked_again


class Run:
    """A few leads, each with its machine, from day to day."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.visit, self.inquiry = a_type("visit"), a_type("inquiry", Intent.STRONG)
        active = self.random.choice([None, None, 1, 3])
        self.model = a_model(
            hot_at=10,
            cool_at=self.random.choice([4, 7, 10]),
            cool_down_days=self.random.choice([0, 1, 5, 12]),
            gate_strong_within=self.random.choice([None, None, 8, 30]),
            gate_active_days=active,
            gate_active_within=None if active is None else active + self.random.randrange(5, 20),
        )
        self.day = START
        self.minute = 0
        self.machines = {lead: Machine(self.model) for lead in (a_lead(now=on(START)) for _n in range(3))}

    def now(self) -> datetime:
        """Every step has its own minute."""
        return on(self.day) + timedelta(minutes=self.minute)

    def step(self) -> None:
        self.minute += 1
        if self.random.random() < 0.5:
            self.day += self.random.choice([1, 1, 1, 2, 4, 5])
            self.minute = 0
        ScoringModel.objects.filter(pk=self.model.pk).update(as_of=self.day)
        lead = self.random.choice(list(self.machines))
        usual = [self.score] * 6 + [self.do] * 5 + [self.sales_ends] * 2 + [self.sales_has, self.status]
        happening = self.random.choice(
            [self.sales_has, self.status] if not self.machines[lead].free() else usual
        )
        happening(lead, self.machines[lead])
        self.judge()

    def score(self, lead: Lead, machine: Machine) -> None:
        machine.total = self.random.choice([0, 3, 4, 6, 7, 9, 10, 10, 11, 11, 20, 20])
        scored(self.model, lead, machine.total)

    def do(self, lead: Lead, machine: Machine) -> None:
        """Now, or told late."""
        strong, ago = self.random.random() < 0.6, self.random.choice([0, 0, 0, 1, 4])
        at = self.now() - timedelta(days=ago)
        act(lead, self.inquiry if strong else self.visit, self.day - ago, at=at)
        machine.acts.append((self.day - ago, at, strong))

    def sales_ends(self, lead: Lead, machine: Machine) -> None:
        assert end_by_sales({lead.pk}, day=self.day, now=self.now()) == ({lead.pk} if machine.open else set())
        machine.end(self.day, self.now(), "sales")

    def sales_has(self, lead: Lead, machine: Machine) -> None:
        machine.with_sales = not machine.with_sales
        Lead.objects.filter(pk=lead.pk).update(with_sales=machine.with_sales)

    def status(self, lead: Lead, machine: Machine) -> None:
        status = self.random.choice(
            [Status.CUSTOMER, Status.DISQUALIFIED, Status.NURTURING, Status.RECYCLED, Status.LOST]
        )
        with transaction.atomic():
            lifecycle.set_status({lead.pk}, status, now=self.now())
        machine.status = status
        if reason := ENDING.get(status):
            machine.end(self.day, self.now(), reason)

    def judge(self) -> None:
        if self.random.random() < 0.3:
            judge_all(self.model, day=self.day, now=self.now())
            judged = set(self.machines)
        else:
            judged = set(self.random.sample(list(self.machines), 2))
            with transaction.atomic():
                judge({lead.pk for lead in judged}, self.model, day=self.day, now=self.now())
        for lead in judged:
            self.machines[lead].judge(self.day, self.now())

    def compare(self) -> None:
        for lead, machine in self.machines.items():
            rows = Qualification.objects.filter(lead=lead).order_by("pk")
            stored = list(rows.values_list("opened_day", "ended_day", "ended_reason"))
            assert stored == [(opened, ended, reason) for opened, ended, _at, reason in machine.past]
            assert Lead.objects.values_list("status", flat=True).get(pk=lead.pk) == machine.status


@pytest.mark.parametrize("seed", range(25))
def test_qualifications_are_those_of_the_machine(seed: int) -> None:
    print("seed", seed)
    run = Run(seed)
    for _step in range(120):
        run.step()
    run.compare()
