"""What would happen if a draft were live: every lead scored by the evaluator, nothing of the live scores touched.

The evaluator gives the same points as the statements that publish (a test holds them equal), and who becomes hot is
asked by the same questions. Worked off in slices by whoever waits for it, each stored, so that a long one goes on
where it was; two at once do each slice once.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from django.db.models import BooleanField, Exists, OuterRef
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.leads.models import Lead
from leadqual.scoring.as_of import working_day
from leadqual.scoring.candidates import NEVER_HOT
from leadqual.scoring.compiled import CompiledModel, compile_frozen
from leadqual.scoring.evaluator import evaluate
from leadqual.scoring.freezing import freeze
from leadqual.scoring.gates import gate_sql
from leadqual.scoring.histories import histories
from leadqual.scoring.models import LeadScore, ModelState, Qualification, ScoringModel, Trial
from leadqual.scoring.reopening import may_open
from leadqual.scoring.validation import problems, refuse_if_blocked

SLICE = 1000
KEPT_MOVES = 50


@dataclass
class Found:
    """What one slice of leads would become."""

    changed: int = 0
    higher: int = 0
    staying: int = 0
    newly_hot: list[int] = field(default_factory=list)
    ending: list[int] = field(default_factory=list)
    moved: list[list[int]] = field(default_factory=list)
    fired: Counter[str] = field(default_factory=Counter)


def digest_of(frozen: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(frozen, sort_keys=True).encode()).hexdigest()


def still_good(
    trial: Trial | None, frozen: Mapping[str, Any], live: ScoringModel | None, *, now: datetime
) -> Trial | None:
    """The stored one, if it is about what the draft says now, against what is live now, on the day of now."""
    if trial is None or trial.digest != digest_of(frozen) or trial.against_id != (live.pk if live else None):
        return None
    return trial if trial.day == day_of_publishing(live, now) else None


def day_of_publishing(live: ScoringModel | None, now: datetime) -> int:
    """The day on which a draft that went live now would score."""
    if live is None or live.as_of is None:
        return clock.day_of(now)
    return working_day(live.as_of, now)


def idle_rules(trial: Trial, frozen: Mapping[str, Any]) -> list[str]:
    """Names of the rules that give nobody any points: asked for in vain, or never to happen."""
    rows = [row for row in frozen["rules"] if row["group"] is not None]
    return [row["name"] for row in rows if not trial.fired.get(str(row["id"]))]


def begin_trial(model: ScoringModel, *, now: datetime, by: Any = None) -> Trial:
    """From the first lead on, whatever was stored. Refused for what could not be published."""
    if model.state != ModelState.DRAFT:
        raise LeadqualError("not_a_draft", _("only a draft can be tried"), str(model))
    refuse_if_blocked(problems(model), model)
    live = ScoringModel.objects.filter(state=ModelState.LIVE).defer("frozen").first()
    values = {
        "against": live,
        "digest": digest_of(freeze(model)),
        "day": day_of_publishing(live, now),
        "leads": Lead.objects.count(),
        "begun_at": now,
        "finished_at": None,
        "by": by,
        "newly_hot": [],
        "ending": [],
        "moved": [],
        "fired": {},
        **dict.fromkeys(("done", "position", "changed", "higher", "staying"), 0),
    }
    trial, _made = Trial.objects.update_or_create(model=model, defaults=values)
    return trial


def advance(trial: Trial, *, now: datetime, seconds: float) -> Trial:
    """Goes on for about so long, or to the end; LeadqualError when the draft was edited meanwhile."""
    draft = ScoringModel.objects.get(pk=trial.model_id)
    frozen = freeze(draft)
    if digest_of(frozen) != trial.digest:
        raise LeadqualError("draft_edited", _("the draft was edited meanwhile"), str(draft))
    rules, until = compile_frozen(draft.pk, frozen), monotonic() + seconds
    while trial.finished_at is None and monotonic() < until:
        ids = list(
            Lead.objects.filter(pk__gt=trial.position).order_by("pk").values_list("pk", flat=True)[:SLICE]
        )
        _store(trial, ids, _look(ids, draft, rules, trial) if ids else Found(), now)
    return trial


def _store(trial: Trial, ids: list[int], found: Found, now: datetime) -> None:
    """By whoever comes first; the other goes on from what that one has stored."""
    moved = sorted([*trial.moved, *found.moved], key=lambda row: (-abs(row[2] - row[1]), row[0]))
    values: dict[str, Any] = {
        "position": ids[-1] if ids else trial.position,
        "done": trial.done + len(ids),
        "changed": trial.changed + found.changed,
        "higher": trial.higher + found.higher,
        "staying": trial.staying + found.staying,
        "newly_hot": [*trial.newly_hot, *found.newly_hot],
        "ending": [*trial.ending, *found.ending],
        "moved": moved[:KEPT_MOVES],
        "fired": Counter(trial.fired) + found.fired,
        "finished_at": None if ids else now,
    }
    mine = Trial.objects.filter(
        pk=trial.pk, position=trial.position, begun_at=trial.begun_at, finished_at=None
    )
    mine.update(**values)
    trial.refresh_from_db()


def _look(ids: Collection[int], draft: ScoringModel, rules: CompiledModel, trial: Trial) -> Found:
    """Some fifteen queries, however many leads."""
    day, found = trial.day, Found()
    known = histories(ids, rules, day=day)
    totals = {}
    for lead, history in known.items():
        score = evaluate(rules, history, day=day)
        totals[lead] = score.total
        found.fired.update(str(line.rule.id) for line in score.lines)
    scores = LeadScore.objects.filter(model=trial.against_id, lead__in=ids)
    before = dict(scores.values_list("lead_id", "total"))
    for lead, total in totals.items():
        old = before.get(lead)
        if old != total:
            found.changed += 1
            found.higher += total > (old or 0)
            found.moved.append([lead, old or 0, total])
    found.moved = sorted(found.moved, key=lambda row: -abs(row[2] - row[1]))[:KEPT_MOVES]
    hot = set(Qualification.objects.filter(ended_day=None, lead__in=ids).values_list("lead_id", flat=True))
    found.ending = sorted(lead for lead in hot if lead in totals and totals[lead] < draft.cool_at)
    found.staying = len(hot) - len(found.ending)
    enough = {lead for lead, total in totals.items() if total >= draft.hot_at and lead not in hot}
    found.newly_hot = sorted(may_open(_able(enough, rules, day), draft, day=day)) if enough else []
    return found


def _able(leads: Collection[int], rules: CompiledModel, day: int) -> list[int]:
    """Those with enough points whom nothing else keeps: the questions of `candidates.able`, asked of the leads."""
    gate, params = gate_sql(rules, day=day, lead=f"{Lead._meta.db_table}.id")
    open_one = Qualification.objects.filter(lead_id=OuterRef("pk"), ended_day=None)
    able = Lead.objects.filter(pk__in=leads, with_sales=False).exclude(status__in=NEVER_HOT)
    return list(
        able.filter(~Exists(open_one), RawSQL(gate, params, BooleanField())).values_list("pk", flat=True)
    )
