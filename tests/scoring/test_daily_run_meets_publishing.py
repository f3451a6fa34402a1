"""A daily run that is on its way when another model goes live."""

from collections.abc import Callable, Iterator

import pytest

from leadqual.scoring import due
from leadqual.scoring.checking import check_ledger
from leadqual.scoring.models import LeadScore, ScoringModel
from leadqual.scoring.publishing import publish
from leadqual.scoring.rescoring import rebuild_all, rescore_all, rescore_due
from tests.scoring.drafts import DAY, on
from tests.scoring.markets import NO_ROWS, Market, replayed, rows_of, totals

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = DAY + 1
Parts = Callable[..., Iterator[due.Part]]


@pytest.fixture
def market(monkeypatch: pytest.MonkeyPatch) -> Market:
    monkeypatch.setattr(due, "DUE", 2)
    monkeypatch.setattr(due, "RANGE", 2)
    market = Market()
    market.open()
    LeadScore.objects.update(next_change=NEXT)
    return market


@pytest.mark.parametrize("parts", [due.due_parts, due.all_parts, due.raw_parts])
def test_a_part_that_begins_after_the_swap_leaves_no_row_of_the_model_before(
    market: Market, parts: Parts
) -> None:
    old = ScoringModel.objects.get(pk=market.first.pk)
    run = parts(old, day=NEXT)
    assert next(run).looked_at == 2
    new = market.draft(15, hot_at=30, cool_at=20)
    publish(new, day=NEXT, now=on(NEXT))
    assert rows_of(old) == NO_ROWS
    assert list(run) == []
    assert rows_of(old) == NO_ROWS
    assert totals(new) == replayed(new, NEXT)


@pytest.mark.parametrize("run", [rescore_due, rescore_all, rebuild_all])
def test_the_run_goes_on_with_the_model_that_went_live(
    market: Market, run: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    new, left = market.draft(15, hot_at=30, cool_at=20), [1]

    def between_two_parts(_taken: float) -> None:
        if left:
            left.pop()
            publish(new, day=NEXT, now=on(NEXT))

    monkeypatch.setattr(due, "let_others", between_two_parts)
    run(day=NEXT, now=on(NEXT))
    new.refresh_from_db()
    assert not left
    assert (new.state, new.as_of) == ("live", NEXT)
    assert rows_of(market.first) == NO_ROWS
    assert totals(new) == replayed(new, NEXT)
    assert check_ledger().clean
