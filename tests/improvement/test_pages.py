"""What people see of the reports, what they take away, and how a cycle is moved on in the browser."""

import csv
import json
import re
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from handoff.models import SalesRep
from leadqual.common import clock
from leadqual.common.access import Role, give_role
from leadqual.improvement.models import PdcaCycle
from leadqual.scoring.models import ScoringModel, ScoringRule
from tests.handoff import factories
from tests.improvement import markets
from tests.improvement.stories import a_lead, hot, offered

pytestmark = pytest.mark.django_db
Version = tuple[ScoringModel, list[ScoringRule]]


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def marketer() -> Client:
    user = User.objects.create_user("marketer")
    give_role(user, Role.MARKETER)
    return signed_in(user)


@pytest.fixture
def day() -> int:
    return clock.today() - 60


@pytest.fixture
def version(day: int) -> Version:
    return markets.a_version([10, 20], day=day - 10)


def page(client: Client, name: str, **query: str) -> str:
    response = client.get(reverse(f"improvement:{name}"), query)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def chart(text: str, name: str) -> dict[str, Any]:
    found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', text)
    assert found
    return dict(json.loads(found[1]))


def cells(client: Client, report: str, **query: str) -> list[list[str]]:
    response = client.get(reverse("improvement:export", args=[report]), query)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(StringIO(response.content.decode("utf-8-sig"))))


def sold(version: Version, day: int, *, good: int = 40, plain: int = 40) -> None:
    model, (rule, _other) = version
    for number in range(good + plain):
        fired = [rule] if number < good else []
        won = number % 2 == 0 if number < good else number % 8 == 0
        lead = a_lead(day=day, outcome="won" if won else "lost", outcome_day=day + 20)
        offered(hot(lead, model, fired, day=day, score=70 if fired else 40))


@pytest.mark.parametrize("name", ["home", "scores", "rules", "timings", "answers", "cycles"])
def test_an_empty_system_teaches_instead_of_failing(name: str, marketer: Client) -> None:
    assert 'class="empty"' in page(marketer, name)


def test_the_chart_and_the_table_say_the_same(version: Version, day: int, marketer: Client) -> None:
    sold(version, day)
    text = page(marketer, "rules")
    drawn, silent = chart(text, "rules-chart")["rows"]
    assert (drawn["label"], drawn["text"], drawn["tone"]) == ("rule 0", "1.60 (20 of 40)", "good")
    assert silent == {"label": "rule 1", "words": "not enough data (0 of 0)"}
    assert "<strong>1.60</strong>" in text
    assert ">helps</span>" in text and "stands after correction" in text
    bands = chart(page(marketer, "scores"), "bands-chart")["rows"]
    assert [(band["label"], band["text"]) for band in bands] == [
        ("70", "50% (20 of 40)"),
        ("40", "12% (5 of 40)"),
    ]


def test_small_samples_are_words_and_not_bars(version: Version, day: int, marketer: Client) -> None:
    sold(version, day, good=4, plain=4)
    text = page(marketer, "scores")
    [band] = chart(text, "bands-chart")["rows"]
    assert band == {"label": "40–70", "words": "not enough data (2 of 8)"}
    assert 'class="muted">not enough data</span>' in text


def test_open_leads_are_told_and_stand_in_no_rate(version: Version, day: int, marketer: Client) -> None:
    sold(version, day)
    offered(hot(a_lead(day=day), version[0], day=day), "accepted")
    text = page(marketer, "scores")
    assert "Handed over: 81, of which 80 are decided." in text
    assert "The other 1 are in no rate, neither as won nor as lost: 1 with sales, 0 given back" in text


