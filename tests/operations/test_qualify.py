import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from handoff.models import Handoff
from handoff.telling import COOLED
from leadqual.common import clock
from leadqual.leads.models import Inbox, Lead
from leadqual.messaging.models import Notice
from leadqual.operations.qualifying import Summary, qualify
from leadqual.scoring.models import LeadScore, Qualification
from segments.models import Membership, Segment
from tests.operations.factories import NOW, TODAY, a_design, an_event

pytestmark = pytest.mark.django_db(transaction=True)

NOTHING = Summary(drained=0, rescored=0, changed=0, became_hot=0, cooled=0, segments=0, assigned=0, waiting=0)


def test_one_pass_takes_events_from_the_inbox_to_a_rep() -> None:
    a_design()
    an_event("a", "ask", event_id="1")
    an_event("a", "paper", days_ago=1)
    an_event("b", "view")
    an_event("a", "ask", event_id="1")
    assert qualify(day=TODAY, now=NOW) == Summary(
        drained=4, rescored=2, changed=2, became_hot=1, cooled=0, segments=1, assigned=1, waiting=0
    )
    handoff = Handoff.objects.select_related("lead", "policy").get()
    assert (handoff.lead.external_id, handoff.policy and handoff.policy.name) == ("a", "Readers")
    assert {row.lead.external_id: row.total for row in LeadScore.objects.select_related("lead")} == {
        "a": 42,
        "b": 5,
    }
    assert Membership.objects.get().lead == handoff.lead
    assert Inbox.objects.count() == 0


def test_a_second_pass_changes_nothing_but_says_who_still_waits() -> None:
    a_design()
    for lead in "abcde":
        an_event(lead, "ask")
    first = qualify(day=TODAY, now=NOW)
    assert (first.became_hot, first.assigned, first.waiting) == (5, 3, 2)
    rows = [list(model.objects.order_by("pk").values()) for model in (Handoff, Notice, Qualification, Lead)]  # type: ignore[attr-defined]
    assert qualify(day=TODAY, now=NOW + timedelta(minutes=1)) == Summary(
        drained=0,
        rescored=0,
        changed=0,
        became_hot=0,
        cooled=0,
        segments=0,
        assigned=0,
        waiting=2,
        no_place=2,
    )
    assert [
        list(model.objects.order_by("pk").values()) for model in (Handoff, Notice, Qualification, Lead)
    ] == rows  # type: ignore[attr-defined]


def test_a_lead_that_became_hot_while_the_inbox_was_drained_is_counted() -> None:
    a_design()
    qualify(day=TODAY, now=NOW)
    an_event("a", "view")
    qualify(day=TODAY, now=NOW)
    an_event("a", "ask")
    later = qualify(day=TODAY, now=NOW + timedelta(minutes=1))
    assert (later.drained, later.rescored, later.became_hot, later.assigned) == (1, 0, 1, 1)


def test_days_that_pass_cool_a_lead_and_its_offer_says_so() -> None:
    a_design()
    an_event("a", "ask")
    qualify(day=TODAY, now=NOW)
    later = qualify(day=TODAY + 20, now=NOW + timedelta(days=20))
    assert (later.rescored, later.changed, later.cooled, later.became_hot) == (1, 1, 1, 0)
    assert LeadScore.objects.get().total == 0
    assert Notice.objects.filter(kind=COOLED).count() == 1


def test_without_a_model_and_without_anything_a_pass_does_nothing() -> None:
    assert qualify(day=TODAY, now=NOW) == NOTHING
    a_design(published=False)
    assert qualify(day=TODAY, now=NOW) == NOTHING


def test_an_earlier_day_than_the_scores_stand_at_is_refused_and_nothing_is_changed() -> None:
    a_design()
    an_event("a", "ask")
    qualify(day=TODAY, now=NOW)
    an_event("b", "ask")
    before = list(LeadScore.objects.values()), Segment.objects.values_list("refreshed_day", flat=True)[0]
    with pytest.raises(CommandError) as caught:
        call_command("qualify", "--as-of", clock.date_of(TODAY - 1).isoformat())
    assert (
        str(caught.value)
        == "--as-of: scores stand at 2026-11-24 and only move forward; 2026-11-23 is before that"
    )
    assert (
        list(LeadScore.objects.values()),
        Segment.objects.values_list("refreshed_day", flat=True)[0],
    ) == before
    assert Inbox.objects.count() == 1


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("qualify", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_the_command_prints_a_table_or_the_figures_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    a_design()
    an_event("a", "ask")
    figures: dict[str, Any] = json.loads(command("--json"))
    assert figures == {
        "drained": 1, "rescored": 1, "changed": 1, "became_hot": 1, "cooled": 0, "segments": 0, "assigned": 1,
        "waiting": 0, "moved": 0, "no_policy": 0, "before_turn": 0, "no_place": 0,
    }  # fmt: skip
    table = command()
    assert table.splitlines()[0] == "As of 2026-11-24"
    assert len(table.splitlines()) == 10
    assert "         0  became hot" in table


def test_progress_tells_each_long_step() -> None:
    a_design()
    an_event("a", "ask")
    steps: list[str] = []
    qualify(day=TODAY, now=NOW, progress=lambda step, done, total: steps.append(step))
    assert list(dict.fromkeys(steps)) == ["scoring", "judging who is hot", "segments"]


def test_the_table_says_what_is_left_aside() -> None:
    Inbox.objects.create(
        received_at=clock.now(), payload={}, quarantined_at=clock.now(), error="unknown_type"
    )
    out = StringIO()
    call_command("qualify", stdout=out, stderr=StringIO())
    assert out.getvalue().splitlines()[-1] == "         1  received events that could not be read"
