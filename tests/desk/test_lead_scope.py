"""What is one rep's is nowhere in what another rep gets: pages, choices, counts, files, reports."""

import uuid
from typing import Any

import pytest

from leadqual.common import clock
from leadqual.common.access import Role
from leadqual.desk.exporting import path_of
from leadqual.desk.models import Export, SavedView, WorkState
from leadqual.leads.models import Company, Lead
from tests.desk.people import a_live_model, a_person, browser, owned, scored
from tests.leads.factories import a_company, a_custom_field, a_lead

pytestmark = pytest.mark.django_db
CANARY = "zeisig"


@pytest.fixture
def market(settings: Any, tmp_path: Any) -> dict[str, Any]:
    settings.VAR_DIR = tmp_path
    model = a_live_model()
    a_custom_field("note")
    first, second = a_person("first", Role.REP), a_person("second", Role.REP)
    company = a_company(f"{CANARY} works", industry=f"{CANARY} industry")
    theirs = owned(
        first, family_name=f"{CANARY}name", email=f"{CANARY}@example.com", title=f"{CANARY} title",
        source=f"{CANARY} source", company=company, **{"custom.note": f"{CANARY} note"},
    )  # fmt: skip
    scored(model, theirs, 999)
    own = scored(model, owned(second, family_name="Own"), 10)
    for person, name in ((first, "first"), (second, "second")):
        SavedView.objects.create(
            owner=person, name="", columns=["custom.note", "company.name", "source", "title"]
        )
        SavedView.objects.create(owner=person, name=f"view of {name}", filters={"q": [CANARY]})
    return {"first": first, "second": second, "theirs": theirs, "own": own, "company": company}


ADDRESSES = [
    "/leads/", f"/leads/?q={CANARY}", "/leads/?sort=name", "/leads/?field=title&op=contains&value=title",
    "/leads/?owner=none", "/leads/?segment=none", "/leads/?band=hot", "/leads/columns/", "/leads/exports/",
    "/leads/new/", "/companies/", f"/companies/?q={CANARY[:3]}", "/companies/?hot=yes",
]  # fmt: skip


def said(answer: Any) -> str:
    """The page without what the reader typed into the address themselves."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(content.decode(errors="replace"))


def test_the_colleague_reads_nothing_of_it_on_any_page(market: dict[str, Any]) -> None:
    client = browser(market["second"])
    for address in ADDRESSES:
        page = said(client.get(address)).lower().replace(f'value="{CANARY}"', "").replace(f"q={CANARY}", "")
        page = page.replace(f"words: {CANARY}", "")
        assert CANARY not in page, address
    assert CANARY in said(browser(market["first"]).get("/leads/")).lower()


def test_counts_and_numbers_are_of_what_the_reader_sees(market: dict[str, Any]) -> None:
    client = browser(market["second"])
    assert client.get("/leads/").context["list"].count.number == 1
    assert client.get(f"/leads/?company={market['company'].public_id}").context["list"].count.number == 0
    assert client.get("/companies/").context["count"].number == 0
    mine = owned(market["second"], family_name="Colleague", company=market["company"])
    page = client.get("/companies/").context["page"]
    assert [row.leads_seen for row in page.rows] == [1]
    assert mine.company == market["company"]


def test_a_bulk_request_with_the_ids_of_others_touches_nothing(market: dict[str, Any]) -> None:
    client = browser(market["second"])
    ids = [str(market["theirs"].public_id)]
    answer = client.post("/leads/bulk/", {"action": "export", "lead": ids, "confirmed": "1", "format": "csv"})
    assert answer.status_code == 302  # nothing is ticked that the reader may see
    both = [*ids, str(market["own"].public_id)]
    answer = client.post(
        "/leads/bulk/", {"action": "export", "lead": both, "confirmed": "1", "format": "csv"}
    )
    assert CANARY not in said(answer).lower()
    query = {"action": "export", "everything": "1", "query": f"view=all&q={CANARY}", "confirmed": "1"}
    assert client.post("/leads/bulk/", query | {"format": "csv"}).status_code == 302
    for action in ("disqualify", "hand_over", "include", "exclude"):
        assert client.post("/leads/bulk/", {"action": action, "lead": both}).status_code == 403


def test_forms_of_leads_of_others_are_not_there(market: dict[str, Any]) -> None:
    client = browser(market["second"])
    theirs, nobody = market["theirs"].public_id, uuid.uuid4()
    for address in ("/leads/%s/edit/", "/leads/%s/"):
        assert client.get(address % theirs).status_code == client.get(address % nobody).status_code == 404
    assert client.post(f"/leads/{theirs}/edit/", {"family_name": "x", "version": 1}).status_code == 404
    assert client.post(f"/leads/{theirs}/hand-over/", {"why": "x"}).status_code == 403


def test_a_known_address_is_told_to_a_rep_without_saying_whose(market: dict[str, Any]) -> None:
    client = browser(market["second"])
    entered = {"family_name": "New", "email": f"{CANARY.upper()}@example.com"}
    page = said(client.post("/leads/new/", entered))
    assert "already known. Ask marketing" in page
    assert f"{CANARY}name" not in page and str(market["theirs"].public_id) not in page
    assert Lead.objects.filter(email=f"{CANARY}@example.com").count() == 1
    page = said(client.post("/leads/new/", entered | {"anyway": "on"}))
    assert "Ask marketing" in page
    own = market["own"]
    page = said(client.post(f"/leads/{own.public_id}/edit/", entered | {"version": own.version}))
    assert "Ask marketing" in page


def test_an_export_is_for_its_owner_alone_and_expires(market: dict[str, Any]) -> None:
    now = clock.now()
    export = Export.objects.create(by=market["first"], format="csv", state=WorkState.DONE, expires_at=now)
    path_of(export).parent.mkdir(parents=True)
    path_of(export).write_text(CANARY)
    address = f"/leads/exports/{export.public_id}/"
    assert browser(market["second"]).get(address).status_code == 404
    assert browser(market["second"]).get(f"{address}file/").status_code == 404
    assert browser(market["first"]).get(f"{address}file/").status_code == 404  # its time is over
    Export.objects.filter(pk=export.pk).update(expires_at=now.replace(year=now.year + 1))
    assert CANARY in said(browser(market["first"]).get(f"{address}file/"))
    assert browser(market["second"]).get(f"{address}file/").status_code == 404


def test_reps_have_no_way_to_imports_and_their_reports(market: dict[str, Any]) -> None:
    client = browser(market["second"])
    any_id = uuid.uuid4()
    for address in ("/leads/imports/", f"/leads/imports/{any_id}/", f"/leads/imports/reports/{any_id}/"):
        assert client.get(address).status_code == 403


def test_what_a_rep_enters_stays_with_the_rep(market: dict[str, Any]) -> None:
    answer = browser(market["second"]).post("/leads/new/", {"family_name": "Met", "email": "met@example.com"})
    lead = Lead.objects.get(email="met@example.com")
    assert answer["Location"] == f"/leads/{lead.public_id}/"
    assert lead.owner == market["second"] and not lead.with_sales
    assert browser(market["first"]).get(f"/leads/{lead.public_id}/edit/").status_code == 404


def test_marketers_see_everything_and_strangers_nothing(market: dict[str, Any]) -> None:
    a_lead(family_name="Nobody")
    client = browser(a_person("marketer", Role.MARKETER))
    assert client.get("/leads/").context["list"].count.number == 3
    assert Company.objects.visible_to(market["second"]).count() == 0
