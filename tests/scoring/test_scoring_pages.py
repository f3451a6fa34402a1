"""The scoring pages: what they say of the live model is what the engine computes; publishing does what was shown."""

import random
from collections import Counter
from typing import Any

import pytest
from django.test import Client

from handoff.models import SalesRep, SalesTeam
from leadqual.common import clock
from leadqual.leads.models import ActivityType, Intent, Lead
from leadqual.scoring import firing as firing_module
from leadqual.scoring import publishing, whatif
from leadqual.scoring.compiled import compiled
from leadqual.scoring.differences import differences
from leadqual.scoring.distribution import distribution
from leadqual.scoring.explaining import explain
from leadqual.scoring.firing import Fired, firing
from leadqual.scoring.freezing import freeze
from leadqual.scoring.models import ModelState, Qualification, ScoringModel, ScoringRule
from leadqual.scoring.rescoring import rescore_due
from tests.leads.factories import a_lead
from tests.scoring.drafts import a_draft, a_group, a_type, act, attribute, behaviour, inactivity
from tests.scoring.worlds import World, live
from tests.segments.browsing import a_marketer

pytestmark = pytest.mark.django_db
CANARY = "<img src=x onerror=alert(1)>"
BOSS = {"field": "seniority", "op": "is", "value": "executive"}


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


@pytest.fixture
def mia() -> Client:
    return a_marketer()[1]


class Market:
    """Today: three leads asked for a quote, two of them twice; hot at 20, and the draft gives 25 a time."""

    def __init__(self, **fields: Any) -> None:
        self.now = clock.now()
        self.day = clock.day_of(self.now)
        self.quote = a_type("quote", Intent.STRONG)
        self.leads = [a_lead(seniority="executive" if n == 0 else "") for n in range(5)]
        for lead, times in zip(self.leads, (2, 2, 1), strict=False):
            for _ in range(times):
                act(lead, self.quote, self.day, at=self.now)
        model = a_draft("Market", hot_at=20, cool_at=15, **fields)
        group = a_group(model, "Deeds", cap=50)
        behaviour(group, self.quote, "Asked for a quote", 10)
        attribute(a_group(model, "Person", "fit"), BOSS, "Boss", 5)
        publishing.publish(model, day=self.day, now=self.now)
        rescore_due(day=self.day, now=self.now)
        self.model = live()

    def draft(self, points: int = 25) -> ScoringModel:
        draft = publishing.draft_from(self.model)
        ScoringRule.objects.filter(model=draft, name="Asked for a quote").update(points=points)
        return draft


def test_how_often_rules_fire_is_what_explaining_every_lead_gives() -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    world = World(seed, leads=15)
    draft = world.draft(14)
    inactivity(draft.groups.get(pk=draft.groups.order_by("pk").values("pk")[:1]), 5, points=-1)
    publishing.publish(draft, day=world.today, now=world.now())
    rescore_due(day=world.today, now=world.now())
    for _ in range(8):
        world.tell(12)
        world.sleep()
    world.today = max(world.today, live().as_of or 0)
    rescore_due(day=world.today, now=world.now())
    model = live()
    day = model.as_of or 0
    hot = set(Qualification.objects.filter(ended_day=None).values_list("lead_id", flat=True))
    leads, acts, of_hot = Counter[int](), Counter[int](), Counter[int]()
    totals = Counter[int]()
    for lead in Lead.objects.all():
        told = explain(lead)
        totals[told.total] += 1
        for line in told.lines:
            leads[line.rule.id] += 1
            acts[line.rule.id] += line.count
            of_hot[line.rule.id] += lead.pk in hot
    counted = firing(compiled(model), day=day, now=world.now())
    assert counted.hot == len(hot)
    for rule in compiled(model).rules:
        found = counted.by_rule.get(rule.id, Fired())
        assert found.leads == leads[rule.id], rule
        assert found.hot == of_hot[rule.id], rule
        if rule.kind == "behaviour":
            assert found.acts == acts[rule.id], rule
    drawn = distribution(model)
    assert drawn.leads == sum(totals.values()) == Lead.objects.count()
    for bar in drawn.bars:
        assert bar.leads == sum(n for total, n in totals.items() if bar.low <= total <= bar.high)
    assert sum(bar.leads for bar in drawn.bars) == drawn.leads
    assert {band.band: band.leads for band in drawn.bands} == {
        "hot": sum(n for total, n in totals.items() if total >= model.hot_at),
        "warm": sum(n for total, n in totals.items() if model.cool_at <= total < model.hot_at),
        "cold": sum(n for total, n in totals.items() if total < model.cool_at),
    }
    assert any(bar.low == model.hot_at for bar in drawn.bars)


