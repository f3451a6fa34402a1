"""Whatever happens in whatever order, the stored scores are those of a replay from scratch."""

import pytest

from leadqual.leads.models import Lead
from leadqual.scoring.checking import check_ledger
from leadqual.scoring.rescoring import rebuild_all, rescore_all, rescore_due
from tests.scoring.worlds import World, live, replayed, stored

pytestmark = pytest.mark.django_db

SEEDS = 12


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_histories_end_in_the_scores_of_a_replay(seed: int) -> None:
    print("seed", seed)
    world = World(seed)
    world.publish()
    world.tell(20)
    rescore_due(day=world.today, now=world.now())
    for step in range(25):
        world.something()
        model = live()
        if model.as_of is not None:
            assert stored(model) == replayed(model), f"seed {seed} step {step}"
    rescore_due(day=world.today, now=world.now())
    model = live()
    assert set(stored(model)) == set(Lead.objects.values_list("pk", flat=True))
    assert stored(model) == replayed(model)
    assert check_ledger().as_json() | {"leads": 0} == {
        "leads": 0,
        "missing": 0,
        "extra": 0,
        "scores_different": 0,
    }
    for run in (rescore_all, rebuild_all):
        before = stored(model)
        run(day=world.today, now=world.now())
        assert stored(model) == before
        assert check_ledger().clean
