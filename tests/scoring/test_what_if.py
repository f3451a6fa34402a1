"""What the preview says is what publishing then does, on random markets and at every threshold."""

import random
from typing import Any

import pytest
from django.db import transaction

from leadqual.common.errors import LeadqualError
from leadqual.leads import lifecycle
from leadqual.leads.models import Lead, Status
from leadqual.scoring import publishing, whatif
from leadqual.scoring.compiled import compiled
from leadqual.scoring.firing import firing
from leadqual.scoring.models import LeadScore, ModelState, Qualification, ScoringModel, Trial
from leadqual.scoring.rescoring import rescore_due
from tests.scoring.drafts import a_draft, a_group, a_type, act, behaviour, on
from tests.scoring.worlds import World, live

pytestmark = pytest.mark.django_db(transaction=True)


def tried(draft: ScoringModel, world: World) -> Trial:
    trial = whatif.begin_trial(draft, now=world.now())
    return whatif.advance(trial, now=world.now(), seconds=60)


def totals(model: ScoringModel) -> dict[int, int]:
    return dict(LeadScore.objects.filter(model=model.pk).values_list("lead_id", "total"))


def a_market(seed: int) -> World:
    """A live model, a past of acts, some leads hot, some with sales, some customers."""
    world = World(seed, leads=30)
    publishing.publish(world.draft(12), day=world.today, now=world.now())
    rescore_due(day=world.today, now=world.now())
    for _ in range(14):
        world.tell(12)
        world.sleep()
    world.today = max(world.today, live().as_of or 0)
    rescore_due(day=world.today, now=world.now())
    chosen = world.random.sample(world.leads, 6)
    Lead.objects.filter(pk__in=chosen[:3]).update(with_sales=True)
    with transaction.atomic():
        lifecycle.set_status(set(chosen[3:5]), Status.CUSTOMER, now=world.now(), why="won")
    return world


@pytest.mark.parametrize("run", range(6))
def test_the_numbers_and_the_leads_are_those_of_publishing(run: int) -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    world = a_market(seed)
    draft, before, old = world.draft(12), live(), totals(live())
    hot_before = set(Qualification.objects.filter(ended_day=None).values_list("lead_id", flat=True))
    trial = tried(draft, world)
    published = publishing.publish(draft, day=world.today, now=world.now())
    new = totals(published.model)
    changed = {lead for lead in new if old.get(lead) != new[lead]}
    assert trial.against_id == before.pk
    assert trial.changed == len(changed)
    assert trial.higher == sum(new[lead] > (old.get(lead) or 0) for lead in changed)
    assert {(lead, now) for lead, _was, now in trial.moved} <= {(lead, new[lead]) for lead in changed}
    assert published.judged is not None
    assert set(trial.newly_hot) == published.judged.opened
    assert set(trial.ending) == published.judged.ended
    rules = compiled(published.model)
    counted = firing(rules, day=world.today, now=world.now())
    assert trial.fired == {str(rule): each.leads for rule, each in counted.by_rule.items() if each.leads}
    idle = whatif.idle_rules(trial, published.model.frozen or {})
    assert set(idle) >= {rule.name for rule in rules.rules if not counted.by_rule.get(rule.id)}
    assert trial.staying == len(hot_before) - len(published.judged.ended)
    assert published.preview is not None
    assert (len(trial.newly_hot), trial.staying, len(trial.ending)) == (
        published.preview.newly_hot, published.preview.stay, published.preview.end,
    )  # fmt: skip


def test_trying_touches_nothing_that_is_live() -> None:
    world = a_market(7)
    draft = world.draft(8)

    def everything() -> list[Any]:
        return [
            list(LeadScore.objects.order_by("pk").values()),
            list(Qualification.objects.order_by("pk").values()),
            list(ScoringModel.objects.order_by("pk").values()),
        ]

    before = everything()
    tried(draft, world)
    assert everything() == before


