"""Is what grew event by event what a rebuild from raw gives? Each lead is compared at its own as-of day."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.common.locks import Lock, lock_alone
from leadqual.common.progress import Progress
from leadqual.leads.models import Lead
from leadqual.scoring import ledger, scores
from leadqual.scoring.chosen import Ids
from leadqual.scoring.compiled import CompiledModel, compiled
from leadqual.scoring.dialect import prepare
from leadqual.scoring.models import LeadScore, ModelState, ScoringModel

AT_ONCE = 5000


@dataclass(slots=True)
class Checked:
    """Hits that a rebuild has and the ledger has not, and the other way round; leads whose score is another one."""

    leads: int = 0
    missing: int = 0
    extra: int = 0
    scores_different: int = 0

    @property
    def clean(self) -> bool:
        return not (self.missing or self.extra or self.scores_different)

    def as_json(self) -> dict[str, int]:
        return asdict(self)


def check_ledger(*, progress: Progress | None = None) -> Checked:
    """Reads only. Leads that have no score yet are counted as different once anybody has one."""
    model = ScoringModel.objects.filter(state=ModelState.LIVE).first()
    if model is None:
        raise LeadqualError("no_live_model", _("no scoring model is live: there is nothing to check"))
    checked, total = Checked(), Lead.objects.count()
    if model.as_of is None:
        return checked
    rules = compiled(model)
    for low, high in _ranges():
        with transaction.atomic():
            lock_alone(Lock.LEDGER)
            prepare()
            for day, ids in _by_day(model, low, high).items():
                _compare(rules, Ids(ids), day, checked)
            checked.scores_different += _without_score(model, low, high)
        checked.leads += Lead.objects.filter(pk__gte=low, pk__lte=high).count()
        if progress:
            progress(_("checking"), min(checked.leads, total), total)
    return checked


def _ranges() -> Iterator[tuple[int, int]]:
    last = 0
    while ids := list(Lead.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        yield last + 1, ids[-1]
        last = ids[-1]


def _by_day(model: ScoringModel, low: int, high: int) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    rows = LeadScore.objects.filter(model=model.pk, lead__gte=low, lead__lte=high).order_by("lead_id")
    for lead, as_of in rows.values_list("lead_id", "as_of"):
        found[as_of].append(lead)
    return found


def _without_score(model: ScoringModel, low: int, high: int) -> int:
    leads = Lead.objects.filter(pk__gte=low, pk__lte=high).count()
    return leads - LeadScore.objects.filter(model=model.pk, lead__gte=low, lead__lte=high).count()


def _compare(rules: CompiledModel, chosen: Ids, day: int, checked: Checked) -> None:
    missing, extra = ledger.compare(rules, chosen, day=day)
    checked.missing += missing
    checked.extra += extra
    checked.scores_different += scores.count_different(rules, chosen, day=day)