def test_slow_counts_are_kept_and_fast_ones_are_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    market = Market()
    rules, rule = compiled(market.model), market.model.rules.get(name="Boss")

    def bosses() -> int:
        return firing(rules, day=market.day, now=market.now).by_rule[rule.pk].leads

    assert bosses() == 1
    Lead.objects.filter(pk=market.leads[0].pk).delete()
    market.model.refresh_from_db()
    rescored = bosses()
    monkeypatch.setattr(firing_module, "LONG", -1)
    assert bosses() == rescored
    monkeypatch.setattr(firing_module, "_standing", lambda model, day: pytest.fail("counted again"))
    assert bosses() == rescored


def test_the_live_page_says_rules_bands_threshold_and_review_in_words(mia: Client) -> None:
    Market()
    page = mia.get("/scoring/")
    shown = text(page)
    for words in ("A lead is hot from 20 points on.", "each “quote”, for 365 days", "seniority is “executive”",
                  "counts at most 50 points", "Dec. 1, 2026"):  # fmt: skip
        assert words in shown
    assert page.context["hot"] == {"all": 2, "kept": 0}
    rules = {
        rule.name: (fired, share) for group in page.context["groups"] for rule, fired, share in group["rules"]
    }
    assert rules == {"Asked for a quote": (Fired(3, 5, 2), 100), "Boss": (Fired(1, 1, 1), 50)}
    assert "undecided" not in shown


def test_a_model_that_nobody_will_review_says_so(mia: Client) -> None:
    Market(review_date=None)
    assert "undecided" in text(mia.get("/scoring/"))


def test_without_a_model_the_page_says_what_one_is_for(mia: Client) -> None:
    assert "No model is live" in text(mia.get("/scoring/"))


def test_the_preview_gives_numbers_lists_and_the_room_of_the_reps(mia: Client) -> None:
    market = Market()
    team = SalesTeam.objects.create(name="Team")
    for name, capacity in (("a", 3), ("b", 4)):
        SalesRep.objects.create(user=a_marketer(name)[0], team=team, capacity=capacity)
    draft = market.draft()
    waiting = mia.get(f"/scoring/{draft.pk}/preview/")
    assert waiting.context["trial"] is None
    part = mia.post(f"/scoring/{draft.pk}/try/", headers={"HX-Request": "true"})
    assert "<html" not in text(part)
    page = mia.get(f"/scoring/{draft.pk}/preview/")
    trial = page.context["trial"]
    assert (trial.changed, len(trial.newly_hot), len(trial.ending), trial.staying) == (3, 1, 0, 2)
    assert page.context["places"] == 7
    assert [lead.pk for lead in page.context["newly_hot"]] == [market.leads[2].pk]
    assert [(each.name, each.kind) for each in page.context["differences"]] == [
        ("Asked for a quote", "changed")
    ]
    assert page.context["idle"] == []
    draft.rules.filter(name="Asked for a quote").update(points=26)
    assert mia.get(f"/scoring/{draft.pk}/preview/").context["trial"] is None