def test_months_are_marked_where_another_version_went_live(
    version: Version, day: int, marketer: Client
) -> None:
    a_lead(day=day)
    [mark] = chart(page(marketer, "home"), "hot-chart")["marks"]
    assert mark["text"] == "market 1"
    assert 0 < mark["at"] < 13


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"first": "2026-02-01", "last": "2026-01-01"}, "the first day is after the last"),
        ({"first": "1900-01-01", "last": "2026-01-01"}, "at most ten years"),
        ({"first": "yesterday"}, "Enter a valid date."),
        ({"last": "9999-99-99"}, "Enter a valid date."),
        ({"segment": "77"}, "Select a valid choice."),
        ({"segment": "x"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_asked_is_told_at_its_field(
    query: dict[str, str], error: str, marketer: Client
) -> None:
    text = page(marketer, "home", **query)
    assert error in text
    assert all(f'value="{value}"' in text for value in query.values() if "-" in value)


def test_only_what_was_asked_is_shown(version: Version, day: int, marketer: Client) -> None:
    sold(version, day)
    inside = factories.segment([a_lead(day=day)])
    shown = {"first": clock.date_of(day).isoformat(), "last": clock.date_of(day).isoformat()}
    assert "Of 81 leads that came in" in page(marketer, "home", **shown)
    assert "Of 1 leads that came in" in page(marketer, "home", segment=str(inside.pk), **shown)
    before = clock.date_of(day - 1).isoformat()
    assert 'class="empty"' in page(marketer, "home", first=before, last=before)


def test_a_file_holds_the_numbers_and_runs_no_formula(version: Version, day: int, marketer: Client) -> None:
    sold(version, day)
    ScoringModel.objects.filter(pk=version[0].pk).update(state="retired")
    evil, (rule,) = markets.a_version([10], 2, day=day + 1, names=["=HYPERLINK(1)"])
    offered(hot(a_lead(day=day), evil, [rule], day=day + 2), "accepted", timing="right")
    header, first, _second = cells(marketer, "rules", model=str(version[0].pk))
    row = dict(zip(header, first, strict=True))
    assert (row["rule"], row["won"], row["lost"], row["lift"], row["verdict"]) == (
        "rule 0", "20", "20", "1.6000", "helps"
    )  # fmt: skip
    assert cells(marketer, "rules", model=str(evil.pk))[1][2] == "'=HYPERLINK(1)"
    assert marketer.get(reverse("improvement:export", args=["passwords"])).status_code == 404
    for report in ("funnel", "scores", "timings", "answers"):
        rows = cells(marketer, report)
        assert len(rows) > 1 and {len(each) for each in rows} == {len(rows[0])}


def test_a_manager_sees_the_team_and_a_rep_sees_themself(version: Version, day: int) -> None:
    chief = factories.user("chief")
    for name, role in (("chief", Role.REP), ("own", Role.REP), ("far", Role.REP)):
        give_role(User.objects.get_or_create(username=name)[0], role)
    team = factories.team(manager=chief)
    own = SalesRep.objects.create(user=User.objects.get(username="own"), team=team)
    far = SalesRep.objects.create(user=User.objects.get(username="far"), team=factories.team())
    for rep in (own, far):
        offered(hot(a_lead(day=day), version[0], day=day), "accepted", rep=rep)
    for user, seen, hidden in ((chief, "own", "far"), (far.user, "far", "own")):
        for text in (page(signed_in(user), "answers"), str(cells(signed_in(user), "answers"))):
            assert seen in text and hidden not in text


PLAN = {"title": "Fewer <b>students</b>", "step": "4", "hypothesis": "They never buy.", "change": "",
        "metric": "won", "due": "2027-01-01", "segment": "", "model": ""}  # fmt: skip


def test_a_cycle_is_planned_measured_and_decided(version: Version, day: int, marketer: Client) -> None:
    sold(version, day)
    plan = {**PLAN, "owner": str(User.objects.get(username="marketer").pk)}
    response = marketer.post(reverse("improvement:cycle_new"), plan, follow=True)
    cycle = PdcaCycle.objects.get()
    assert "Planned. Before the change: 31% (25 of 80)." in response.content.decode()
    assert (cycle.due, cycle.before_of) == (date(2027, 1, 1), 80)
    assert "Fewer &lt;b&gt;students&lt;/b&gt;" in response.content.decode()

    def step(name: str) -> str:
        address = reverse("improvement:cycle_step", kwargs={"pk": cycle.pk, "step": name})
        return marketer.post(address, follow=True).content.decode()

    assert "say what was changed" in step("start")
    edit = reverse("improvement:cycle_edit", args=[cycle.pk])
    marketer.post(edit, {**plan, "change": "20 points less"})
    assert "The change counts from" in step("start")
    refused = marketer.post(edit, {**plan, "change": "x", "metric": "accepted"})
    assert "what is measured stays as it was before the change" in refused.content.decode()
    assert "Measured: none." in step("after")
    decide = reverse("improvement:cycle_decide", args=[cycle.pk])
    assert "This field is required." in marketer.post(decide, {}).content.decode()
    text = marketer.post(decide, {"decision": "adjust", "learnt": "Wait."}, follow=True).content.decode()
    assert "change it further" in text and "Wait." in text
    assert len(re.findall(r'class="change">state:', re.sub(r"\s+", " ", text))) == 4
    assert marketer.get(edit).status_code == 200
    assert "stands at: act" in step("after")


def test_what_was_typed_stays_when_a_plan_is_refused(marketer: Client) -> None:
    response = marketer.post(reverse("improvement:cycle_new"), {**PLAN, "due": "soon", "hypothesis": ""})
    text = response.content.decode()
    assert response.status_code == 200 and not PdcaCycle.objects.exists()
    assert 'value="soon"' in text and "Fewer &lt;b&gt;students" in text
