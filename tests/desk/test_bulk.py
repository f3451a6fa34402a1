"""One thing done to many leads: the numbers said before are those that happen, and there is a way back."""

from typing import Any

import pytest

from handoff.direct import hand_over_manually
from handoff.models import Handoff, SalesRep, State
from leadqual.common import clock
from leadqual.common.access import Role
from leadqual.desk import bulk
from leadqual.desk.models import BulkAction
from leadqual.leads.lifecycle import set_status
from leadqual.leads.models import Lead, Status, StatusChange
from segments.membership import exclude, include
from segments.models import ManualMember, Membership
from tests.desk.people import a_hand_picked_segment, a_person, browser
from tests.leads.factories import a_lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer() -> Any:
    return browser(a_person("marketer", Role.MARKETER))


def post(client: Any, action: str, leads: list[Lead], **data: Any) -> Any:
    return client.post(
        "/leads/bulk/", {"action": action, "lead": [str(lead.public_id) for lead in leads], **data}
    )


def done(answer: Any) -> BulkAction:
    assert answer.status_code == 302, answer.content.decode()
    return BulkAction.objects.get(public_id=answer["Location"].strip("/").split("/")[-1])


def test_nothing_happens_before_the_numbers_were_seen(marketer: Any) -> None:
    leads = [a_lead() for _number in range(3)]
    set_status([leads[0].pk], Status.DISQUALIFIED, now=clock.now())
    answer = post(marketer, "disqualify", leads)
    assert answer.context["foreseen"][0].startswith("2 leads become disqualified")
    assert answer.context["foreseen"][1] == "1 is disqualified already."
    assert Lead.objects.filter(status=Status.DISQUALIFIED).count() == 1


def test_the_reason_is_asked_at_its_field(marketer: Any) -> None:
    answer = post(marketer, "disqualify", [a_lead()], confirmed="1", why="")
    assert "why" in answer.context["form"].errors
    assert BulkAction.objects.count() == 0


def test_disqualified_leads_get_back_the_status_that_each_had(marketer: Any) -> None:
    leads = [a_lead() for _number in range(3)]
    set_status([leads[0].pk], Status.NURTURING, now=clock.now())
    set_status([leads[1].pk], Status.HOT, now=clock.now())
    row = done(post(marketer, "disqualify", leads, confirmed="1", why="competitors"))
    assert row.done == 3
    assert StatusChange.objects.filter(after=Status.DISQUALIFIED, why="competitors").count() == 3
    assert "3 leads are disqualified now." in marketer.get(f"/leads/bulk/{row.public_id}/").content.decode()
    set_status([leads[2].pk], Status.CUSTOMER, now=clock.now())  # somebody went on since
    marketer.post(f"/leads/bulk/{row.public_id}/undo/")
    found = [Lead.objects.get(pk=lead.pk).status for lead in leads]
    assert found == [Status.NURTURING, Status.NURTURING, Status.CUSTOMER]


def test_undone_once_is_undone_for_good(marketer: Any) -> None:
    lead = a_lead()
    row = done(post(marketer, "disqualify", [lead], confirmed="1", why="x"))
    marketer.post(f"/leads/bulk/{row.public_id}/undo/")
    set_status([lead.pk], Status.DISQUALIFIED, now=clock.now())
    marketer.post(f"/leads/bulk/{row.public_id}/undo/")
    assert Lead.objects.get(pk=lead.pk).status == Status.DISQUALIFIED


def test_leads_join_a_segment_by_hand_and_the_undo_restores_what_was_decided_before(marketer: Any) -> None:
    segment = a_hand_picked_segment("Few")
    in_already, out_by_hand, other = (a_lead() for _number in range(3))
    include(segment, in_already, now=clock.now())
    exclude(segment, out_by_hand, now=clock.now())
    leads = [in_already, out_by_hand, other]
    row = done(post(marketer, "include", leads, confirmed="1", segment=segment.pk))
    assert (row.done, row.skipped) == (2, [["chosen_already", 1]])
    assert Membership.objects.filter(segment=segment).count() == 3
    marketer.post(f"/leads/bulk/{row.public_id}/undo/")
    members = set(Membership.objects.filter(segment=segment).values_list("lead_id", flat=True))
    assert members == {in_already.pk}
    chosen = dict(ManualMember.objects.filter(segment=segment).values_list("lead_id", "include"))
    assert chosen == {in_already.pk: True, out_by_hand.pk: False}


def test_leads_leave_a_segment_by_hand(marketer: Any) -> None:
    segment = a_hand_picked_segment("Few")
    lead = a_lead()
    include(segment, lead, now=clock.now())
    row = done(post(marketer, "exclude", [lead], confirmed="1", segment=segment.pk))
    assert row.done == 1 and not Membership.objects.exists()


