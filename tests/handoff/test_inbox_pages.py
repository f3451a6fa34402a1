"""What a rep finds in the inbox, and what no other rep does."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from handoff import answering
from handoff.models import Handoff, Origin, State
from handoff.planning import plan_next
from leadqual.leads.models import Activity, ActivityType, Lead, Signature, Status
from leadqual.scoring.models import Qualification
from tests.handoff import factories
from tests.handoff.browsing import a_marketer, a_rep, at, client
from tests.handoff.factories import DAY, WEDNESDAY

pytestmark = pytest.mark.django_db


def page(browser: Client, name: str = "inbox:list", *arguments: object, query: str = "") -> str:
    response = browser.get(reverse(name, args=arguments) + query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_an_offer_says_who_why_since_when_until_when_and_how_to_reach_them() -> None:
    rep = a_rep()
    row = factories.offered(
        rep, company=factories.company("ACME"), phone="+81312345678", email="hanako@example.org"
    )
    card = {
        "lines": [
            {
                "name": f"Rule {n}",
                "points": n,
                "axis": "engagement",
                "kind": "behaviour",
                "count": 1,
                "last_day": DAY,
            }
            for n in (3, 18, 7, 5)
        ]
    }
    Qualification.objects.update(card=card, score=61)
    with at():
        text = page(client(rep.user))
    assert f'href="{reverse("inbox:handoff", args=[row.public_id])}"' in text
    for expected in (
        str(row.lead),
        "ACME",
        "61 Hot",
        "8 business hours left",
        "until 13:00 tomorrow",
        "Hot since",
    ):
        assert expected in text
    assert 'href="tel:+81312345678"' in text
    assert 'href="mailto:hanako@example.org"' in text
    assert text.index("Rule 18") < text.index("Rule 7") < text.index("Rule 5")
    assert "Rule 3" not in text
    assert "(1) Inbox" in text


def test_the_most_urgent_comes_first_then_the_higher_score() -> None:
    rep = a_rep(capacity=9)
    factories.policy(rep.team)
    rows = [factories.offered(rep, score=score) for score in (60, 90, 70)]
    Handoff.objects.filter(pk=rows[0].pk).update(accept_by=WEDNESDAY + timedelta(hours=1))
    with at():
        text = page(client(rep.user))
    places = [text.index(str(row.public_id)) for row in rows]
    assert sorted(places) == [places[0], places[1], places[2]]


def test_what_is_overdue_has_cooled_or_came_by_hand_is_said_in_words() -> None:
    rep = a_rep()
    row = factories.offered(rep)
    Qualification.objects.update(ended_day=DAY, ended_at=WEDNESDAY, ended_reason="cooled")
    Handoff.objects.filter(pk=row.pk).update(origin=Origin.MANUAL, accept_by=WEDNESDAY - timedelta(hours=3))
    with at():
        text = page(client(rep.user))
    for expected in (
        "Overdue by 3 business hours",
        "was due 11:00 today",
        "Has cooled",
        "Handed over by hand",
    ):
        assert expected in text


def test_an_act_that_goes_to_sales_and_the_last_activities_are_named() -> None:
    kind = ActivityType.objects.create(key="inquiry", label="Asked for a call", direct_to_sales=True)
    rep = a_rep()
    row = factories.offered(rep)
    Handoff.objects.filter(pk=row.pk).update(
        origin=Origin.DIRECT, qualification=None, reasons={"act": "inquiry"}
    )
    signature = Signature.objects.create(type=kind, path="/contact", digest="d")
    for hour in range(5):
        moment = WEDNESDAY - timedelta(hours=hour)
        Activity.objects.create(
            lead=row.lead, signature=signature, day=DAY, occurred_at=moment, received_at=moment
        )
    with at():
        text = page(client(rep.user))
    assert text.count("Asked for a call") == 1 + 3  # where it comes from, and the latest three
    assert "/contact" in text


def test_nobody_elses_handoff_is_seen_opened_or_answered() -> None:
    row, stranger = factories.offered(a_rep()), a_rep()
    Lead.objects.filter(pk=row.lead_id).update(family_name="Canary")
    browser = client(stranger.user)
    with at():
        assert "Canary" not in page(browser)
        assert browser.get(reverse("inbox:handoff", args=[row.public_id])).status_code == 404
        for action in ("accept", "decline", "hand_back", "opportunity", "next_action", "feedback"):
            data = {"reason": "no_need", "bought": "no"}
            response = browser.post(reverse(f"inbox:{action}", args=[row.public_id]), data)
            assert response.status_code == 404
    row.refresh_from_db()
    assert (row.state, row.next_action, row.feedback.count()) == (State.OFFERED, "", 0)


def test_looking_changes_nothing() -> None:
    rep = a_rep()
    row = factories.offered(rep)
    before = Handoff.objects.filter(pk=row.pk).values().get()
    browser = client(rep.user)
    with at():
        for action in ("accept", "decline", "hand_back", "opportunity", "next_action"):
            assert browser.get(reverse(f"inbox:{action}", args=[row.public_id])).status_code == 405
        page(browser, "inbox:handoff", row.public_id)
        browser.get(reverse("inbox:changes"))
    assert Handoff.objects.filter(pk=row.pk).values().get() == before


def test_accepting_twice_says_so_in_a_friendly_way() -> None:
    rep = a_rep()
    row = factories.offered(rep)
    browser, address = client(rep.user), reverse("inbox:accept", args=[row.public_id])
    with at():
        assert "is yours" in browser.post(address, follow=True).content.decode()
        again = browser.post(address, follow=True)
    assert "You have accepted this lead already." in again.content.decode()
    row.refresh_from_db()
    assert (row.state, row.answered_at) == (State.ACCEPTED, WEDNESDAY)


def test_declining_needs_a_reason_and_keeps_what_was_typed() -> None:
    rep = a_rep()
    row = factories.offered(rep)
    browser, address = client(rep.user), reverse("inbox:decline", args=[row.public_id])
    with at():
        nothing = browser.post(address, {"reason": "", "words": "wrong <b>number</b>"})
        assert nothing.status_code == 200
        assert "wrong &lt;b&gt;number&lt;/b&gt;" in nothing.content.decode()
        unsaid = browser.post(address, {"reason": "other", "words": " "})
        assert "Please say why" in unsaid.content.decode()
        assert Handoff.objects.get().state == State.OFFERED
        browser.post(address, {"reason": "no_budget", "words": "next year"})
    row.refresh_from_db()
    assert (row.state, row.answer) == (State.REJECTED, "no budget: next year")
    assert row.lead.status == Status.RECYCLED


def test_a_past_handoff_stays_readable_but_not_what_the_lead_does_now() -> None:
    rep = a_rep()
    row = factories.offered(rep)
    answering.reject(row, "no need", now=WEDNESDAY)
    Lead.objects.filter(pk=row.lead_id).update(email="canary@example.org", phone="+810000")
    browser = client(rep.user)
    with at():
        for text in (page(browser, "inbox:handoff", row.public_id), page(browser, query="?show=done")):
            assert str(row.lead) in text
            assert "no need" in text
            assert "canary" not in text
            assert "+810000" not in text
        shown_to_marketing = page(client(a_marketer()), "inbox:handoff", row.public_id)
    assert "canary@example.org" in shown_to_marketing


def test_the_next_action_stands_in_the_inbox_the_overdue_first() -> None:
    rep = a_rep(capacity=9)
    factories.policy(rep.team)
    later, sooner, none = [factories.offered(rep) for _ in range(3)]
    for row in (later, sooner, none):
        answering.accept(row, now=WEDNESDAY)
    plan_next(sooner, "Send the offer", date(2025, 6, 10), now=WEDNESDAY)
    browser = client(rep.user)
    with at():
        address = reverse("inbox:next_action", args=[later.public_id])
        half = browser.post(address, {"next_action": "Call again", "next_action_on": ""})
        assert "say what and when" in half.content.decode()
        browser.post(address, {"next_action": "Call again", "next_action_on": "2025-06-20"})
        text = page(browser, query="?show=accepted")
    assert "Send the offer" in text
    assert "overdue" in text
    order = [text.index(str(row.public_id)) for row in (sooner, later, none)]
    assert order == sorted(order)


def test_the_poll_is_empty_while_nothing_changed_and_brings_what_came() -> None:
    rep = a_rep(capacity=9)
    factories.policy(rep.team)
    factories.offered(rep)
    browser = client(rep.user)
    with at():
        mark = browser.get(reverse("inbox:list")).context["mark"]
        asked = {"digest": mark.digest, "since": mark.since, "drawn": WEDNESDAY.isoformat()}
        quiet = browser.get(reverse("inbox:changes"), asked)
        assert (quiet.status_code, quiet.content) == (204, b"")
        new = factories.offered(rep)
        Handoff.objects.filter(pk=new.pk).update(offered_at=WEDNESDAY + timedelta(seconds=1))
        news = browser.get(reverse("inbox:changes"), asked).content.decode()
        assert news.count('class="lead-card"') == 1
        assert str(new.public_id) in news
        assert "<title>(2) Inbox" in news
        assert "1 new lead" in news
        answering.accept(new, now=WEDNESDAY + timedelta(seconds=2))
        gone = browser.get(reverse("inbox:changes"), asked).content.decode()
    assert f'id="state-{new.public_id}"' in gone
    assert "Accepted" in gone


@pytest.mark.parametrize(
    "query", ["?show=nonsense", "?show=done&before=nonsense", "?show=done&before=2025-13-45"]
)
def test_a_query_that_nobody_of_ours_wrote_is_harmless(query: str) -> None:
    rep = a_rep()
    factories.offered(rep)
    with at():
        page(client(rep.user), query=query)
        assert client(rep.user).get(f"{reverse('inbox:changes')}?since=x&drawn=y&digest=z").status_code == 200
