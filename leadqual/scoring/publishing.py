"""A draft goes live. The first model at once; every later one is built beside the live one and swapped in.

Editing what is live means a draft based on it (`draft_from`). An interrupted publication is finished by `resume`.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from leadqual.common.batches import batches
from leadqual.common.errors import LeadqualError
from leadqual.common.locks import Lock, lock_alone
from leadqual.common.progress import Progress
from leadqual.scoring import building
from leadqual.scoring.as_of import refuse_going_back
from leadqual.scoring.candidates import able, coolable, planned_for_reading, with_points
from leadqual.scoring.compiled import compiled
from leadqual.scoring.freezing import freeze
from leadqual.scoring.matching import forget_model, write_model
from leadqual.scoring.models import ModelState, Qualification, RuleGroup, ScoringModel, ScoringRule
from leadqual.scoring.qualification import SIZE, Judged
from leadqual.scoring.reopening import may_open
from leadqual.scoring.validation import problems, refuse_if_blocked


@dataclass(frozen=True, slots=True)
class Preview:
    """What happens to hot leads when the model goes live: to be seen before newly hot ones are released."""

    newly_hot: int
    stay: int
    end: int


@dataclass(frozen=True, slots=True)
class Published:
    """`preview` and `judged` are empty for the first model: it goes live without scores."""

    model: ScoringModel
    first: bool
    preview: Preview | None = None
    judged: Judged | None = None


def publish(
    model: ScoringModel,
    *,
    day: int,
    now: datetime,
    by: Any = None,
    release_hot: bool = False,
    progress: Progress | None = None,
    previewed: Callable[[Preview], None] | None = None,
) -> Published:
    """Freezes the draft and makes it live; of several at once exactly one is published, the others are told.

    `previewed` gets the numbers when the scores are there and nothing is swapped yet.
    """
    begun = begin(model, day=day, now=now, by=by, release_hot=release_hot)
    if begun.state == ModelState.LIVE:
        return Published(begun, first=True)
    return finish(begun, now=now, progress=progress, previewed=previewed)


def begin(
    model: ScoringModel, *, day: int, now: datetime, by: Any = None, release_hot: bool = False
) -> ScoringModel:
    """Frozen, and live or being built: from here on events count for the model too."""
    with transaction.atomic():
        # Alone: publishers come one after the other, and no event in flight brings a signature nobody matches.
        lock_alone(Lock.LEDGER)
        draft = ScoringModel.objects.select_for_update().filter(pk=model.pk).first()
        if draft is None:
            raise LeadqualError("unknown_model", _("there is no such scoring model any more"), str(model))
        _refuse_unpublishable(draft, day)
        return _begun(draft, day=day, now=now, by=by, release_hot=release_hot)


def _refuse_unpublishable(draft: ScoringModel, day: int) -> None:
    if draft.state != ModelState.DRAFT:
        message = _("cannot be published: it is not a draft (%s)") % draft.get_state_display()
        raise LeadqualError("not_a_draft", message, str(draft))
    if other := ScoringModel.objects.filter(state=ModelState.BUILDING).first():
        raise LeadqualError(
            "publishing_already", _("another model is being published: %s") % other, str(draft)
        )
    refuse_going_back(day)
    refuse_if_blocked(problems(draft), draft)


def _begun(draft: ScoringModel, *, day: int, now: datetime, by: Any, release_hot: bool) -> ScoringModel:
    old = ScoringModel.objects.filter(state=ModelState.LIVE).first()
    first = old is None or old.as_of is None
    if old and first:  # live, but nobody was ever scored by it: there is nothing to build beside
        forget_model(compiled(old))
        old.state, old.retired_at, old.retired_day = ModelState.RETIRED, now, day
        old.save(update_fields=["state", "retired_at", "retired_day"])
    draft.frozen = freeze(draft)
    draft.state = ModelState.LIVE if first else ModelState.BUILDING
    draft.build_position = None if first else 0
    draft.as_of = None
    draft.released_hot = release_hot
    draft.published_at, draft.published_day = now, day
    draft.by = by
    draft.save()
    write_model(compiled(draft))
    return draft


def finish(
    model: ScoringModel,
    *,
    now: datetime,
    progress: Progress | None = None,
    previewed: Callable[[Preview], None] | None = None,
    until: float | None = None,
) -> Published:
    """From being built to live; goes on wherever it stands."""
    seen: Preview | None = None
    while building.build(model.pk, now=now, progress=progress, until=until):
        model.refresh_from_db()
        seen = preview(model)
        if previewed:
            previewed(seen)
        if building.swap(model.pk, now=now):
            break
    judged = building.settle(model.pk, now=now, progress=progress, until=until)
    for retired in ScoringModel.objects.filter(state=ModelState.RETIRED, build_position__isnull=False):
        building.clear(retired.pk, progress=progress, until=until)
    model.refresh_from_db()
    if model.state != ModelState.LIVE:
        raise LeadqualError("discarded", _("somebody has discarded the publication meanwhile"), str(model))
    return Published(model, first=False, preview=seen, judged=judged)


def resume(
    *, now: datetime, progress: Progress | None = None, seconds: float | None = None
) -> list[ScoringModel]:
    """Finishes what an interrupted publication left; the models it worked on. For the sweep.

    With `seconds` it begins no step after them, and the next sweep goes on.
    """
    until = None if seconds is None else monotonic() + seconds
    worked = []
    with suppress(building.OutOfTime):
        for model in ScoringModel.objects.filter(build_position__isnull=False).order_by("pk"):
            worked.append(model)
            if model.state == ModelState.BUILDING:
                finish(model, now=now, progress=progress, until=until)
            elif model.state == ModelState.LIVE:
                building.settle(model.pk, now=now, progress=progress, until=until)
            else:
                building.clear(model.pk, progress=progress, until=until)
    return worked


def preview(model: ScoringModel) -> Preview:
    """Of a model that is built; a handful of statements per 5,000 leads that could become hot."""
    day, newly_hot = building.built_for(model), 0
    with planned_for_reading():
        for leads in batches(with_points(model), SIZE):
            newly_hot += len(may_open(able(leads, model, day=day), model, day=day))
        end = coolable(model).count()
        stay = Qualification.objects.filter(ended_day=None).count() - end
    return Preview(newly_hot=newly_hot, stay=stay, end=end)


def discard(model: ScoringModel, *, now: datetime) -> ScoringModel:
    """Gives up a publication that is still being built: the model is a draft again, the live one stays."""
    with transaction.atomic():
        lock_alone(Lock.LEDGER)
        given_up = ScoringModel.objects.filter(pk=model.pk, state=ModelState.BUILDING).first()
        if given_up is None:
            raise LeadqualError("not_building", _("only what is being built can be discarded"), str(model))
        forget_model(compiled(given_up))
        given_up.state, given_up.frozen = ModelState.DRAFT, None
        given_up.build_position = given_up.as_of = None
        given_up.published_at = given_up.published_day = None
        given_up.save()
    building.clear_discarded(model.pk)
    model.refresh_from_db()
    return model


def draft_from(model: ScoringModel, *, by: Any = None) -> ScoringModel:
    """The next version of the model, a draft with the same groups and rules, to be edited."""
    with transaction.atomic():
        versions = ScoringModel.objects.select_for_update().filter(name=model.name)
        list(versions.values_list("pk", flat=True))  # two at once wait here, and get two numbers
        latest = ScoringModel.objects.filter(name=model.name).aggregate(latest=Max("version"))["latest"]
        draft = ScoringModel.objects.create(
            name=model.name,
            version=latest + 1,
            based_on=model,
            by=by,
            **{name: getattr(model, name) for name in NUMBERS},
        )
        groups = {group.pk: _copied(group, draft) for group in model.groups.all()}
        RuleGroup.objects.bulk_create(groups.values())
        rules = [_copied(rule, draft) for rule in model.rules.all()]
        for rule in rules:
            rule.group = groups[rule.group_id]
        ScoringRule.objects.bulk_create(rules)
    return draft


NUMBERS = (
    "hot_at",
    "cool_at",
    "cool_down_days",
    "gate_strong_within",
    "gate_active_days",
    "gate_active_within",
    "review_date",
)


def _copied(part: Any, draft: ScoringModel) -> Any:
    part.pk = None
    part._state.adding = True
    part.model = draft
    return part
