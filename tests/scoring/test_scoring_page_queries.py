"""A page of scoring costs the same queries with three rules and leads and with thirty, and never more than twelve."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadqual.common import clock
from leadqual.leads.models import Intent, Lead
from leadqual.scoring import firing, publishing
from leadqual.scoring.models import ScoringModel
from leadqual.scoring.rescoring import rescore_due
from tests.leads.factories import a_lead
from tests.scoring.drafts import a_draft, a_group, a_type, act, attribute, behaviour
from tests.segments.browsing import a_marketer

pytestmark = pytest.mark.django_db
BUDGET, ADMIN_BUDGET = 12, 30


def grown(rows: int) -> ScoringModel:
    """So many rules of each kind, versions, hot leads; a draft that was tried."""
    now = clock.now()
    day = clock.day_of(now)
    kinds = [a_type(intent=Intent.STRONG) for _ in range(rows)]
    for _ in range(rows):
        lead = a_lead(seniority="executive")
        for kind in kinds:
            act(lead, kind, day, at=now)
    model = a_draft(f"m{rows}", hot_at=20, cool_at=15, gate_strong_within=30)
    for number in range(rows):
        group = a_group(model)
        behaviour(group, kinds[number], points=7 + number)
        attribute(group, {"field": "name", "op": "is_known"} if number else BOSS, points=number + 1)
    publishing.publish(model, day=day, now=now)
    rescore_due(day=day, now=now)
    for _ in range(rows):
        publishing.draft_from(model)
    draft = publishing.draft_from(model)
    draft.rules.filter(kind="behaviour").update(points=1)
    return draft


BOSS = {"field": "seniority", "op": "is", "value": "executive"}


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(path)
    assert answer.status_code == 200
    return len(caught)


PAGES = ("/scoring/", "/scoring/{pk}/", "/scoring/{live}/", "/scoring/{pk}/preview/")
ADMIN = (
    "/admin/scoring/scoringmodel/", "/admin/scoring/scoringmodel/{pk}/change/",
    "/admin/scoring/scoringmodel/{live}/change/", "/admin/leads/activitytype/",
)  # fmt: skip


def test_queries_do_not_grow_with_rules_and_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firing, "LONG", 1000)  # a slow count would be kept, and the second page cheaper
    _user, client = a_marketer()
    counts: list[dict[str, int]] = []
    for rows in (3, 30):
        draft = grown(rows)
        assert client.post(f"/scoring/{draft.pk}/try/").status_code == 302
        keys = {"pk": draft.pk, "live": draft.based_on_id}
        client.get(
            f"/admin/scoring/scoringmodel/{draft.pk}/change/"
        )  # content types are looked up once a process
        counts.append({path: queries(client, path.format(**keys)) for path in (*PAGES, *ADMIN)})
    assert Lead.objects.count() == 33
    few, many = counts
    assert many == few
    assert {path: few[path] for path in PAGES if few[path] > BUDGET} == {}
    assert {path: few[path] for path in ADMIN if few[path] > ADMIN_BUDGET} == {}
