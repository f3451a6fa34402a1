"""The main job on real data, by the commands people type. The data is not ours to copy: absent, these are skipped."""

import json
import os
import random
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from handoff.models import OPEN, Handoff, SalesRep
from leadqual.common import clock
from leadqual.leads.models import Activity, Lead, Outcome, Status
from leadqual.operations.design.dumping import dump
from leadqual.scoring.explaining import explain
from leadqual.scoring.models import LeadScore, Qualification

PROJECT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("LEADQUAL_SHARED_DATA") or PROJECT.parent / "shared" / "data")
BANK = SHARED / "bank_marketing" / "bank-additional-full.csv"
SHOP = SHARED / "ecom_events" / "ecom.csv.gz"
EXAMPLES = PROJECT / "docs" / "examples"
NOTHING = {
    "drained": 0,
    "rescored": 0,
    "changed": 0,
    "became_hot": 0,
    "cooled": 0,
    "segments": 0,
    "assigned": 0,
    "moved": 0,
}
WAIT = ("waiting", "no_policy", "before_turn", "no_place")

pytestmark = [
    pytest.mark.soak,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not (BANK.exists() and SHOP.exists()), reason=f"the shared data is not in {SHARED}"),
]


def command(*arguments: str) -> Any:
    out = StringIO()
    call_command(*arguments, "--json", stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


def explanations_add_up(day: int, count: int, seed: int) -> None:
    """For random leads, on the day and on ten days of the half year before it; on the day, as the score stands."""
    chance = random.Random(seed)
    leads = chance.sample(list(Lead.objects.select_related("company").order_by("pk")), count)
    stored = dict(LeadScore.objects.filter(lead__in=leads).values_list("lead", "total"))
    for lead in leads:
        for each in [day, *(day - chance.randrange(1, 180) for _ in range(10))]:
            told = explain(lead, day=each)
            summed = sum(line.points for line in told.lines) + sum(cut.points for cut in told.cuts)
            assert summed == told.total, (lead.pk, each, seed)
            if each == day:
                assert told.total == stored[lead.pk], (lead.pk, seed)
    as_typed = command("explain", str(leads[0].pk), "--as-of", clock.date_of(day).isoformat())
    assert as_typed["total"] == stored[leads[0].pk]


def ledger_is_clean() -> None:
    checked = command("check_ledger")
    assert (checked["missing"], checked["extra"], checked["scores_different"]) == (0, 0, 0)


def nobody_is_overloaded() -> None:
    for rep in SalesRep.objects.all():
        assert Handoff.objects.filter(rep=rep, state__in=OPEN).count() <= rep.capacity
    assert Handoff.objects.count() == Handoff.objects.values("lead").distinct().count()


def worked_through(*as_of: str) -> dict[str, int]:
    """The figures of the first pass; the second one changes nothing."""
    first: dict[str, int] = command("qualify", *as_of)
    assert first["rescored"] > 0 and first["became_hot"] > 0 and first["assigned"] > 0
    before = (
        dump(),
        list(Handoff.objects.order_by("pk").values()),
        list(LeadScore.objects.order_by("pk").values()),
    )
    assert command("qualify", *as_of) == NOTHING | {why: first[why] for why in WAIT}
    after = (
        dump(),
        list(Handoff.objects.order_by("pk").values()),
        list(LeadScore.objects.order_by("pk").values()),
    )
    assert after == before
    return first


def test_bank_contacts_are_scored_by_who_they_are_and_handed_over(figure: Callable[..., int]) -> None:
    arguments = ("--rest", "custom", "--key", "none", "--outcome-column", "y", "--outcome-won", "yes")
    took: dict[str, Any] = command("import_leads", str(BANK), *arguments)
    assert {key: took[key] for key in ("rows", "created", "updated", "skipped", "rejected")} == {
        "rows": 41188, "created": 41188, "updated": 0, "skipped": 0, "rejected": 0,
    }  # fmt: skip
    assert Lead.objects.filter(outcome=Outcome.WON, status=Status.CUSTOMER).count() == 4640
    command("load_design", str(EXAMPLES / "bank.yaml"))
    command("publish_model", "定期預金のご案内")
    first = worked_through()
    assert first["rescored"] == 41188
    assert first["became_hot"] == first["assigned"] + first["waiting"] == Qualification.objects.count()
    assert not Qualification.objects.filter(lead__outcome=Outcome.WON).exists()
    again: dict[str, Any] = command("import_leads", str(BANK), *arguments)
    assert (again["rows"], again["created"], again["updated"], again["rejected"]) == (41188, 0, 0, 0)
    assert set(command("load_design", str(EXAMPLES / "bank.yaml"))["custom_fields"].values()) == {"unchanged"}
    assert command("qualify")["assigned"] == 0
    nobody_is_overloaded()
    ledger_is_clean()
    explanations_add_up(clock.today(), figure(small=50, full=200), seed=20240630)


def test_shop_events_are_scored_by_what_people_did_and_handed_over(figure: Callable[..., int]) -> None:
    arguments = ["--map", "user_id=lead.external_id", "--map", "event=type", "--map", "timestamp=occurred_at"]
    took: dict[str, Any] = command("import_activities", str(SHOP), *arguments, "--create-leads")
    assert {key: took[key] for key in ("rows", "recorded", "duplicates", "rejected", "leads_created")} == {
        "rows": 31106, "recorded": 31106, "duplicates": 0, "rejected": 0, "leads_created": 600,
    }  # fmt: skip
    command("load_design", str(EXAMPLES / "shop.yaml"))
    command("publish_model", "あと一歩のお客様", "--as-of", "2024-06-30")
    first = worked_through("--as-of", "2024-06-30")
    assert first["rescored"] == 600
    again: dict[str, Any] = command("import_activities", str(SHOP), *arguments, "--create-leads")
    assert (again["rows"], again["recorded"], again["duplicates"], again["leads_created"]) == (
        31106,
        0,
        31106,
        0,
    )
    assert Activity.objects.count() == 31106
    assert command("qualify", "--as-of", "2024-06-30") == NOTHING | {why: first[why] for why in WAIT}
    nobody_is_overloaded()
    ledger_is_clean()
    explanations_add_up(clock.parse_day("2024-06-30"), figure(small=50, full=200), seed=20240630)
