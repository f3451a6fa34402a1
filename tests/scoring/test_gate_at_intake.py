"""An act may open the gate without changing a score: its lead is judged all the same."""

import pytest

from leadqual.leads.models import Intent
from tests.scoring.drafts import a_type
from tests.scoring.markets import Market, open_leads, rows_of, totals

pytestmark = pytest.mark.django_db


def test_a_strong_act_that_earns_nothing_opens_the_gate_at_once() -> None:
    call = a_type("call", Intent.STRONG)
    market = Market((5,), gate_strong_within=7)
    model, lead = market.open(), market.leads[0]
    assert (totals(model), open_leads()) == ([50], {})
    before = rows_of(model)

    market.record(lead, call)

    assert (totals(model), rows_of(model)) == ([50], before)
    assert open_leads() == {lead.pk: (model.pk, "score", True)}
