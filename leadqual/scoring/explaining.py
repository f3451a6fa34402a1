"""Why a lead has its points, on any day: every line, what was cut, the gate, and what would make it hot.

Today comes from the ledger and the score row; a past day, or a day on which facts may have flipped, from raw acts and
attributes as they were then, under the model that was live then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db import connection
from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.leads.models import Lead
from leadqual.scoring import gates
from leadqual.scoring.compiled import CompiledModel, compiled
from leadqual.scoring.evaluator import Cut, Line, Score, Standing, line_of, score, standing
from leadqual.scoring.gates import GateState
from leadqual.scoring.histories import histories
from leadqual.scoring.models import ModelState, ScoringModel

HOT, WARM, COLD = "hot", "warm", "cold"


@dataclass(frozen=True)
class Explanation:
    """`lines` and `cuts` add up to `total`. `days` are the lead's own days of acts that the gate looks at."""

    day: int
    model: CompiledModel
    first_live_day: int
    exists_since: int | None  # a day after `day`, if the lead was not there yet
    score: Score
    known: Standing
    days: Sequence[tuple[int, bool]]

    @property
    def total(self) -> int:
        return self.score.total

    @property
    def fit(self) -> int:
        return self.score.fit

    @property
    def engagement(self) -> int:
        return self.score.engagement

    @property
    def lines(self) -> Sequence[Line]:
        return self.score.lines

    @property
    def cuts(self) -> Sequence[Cut]:
        return self.score.cuts

    @property
    def band(self) -> str:
        if self.total >= self.model.hot_at:
            return HOT
        return WARM if self.total >= self.model.cool_at else COLD

    @cached_property
    def gate(self) -> GateState:
        return gates.gate_state(self.model, self.days, day=self.day)

    @property
    def missing_points(self) -> int:
        return max(0, self.model.hot_at - self.total)

    @property
    def before_first_model(self) -> bool:
        """No model was live on that day: explained by the first that was."""
        return self.day < self.first_live_day

    def falls_to(self, line: Line) -> int:
        """What the line gives from its `next_day` on, if nothing happens."""
        assert line.next_day is not None
        then = line_of(line.rule, self.known, line.next_day)
        return then.points if then else 0


def explain(lead: Lead, *, day: int | None = None) -> Explanation:
    """Without a day, as of the day that the scores stand at. Reads only."""
    live = ScoringModel.objects.filter(state=ModelState.LIVE).defer("frozen").first()
    if live is None:
        raise LeadqualError("no_live_model", _("no scoring model is live: there is nothing to explain"))
    day = day if day is not None else live.as_of if live.as_of is not None else clock.today()
    if day >= (live.published_day or 0) and (known := _from_ledger(lead, live, day)) is not None:
        return _explained(lead, compiled(live), known, day, first_live_day=day)
    return _from_raw(lead, day)


def _from_ledger(lead: Lead, live: ScoringModel, day: int) -> Standing | None:
    """What is stored, where it is good for the day: two reads by key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT as_of, facts, facts_until, last_act FROM scoring_leadscore WHERE model_id = %s AND lead_id = %s",
            [live.pk, lead.pk],
        )
        row = cursor.fetchone()
        if row is None or day < row[0] or (row[2] is not None and row[2] <= day):
            return None
        cursor.execute(
            "SELECT rule_id, day, n FROM scoring_rulehit WHERE lead_id = %s ORDER BY rule_id, day", [lead.pk]
        )
        hits: dict[int, list[tuple[int, int]]] = {}
        for rule, hit_day, n in cursor.fetchall():
            hits.setdefault(rule, []).append((hit_day, n))
    return Standing(hits, row[1], row[2], row[3])


def _from_raw(lead: Lead, day: int) -> Explanation:
    model = model_on(day)
    rules = compiled(model)
    history = histories([lead.pk], rules, day=day, as_of=day)[lead.pk]
    known = standing(rules, history, day=day)
    since = _exists_since(lead)
    if since > day:
        # Nothing was known of this person then; what they are must not be read back into that day.
        known = Standing({}, 0, None, day)
    first = model.published_day if model.published_day is not None else day
    return _explained(
        lead, rules, known, day, first_live_day=first, exists_since=since if since > day else None
    )


def _explained(
    lead: Lead,
    rules: CompiledModel,
    known: Standing,
    day: int,
    *,
    first_live_day: int,
    exists_since: int | None = None,
) -> Explanation:
    days = gates.own_days(rules, lead.pk, day=day) if rules.gate.asks else []
    return Explanation(day, rules, first_live_day, exists_since, score(rules, known, day=day), known, days)


def _exists_since(lead: Lead) -> int:
    """Acts may have been brought along from before the lead was entered."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT MIN(day) FROM leads_activity WHERE lead_id = %s AND NOT machine", [lead.pk])
        first_act = cursor.fetchone()[0]
    return lead.created_day if first_act is None else min(first_act, lead.created_day)


def model_on(day: int) -> ScoringModel:
    """The model that was live at the end of the day; before there was any, the first."""
    published = ScoringModel.objects.filter(state__in=(ModelState.LIVE, ModelState.RETIRED))
    then = published.filter(published_day__lte=day).order_by("-published_day", "-published_at", "-pk").first()
    found = then or published.order_by("published_day", "published_at", "pk").first()
    if found is None:
        raise LeadqualError("no_live_model", _("no scoring model is live: there is nothing to explain"))
    return found