def test_a_trial_in_slices_by_two_at_once_counts_every_lead_once(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_market(11)
    draft = world.draft(8)
    whole = tried(draft, world)
    wanted = (whole.done, whole.changed, sorted(whole.newly_hot), sorted(whole.ending), whole.staying)
    monkeypatch.setattr(whatif, "SLICE", 4)
    trial = whatif.begin_trial(draft, now=world.now())
    other = Trial.objects.get(pk=trial.pk)
    looked: list[bool] = []
    usual = whatif._look

    def meanwhile(ids: Any, *rest: Any) -> Any:
        found = usual(ids, *rest)
        if not looked:  # somebody else does the same slice, and is quicker
            looked.append(True)
            whatif._store(other, list(ids), usual(ids, *rest), world.now())
        return found

    monkeypatch.setattr(whatif, "_look", meanwhile)
    trial = whatif.advance(trial, now=world.now(), seconds=60)
    assert (trial.done, trial.changed, sorted(trial.newly_hot), sorted(trial.ending), trial.staying) == wanted
    assert trial.leads == trial.done == Lead.objects.count()


def test_a_slice_of_no_time_stops_and_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_market(13)
    draft = world.draft(8)
    monkeypatch.setattr(whatif, "SLICE", 4)
    trial = whatif.begin_trial(draft, now=world.now())
    assert whatif.advance(trial, now=world.now(), seconds=0).done == 0
    clock = iter(range(10**6))
    monkeypatch.setattr(whatif, "monotonic", lambda: next(clock))
    seen = []
    while trial.finished_at is None:
        trial = whatif.advance(trial, now=world.now(), seconds=2)
        seen.append(trial.done)
    assert seen[0] == 4
    assert seen == sorted(seen)
    assert seen[-1] == Lead.objects.count()


def test_a_trial_is_no_longer_good_once_the_draft_or_what_is_live_or_the_day_is_another() -> None:
    world = a_market(17)
    draft = world.draft(8)
    trial = tried(draft, world)

    def good(now: Any = None) -> bool:
        frozen = whatif.freeze(ScoringModel.objects.get(pk=draft.pk))
        return whatif.still_good(trial, frozen, live(), now=now or world.now()) is not None

    assert good()
    assert not good(on(world.today + 1))
    rule = draft.rules.get(pk=draft.rules.order_by("pk").values("pk")[:1])
    rule.points += 1
    rule.save()
    assert not good()
    with pytest.raises(LeadqualError, match="the draft was edited meanwhile"):
        whatif.advance(whatif.begin_trial(draft, now=world.now()), now=world.now(), seconds=0)
        rule.points += 1
        rule.save()
        whatif.advance(trial, now=world.now(), seconds=1)
    rule.points -= 2
    rule.save()
    assert good()
    publishing.publish(world.draft(4), day=world.today, now=world.now())
    assert not good()


def test_what_cannot_be_published_cannot_be_tried() -> None:
    world = a_market(19)
    empty = a_draft("empty")
    with pytest.raises(LeadqualError, match="gives nobody any points"):
        whatif.begin_trial(empty, now=world.now())
    with pytest.raises(LeadqualError, match="only a draft can be tried"):
        whatif.begin_trial(live(), now=world.now())


def test_the_first_model_is_tried_against_nothing() -> None:
    world = World(23, leads=4)
    kind = a_type()
    draft = a_draft(hot_at=10, cool_at=5)
    behaviour(a_group(draft), kind, points=10)
    first, *_rest = Lead.objects.order_by("pk")
    act(first, kind, world.today)
    trial = tried(draft, world)
    assert trial.against_id is None
    assert trial.changed == 4  # of nothing a score is made, also one of no points
    assert trial.newly_hot == [first.pk]
    publishing.publish(draft, day=world.today, now=world.now())
    assert rescore_due(day=world.today, now=world.now()).became_hot == 1
    assert ScoringModel.objects.get(state=ModelState.LIVE).pk == draft.pk