@pytest.mark.parametrize("released", [True, False])
def test_publishing_does_what_the_preview_said(mia: Client, released: bool) -> None:
    market = Market()
    draft = market.draft()
    mia.post(f"/scoring/{draft.pk}/try/")
    told = mia.get(f"/scoring/{draft.pk}/preview/").context["trial"]
    data = {"release": "on"} if released else {}
    page = mia.post(f"/scoring/{draft.pk}/publish/", data, follow=True)
    draft.refresh_from_db()
    assert draft.state == ModelState.LIVE
    assert page.context["outcome"] == {
        "opened": len(told.newly_hot),
        "ended": len(told.ending),
        "kept": 0 if released else len(told.newly_hot),
    }
    kept = Qualification.objects.filter(released=False)
    assert kept.count() == (0 if released else 1)
    answer = mia.post("/scoring/release/", follow=True)
    assert ("1 hot lead goes to sales now." in text(answer)) is not released
    assert not kept.exists()


def test_a_model_that_cools_leads_says_so_before_and_after(mia: Client) -> None:
    market = Market()
    draft = market.draft(points=7)
    mia.post(f"/scoring/{draft.pk}/try/")
    told = mia.get(f"/scoring/{draft.pk}/preview/").context
    assert sorted(lead.pk for lead in told["ending"]) == [market.leads[1].pk]
    page = mia.post(f"/scoring/{draft.pk}/publish/", follow=True)
    assert page.context["outcome"] == {"opened": 0, "ended": 1, "kept": 0}


def test_the_first_model_gives_everybody_a_score(mia: Client) -> None:
    a_lead(seniority="executive")
    draft = a_draft(hot_at=20, cool_at=10)
    attribute(a_group(draft), BOSS, points=30)
    page = mia.post(f"/scoring/{draft.pk}/publish/", follow=True)
    assert "The model is live: 1 lead has a score." in text(page)
    assert Qualification.objects.count() == 1


def test_a_rule_that_gives_nobody_points_is_named(mia: Client) -> None:
    market = Market()
    draft = market.draft()
    deeds = draft.groups.get(name="Deeds")
    behaviour(deeds, market.quote, "Page of old", where={"url": "/gone*"})
    attribute(deeds, {"field": "title", "op": "is", "value": "nobody"}, "Nobody")
    mia.post(f"/scoring/{draft.pk}/try/")
    page = mia.get(f"/scoring/{draft.pk}/preview/")
    assert page.context["idle"] == ["Page of old", "Nobody"]
    assert "These rules give nobody any points now: Page of old, Nobody." in text(page)


def test_what_blocks_and_what_to_think_about_is_said_before_publishing(mia: Client) -> None:
    draft = a_draft("Trap", hot_at=20, cool_at=10, review_date=None)
    group = a_group(draft)
    for key, points in (("view", 5), ("open", 5), ("blog", 10)):
        behaviour(group, a_type(key), key, points)
    behaviour(group, a_type("quote", Intent.STRONG), "quote", 20)
    page = mia.get(f"/scoring/{draft.pk}/preview/")
    codes = {each.code for each in page.context["advice"]}
    assert codes == {"weak_makes_hot", "weak_like_strong", "no_review_date"}
    broken = a_draft("Broken")
    page = mia.get(f"/scoring/{broken.pk}/preview/")
    assert [each.code for each in page.context["blocking"]] == ["no_rules"]
    answer = mia.post(f"/scoring/{broken.pk}/publish/", follow=True)
    assert "a model without rules gives nobody any points" in text(answer)
    broken.refresh_from_db()
    assert broken.state == ModelState.DRAFT


