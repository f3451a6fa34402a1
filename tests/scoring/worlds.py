"""Random markets: a model of random rules, leads with random attributes, and what can happen to them, day by day."""

import random
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from leadqual.common import clock
from leadqual.leads import bant, recording
from leadqual.leads.companies import edit_company
from leadqual.leads.editing import create_leads, edit_leads
from leadqual.leads.models import Activity, Company, FieldType, Intent, Lead
from leadqual.leads.recording import Event
from leadqual.scoring import publishing
from leadqual.scoring.compiled import compiled
from leadqual.scoring.evaluator import evaluate
from leadqual.scoring.histories import histories
from leadqual.scoring.models import Axis, LeadScore, ModelState, ScoringModel
from leadqual.scoring.rescoring import rescore_due
from tests.leads.factories import a_company, a_custom_field
from tests.scoring.drafts import a_draft, a_group, a_type, attribute, behaviour, inactivity, on

START = clock.day_number(date(2026, 3, 10))
PATHS = ("/", "/pricing/plans", "/docs/a", "/docs/b", "/blog")
SIZES = (None, 1, 10, 500)
LIMITS: tuple[tuple[int | None, str], ...] = (
    (None, ""), (1, "day"), (2, "day"), (2, "week"), (1, "month"), (3, "month"), (1, "ever"), (4, "ever"),
)  # fmt: skip


