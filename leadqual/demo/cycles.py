"""What the demo company has learnt from its reports: one cycle that is over, one that is being planned."""

from datetime import timedelta

from django.contrib.auth import get_user_model

from leadqual.common import clock
from leadqual.demo.design import MARKETER
from leadqual.demo.scoring_design import SECOND_LIVE
from leadqual.demo.tongues import Tongue
from leadqual.improvement.cycles import decide, measure_after, open_cycle, start
from leadqual.improvement.metrics import Metric
from leadqual.improvement.models import Decision, Step
from leadqual.scoring.models import ModelState, ScoringModel

MEASURED_AFTER = 120  # days after the change


def run_cycles(t: Tongue, *, day: int) -> None:
    by = get_user_model().objects.get(username=MARKETER)
    changed = clock.start_of(day - SECOND_LIVE) + timedelta(hours=15)
    review = changed + timedelta(days=MEASURED_AFTER)
    over = {
        "title": t("メール開封だけのホットリードをなくす", "No more hot leads by opened mails alone"),
        "step": Step.SCORING,
        "hypothesis": t(
            "メールを開いただけのリードを渡さなければ、受注率が上がる。",
            "If nobody is handed over for opened mails alone, more of them buy.",
        ),
        "change": t(
            "第2版:開封は週1回1点まで、強い行動を必須条件にし、減衰を加えた。",
            "Version 2: an opened mail counts once a week, a strong act is needed, points decay.",
        ),
        "model": ScoringModel.objects.get(state=ModelState.LIVE),
        "owner": by,
        "metric": Metric.WON,
        "due": clock.date_of(day - SECOND_LIVE + MEASURED_AFTER),
    }
    cycle = open_cycle(over, now=changed - timedelta(days=3), by=by)
    cycle = start(cycle, now=changed + timedelta(days=1), by=by)
    cycle = measure_after(cycle, now=review, by=by)
    learnt = t(
        "件数が少なく、差はまだ断定できない。運用は続ける。",
        "Too few to be sure of a difference; we keep it.",
    )
    decide(cycle, Decision.KEEP, learnt=learnt, now=review, by=by)
    planned = {
        "title": t("大企業の加点を見直す", "Think again about the points for large companies"),
        "step": Step.SCORING,
        "hypothesis": t(
            "従業員1,000名以上の15点は受注につながっていない。外せば受注率が上がる。",
            "The 15 points for 1,000 people or more bring no customers; without them more of the hot leads buy.",
        ),
        "owner": by,
        "metric": Metric.WON,
        "due": clock.date_of(day + 45),
    }
    open_cycle(planned, now=clock.start_of(day - 2) + timedelta(hours=16), by=by)