def test_a_publication_that_takes_longer_goes_on_while_it_is_watched(
    mia: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = Market()
    draft = market.draft()
    monkeypatch.setattr("leadqual.scoring.views.preview.SECONDS", -1)
    page = mia.post(f"/scoring/{draft.pk}/publish/", follow=True)
    assert "Being published" in text(page)
    assert mia.post(f"/scoring/{draft.pk}/progress/", headers={"HX-Request": "true"}).status_code == 200
    assert live().pk == market.model.pk
    monkeypatch.setattr("leadqual.scoring.views.preview.SECONDS", 30)
    answer = mia.post(f"/scoring/{draft.pk}/progress/", headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"
    assert live().pk == draft.pk


def test_a_publication_is_given_up(mia: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    market = Market()
    draft = market.draft()
    monkeypatch.setattr("leadqual.scoring.views.preview.SECONDS", -1)
    mia.post(f"/scoring/{draft.pk}/publish/")
    mia.post(f"/scoring/{draft.pk}/discard/")
    draft.refresh_from_db()
    assert draft.state == ModelState.DRAFT
    assert live().pk == market.model.pk


def test_what_changed_between_two_versions_is_told_rule_by_rule() -> None:
    market = Market()
    draft = market.draft()
    draft.hot_at = 30
    draft.gate_strong_within = 14
    draft.rules.filter(name="Boss").delete()
    behaviour(draft.groups.get(name="Deeds"), a_type("call"), "Called", 3)
    draft.groups.filter(name="Deeds").update(cap=60)
    told = differences(market.model.frozen or {}, freeze(draft))
    assert [(each.name, each.kind.value) for each in told] == [
        ("threshold", "changed"), ("gate", "changed"), ("group “Deeds”", "changed"),
        ("Asked for a quote", "changed"), ("Boss", "removed"), ("Called", "added"),
    ]  # fmt: skip
    assert (told[3].was, told[3].now) == (
        "+10 for each “quote”, for 365 days, in “Deeds”",
        "+25 for each “quote”, for 365 days, in “Deeds”",
    )
    assert differences(market.model.frozen or {}, market.model.frozen or {}) == []


def test_a_published_model_is_changed_as_a_draft_based_on_it(mia: Client) -> None:
    market = Market()
    answer = mia.post(f"/scoring/{market.model.pk}/draft/")
    draft = ScoringModel.objects.get(state=ModelState.DRAFT)
    assert answer["Location"] == f"/admin/scoring/scoringmodel/{draft.pk}/change/"
    assert draft.based_on == market.model
    assert "Both say the same." in text(mia.get(f"/scoring/{draft.pk}/"))


def test_scripts_in_the_names_of_models_and_rules_are_only_text(mia: Client) -> None:
    market = Market()
    Lead.objects.update(family_name=CANARY)
    draft = market.draft()
    ScoringModel.objects.filter(pk=draft.pk).update(name=CANARY)
    draft.groups.filter(name="Deeds").update(name=CANARY)
    draft.rules.filter(name="Asked for a quote").update(name=CANARY, where={"url": CANARY})
    evil = a_type("evil")
    ActivityType.objects.filter(pk=evil.pk).update(label=CANARY)
    behaviour(draft.groups.get(name=CANARY), evil, "x", 4)
    mia.post(f"/scoring/{draft.pk}/try/")
    paths = [f"/scoring/{draft.pk}/preview/", f"/scoring/{draft.pk}/", "/scoring/"]
    for path in [*paths, f"/admin/scoring/scoringmodel/{draft.pk}/change/", "/admin/scoring/scoringmodel/"]:
        assert CANARY not in text(mia.get(path))
    mia.post(f"/scoring/{draft.pk}/publish/")
    assert CANARY not in text(mia.get("/scoring/"))
    assert "&lt;img src=x" in text(mia.get("/scoring/"))


def test_who_edits_a_draft_while_it_is_tried_is_told(mia: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    market = Market()
    draft = market.draft()
    digests = iter("abcdefgh")
    monkeypatch.setattr(whatif, "digest_of", lambda frozen: next(digests))
    answer = mia.post(f"/scoring/{draft.pk}/try/", headers={"HX-Request": "true"})
    assert "the draft was edited meanwhile" in text(answer)