class World:
    """`today` moves forward; everything that happens is at some moment of it, some acts told late."""

    def __init__(self, seed: int, leads: int = 6) -> None:
        self.random = random.Random(seed)
        self.today = START
        self.told: list[Event] = []
        intents = (Intent.WEAK, Intent.MEDIUM, Intent.STRONG)
        self.types = [a_type(f"kind{n}", intents[n % 3], declared_attributes=["tier"]) for n in range(3)]
        self.types.append(a_type("mail_sent", by_person=False, declared_attributes=["tier"]))
        a_custom_field("size", FieldType.NUMBER)
        a_custom_field("renewal", FieldType.DATE)
        self.companies = [a_company(industry="it"), a_company(industry="retail")]
        with transaction.atomic():
            created = create_leads([self._row() for _ in range(leads)], now=self.now())
        self.leads = [lead.pk for lead in created]

    def now(self) -> datetime:
        return on(self.today)

    def _row(self) -> dict[str, Any]:
        ago = self.random.randrange(0, 200)
        return {"family_name": "L", "created_at": self.now() - timedelta(days=ago)} | self._attributes()

    def _attributes(self) -> dict[str, Any]:
        pick = self.random.choice
        return {
            "title": pick(("", "manager", "buyer")),
            "custom.size": pick(SIZES),
            "custom.renewal": pick((None, clock.date_of(self.today + self.random.randrange(-40, 60)))),
            "company": pick((None, *self.companies)),
        }

    # --- the model ---

    def draft(self, rules: int = 10) -> ScoringModel:
        pick = self.random.choice
        gate = pick(({}, {"gate_strong_within": 20}, {"gate_active_days": 2, "gate_active_within": 30}))
        model = a_draft(f"m{self.random.random()}", hot_at=pick((10, 25)), cool_at=pick((5, 10)), **gate)
        groups = [
            a_group(model, axis=Axis.ENGAGEMENT, cap=pick((None, 12, 30)), floor=pick((None, 0, -20))),
            a_group(model, axis=Axis.ENGAGEMENT, cap=pick((None, 20))),
            a_group(model, axis=Axis.FIT, cap=pick((None, 15)), floor=pick((None, -5))),
        ]
        for _ in range(rules):
            group = pick(groups)
            kind = self.random.random()
            if kind < 0.65:
                self._behaviour(group)
            elif kind < 0.85:
                attribute(group, self._condition(), points=pick((7, 3, -4, 0)))
            else:
                inactivity(group, pick((3, 10, 45)), points=pick((-5, -8, 2)))
        return model

    def _behaviour(self, group: Any) -> None:
        pick = self.random.choice
        most, period = pick(LIMITS)
        behaviour(
            group,
            pick(self.types),
            points=pick((5, 10, 1, 0, -3)),
            where=pick((None, {"url": "/docs*"}, {"tier": "gold"}, {"url": ["/", "/pricing*"]})),
            limit_count=most,
            limit_period=period,
            window_days=pick((1, 7, 30, 90, 365)),
            half_life_days=pick((None, 5, 14, 60)),
        )

    def _condition(self) -> dict[str, Any]:
        return self.random.choice(
            (
                {"field": "title", "op": "is", "value": "manager"},
                {"field": "custom.size", "op": "at_least", "value": 10},
                {"field": "custom.renewal", "op": "in_next_days", "value": 30},
                {"not": {"field": "created", "op": "in_last_days", "value": 100}},
                {"field": "bant.budget", "op": "is", "value": "yes"},
                {"any": [
                    {"field": "company.industry", "op": "is", "value": "it"},
                    {"field": "bant.need", "op": "is_known"},
                ]},
            )
        )  # fmt: skip

    # --- what happens ---

    def event(self, event_id: str) -> Event:
        late = self.random.choice((0, 0, 0, 1, 3, 20, 70, 200))
        return Event(
            type=self.random.choice(self.types).key,
            occurred_at=self.now() - timedelta(days=late, minutes=self.random.randrange(0, 600)),
            lead_id=self.random.choice(self.leads),
            path=self.random.choice(PATHS),
            attributes={"tier": self.random.choice(("gold", "tin"))},
            event_id=event_id,
            machine=self.random.random() < 0.05,
        )

    def tell(self, count: int) -> None:
        """New acts, some twice, in any order."""
        events = [self.event(f"e{self.random.random()}") for _ in range(count)]
        again = self.random.sample(self.told, min(len(self.told), 2))
        self.told += events
        mixed = [*events, *again, *events[:1]]
        self.random.shuffle(mixed)
        with transaction.atomic():
            recording.record(mixed, now=self.now())

    def move(self) -> None:
        acts = list(
            Activity.objects.order_by("?").values_list("pk", flat=True)[: self.random.randrange(1, 5)]
        )
        with transaction.atomic():
            recording.move_activities(acts, self.random.choice(self.leads), now=self.now())

    def flag(self) -> None:
        acts = list(Activity.objects.order_by("?").values_list("pk", flat=True)[:2])
        with transaction.atomic():
            recording.flag_machine(acts, now=self.now(), machine=self.random.random() < 0.7)

    def edit(self) -> None:
        with transaction.atomic():
            edit_leads({self.random.choice(self.leads): self._attributes()}, now=self.now())

    def edit_company(self) -> None:
        company = Company.objects.get(pk=self.random.choice(self.companies).pk)
        with transaction.atomic():
            edit_company(company, {"industry": self.random.choice(("it", "retail"))}, now=self.now())

    def answer(self) -> None:
        lead = Lead.objects.get(pk=self.random.choice(self.leads))
        until = self.random.choice((None, self.today, self.today + 9))
        letter, value = self.random.choice(("budget", "need")), self.random.choice(("yes", "no"))
        with transaction.atomic():
            bant.answer(lead, letter, value, now=self.now(), until_day=until)

    def arrive(self) -> None:
        with transaction.atomic():
            self.leads += [lead.pk for lead in create_leads([self._row()], now=self.now())]

    def erase(self) -> None:
        with transaction.atomic():
            recording.erase_activities(self.random.choice(self.leads), now=self.now())

    def sleep(self) -> None:
        """Days pass, and the daily run comes; now and then it does not."""
        self.today += self.random.choice((1, 1, 1, 2, 6, 33, 40))
        if self.random.random() < 0.9:
            rescore_due(day=self.today, now=self.now())

    def publish(self) -> None:
        publishing.publish(self.draft(self.random.randrange(3, 14)), day=self.today, now=self.now())

    def something(self) -> None:
        happening = self.random.choices(
            (lambda: self.tell(6), self.move, self.flag, self.edit, self.edit_company, self.answer, self.arrive,
             self.erase, self.sleep, self.publish),
            weights=(10, 3, 3, 4, 2, 3, 1, 1, 8, 1),
        )[0]  # fmt: skip
        happening()


Row = tuple[int, int, int, int | None]


def stored(model: ScoringModel) -> dict[int, Row]:
    rows = LeadScore.objects.filter(model=model.pk)
    return {
        lead: rest for lead, *rest in rows.values_list("lead_id", "total", "fit", "engagement", "next_change")
    }


def replayed(model: ScoringModel) -> dict[int, list[int | None]]:
    """Every lead from scratch, each at the day its score is of."""
    rules, found = compiled(model), {}
    for lead, day in LeadScore.objects.filter(model=model.pk).values_list("lead_id", "as_of"):
        score = evaluate(rules, histories([lead], rules, day=day)[lead], day=day)
        found[lead] = [score.total, score.fit, score.engagement, score.next_change]
    return found


def live() -> ScoringModel:
    return ScoringModel.objects.get(state=ModelState.LIVE)