def test_leads_go_to_sales_but_not_those_that_are_there_or_disqualified(marketer: Any) -> None:
    free, there, gone = (a_lead() for _number in range(3))
    hand_over_manually(there, now=clock.now())
    set_status([gone.pk], Status.DISQUALIFIED, now=clock.now())
    answer = post(marketer, "hand_over", [free, there, gone])
    assert answer.context["foreseen"] == [
        "1 lead goes to sales.", "1 is disqualified and is left aside.", "1 is with sales already and is left aside.",
    ]  # fmt: skip
    row = done(post(marketer, "hand_over", [free, there, gone], confirmed="1", why="fair"))
    handoff = Handoff.objects.get(lead=free)
    assert (handoff.state, handoff.reasons["why"]) == (State.WAITING, "fair")
    assert row.done == 1
    marketer.post(f"/leads/bulk/{row.public_id}/undo/")
    assert Handoff.objects.get(lead=free).state == State.WITHDRAWN
    assert Handoff.objects.get(lead=there).state == State.WAITING


def test_a_rep_without_a_free_place_gets_only_as_many_as_fit(marketer: Any) -> None:
    user = a_person("rep", Role.REP)
    SalesRep.objects.filter(user=user).update(capacity=2)
    rep = SalesRep.objects.get(user=user)
    row = done(post(marketer, "hand_over", [a_lead() for _n in range(3)], confirmed="1", why="x", rep=rep.pk))
    assert (row.done, row.skipped) == (2, [["rep_full", 1]])
    assert Lead.objects.filter(owner=user).count() == 2
    assert not bulk.can_undo(row)


def test_all_of_the_filter_is_exactly_what_the_list_shows(marketer: Any) -> None:
    for _number in range(4):
        a_lead(source="Web")
    a_lead(source="Fair")
    asked: dict[str, Any] = {"everything": "1", "query": "source=web", "why": "x"}
    assert 'name="shown" value="4"' in post(marketer, "disqualify", [], **asked).content.decode()
    row = done(post(marketer, "disqualify", [], **asked, confirmed="1", shown="4"))
    assert row.done == 4
    assert Lead.objects.get(source="Fair").status == Status.NEW


def test_leads_that_came_after_the_numbers_were_shown_are_shown_before_they_are_touched(
    marketer: Any,
) -> None:
    asked: dict[str, Any] = {"everything": "1", "query": "source=web", "why": "x", "confirmed": "1"}
    for _number in range(3):
        a_lead(source="Web")
    for shown in ({"shown": "2"}, {}, {"shown": "x"}):
        answer = post(marketer, "disqualify", [], **asked, **shown)
        page = answer.content.decode()
        assert "The list has changed meanwhile" in page
        assert 'name="shown" value="3"' in page
        assert answer.context["foreseen"][0].startswith("3 leads become disqualified")
        assert not Lead.objects.filter(status=Status.DISQUALIFIED).exists()
    assert done(post(marketer, "disqualify", [], **asked, shown="3")).done == 3


def test_a_filter_that_cannot_be_understood_means_nobody_and_not_everybody(marketer: Any) -> None:
    a_lead()
    for query in ("created_from=nonsense", "where=score|at_least|x", "segment=99999", "stage=7"):
        answer = post(marketer, "disqualify", [], everything="1", query=query, confirmed="1", why="x")
        assert answer["Location"].startswith("/leads/?"), query
    assert not Lead.objects.filter(status=Status.DISQUALIFIED).exists()


def test_more_leads_than_it_is_meant_for_are_refused(marketer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk.Picked.ids_of, "__defaults__", (2,))
    leads = [a_lead() for _number in range(3)]
    answer = post(marketer, "disqualify", leads, confirmed="1", why="x")
    assert "2 leads at most" in answer.content.decode()
    assert not Lead.objects.filter(status=Status.DISQUALIFIED).exists()


def test_nobody_sees_or_undoes_what_a_colleague_did(marketer: Any) -> None:
    row = done(post(marketer, "disqualify", [a_lead()], confirmed="1", why="x"))
    colleague = browser(a_person("colleague", Role.MARKETER))
    assert colleague.get(f"/leads/bulk/{row.public_id}/").status_code == 404
    assert colleague.post(f"/leads/bulk/{row.public_id}/undo/").status_code == 404


def test_one_lead_is_handed_over_with_a_reason(marketer: Any) -> None:
    lead = a_lead()
    address = f"/leads/{lead.public_id}/hand-over/"
    assert "why" in marketer.post(address, {"why": ""}).context["form"].errors
    assert marketer.post(address, {"why": "asked for an offer"}).status_code == 302
    assert Handoff.objects.get(lead=lead).reasons["why"] == "asked for an offer"
    again = marketer.post(address, {"why": "again"})
    assert "handed over already" in again.content.decode()
    assert 'value="again"' in again.content.decode()
