"""One lead explained, against fetching it and its company."""

from typing import Any

from benchmarks.bench import Bench, Row
from benchmarks.measuring import Measured, measure
from leadqual.leads.models import Lead
from leadqual.scoring.explaining import explain
from leadqual.scoring.models import ModelState, ScoringModel

LOOKED_AT = 200


def _choose_leads(bench: Bench) -> None:
    bench.notes["as_of"] = ScoringModel.objects.get(state=ModelState.LIVE).as_of
    bench.notes["chosen"] = [bench.chance.randrange(bench.leads) + 1 for _ in range(LOOKED_AT)]


def _fetch(bench: Bench) -> Measured:
    def work() -> None:
        for pk in bench.notes["chosen"]:
            lead = Lead.objects.select_related("company").get(pk=pk)
            str(lead.company)

    return measure(work)


def _explain(bench: Bench) -> dict[str, Any]:
    """With the fetching of the lead: that is what a page does."""
    lines = 0
    for pk in bench.notes["chosen"]:
        lead = Lead.objects.get(pk=pk)
        lines += len(explain(lead, day=bench.notes["as_of"]).lines)
    return {"lines": round(lines / LOOKED_AT, 1)}


ROWS = [
    Row("explain", "one lead explained (floor: lead and company through the ORM)", "own",
        {"postgresql": 4.0, "sqlite": 4.0}, _explain, prepare=_choose_leads, own_floor=_fetch,
        per=lambda bench: 1, scaled=False),
]  # fmt: skip
