"""The list of leads: what it can be narrowed down by, in which order, with which columns and views."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadqual.common import clock
from leadqual.common.access import Role
from leadqual.desk.models import SavedView
from leadqual.leads.models import Lead
from segments.membership import include
from tests.desk.people import a_hand_picked_segment, a_live_model, a_person, browser, owned, scored
from tests.leads.factories import a_company, a_custom_field, a_lead

pytestmark = pytest.mark.django_db
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def marketer() -> Any:
    return browser(a_person("marketer", Role.MARKETER))


def shown(client: Any, query: str = "") -> set[str]:
    """The family names on the page."""
    answer = client.get(f"/leads/{query}")
    assert answer.status_code == 200
    return {row["lead"].family_name for row in answer.context["rows"]}


def test_every_filter_keeps_those_that_fit_and_no_other(marketer: Any) -> None:
    model = a_live_model()
    works = a_company("Works Inc")
    one = a_lead(family_name="One", email="one@example.com", source="Web", company=works)
    two = a_lead(family_name="Two", source="Fair", now=clock.start_of(clock.today() - 40))
    scored(model, one, 120)
    scored(model, two, 60)
    Lead.objects.filter(pk=two.pk).update(status="lost", outcome="lost", outcome_day=1)
    segment = a_hand_picked_segment("Few")
    include(segment, one, now=clock.now())
    day = clock.date_of(clock.today() - 5).isoformat()
    for query, expected in {
        "?q=one": {"One"}, "?q=works": {"One"}, "?q=one@example": {"One"},
        "?status=lost": {"Two"}, "?status=lost&status=new": {"One", "Two"},
        "?band=hot": {"One"}, "?band=warm": {"Two"}, "?band=cold": set(), "?band=now": set(),
        f"?segment={segment.pk}": {"One"}, "?segment=none": {"Two"},
        "?owner=none": {"One", "Two"}, "?owner=me": set(), "?source=fai": {"Two"},
        "?company=works": {"One"}, f"?company={works.public_id}": {"One"},
        "?has_email=yes": {"One"}, "?has_email=no": {"Two"}, "?outcome=lost": {"Two"}, "?outcome=open": {"One"},
        f"?created_from={day}": {"One"}, f"?created_to={day}": {"Two"},
        "?field=source&op=is&value=web": {"One"}, "?where=score|at_least|100": {"One"},
        "?where=score|at_least|50&where=email|is_known|": {"One"},
    }.items():  # fmt: skip
        assert shown(marketer, query) == expected, query


def test_a_link_to_the_leads_of_a_company_says_its_name(marketer: Any) -> None:
    works = a_company("Works Inc")
    a_lead(company=works)
    chips = marketer.get(f"/leads/?company={works.public_id}").context["chips"]
    assert [words for words, _address in chips] == ["Company: Works Inc"]


def test_custom_fields_and_choices_can_be_asked(marketer: Any) -> None:
    a_custom_field("size", "number")
    a_custom_field("plan", "choice", ("Gold", "Tin"))
    a_lead(family_name="Big", **{"custom.size": 50, "custom.plan": "Gold"})
    a_lead(family_name="Small", **{"custom.size": 5})
    assert shown(marketer, "?field=custom.size&op=at_least&value=1%2C0") == set()
    assert shown(marketer, "?field=custom.size&op=more_than&value=5") == {"Big"}
    assert shown(marketer, "?field=custom.size&op=between&value=1,10") == {"Small"}
    assert shown(marketer, "?field=custom.plan&op=is_one_of&value=gold,tin") == {"Big"}


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("?field=score&op=at_least&value=many", "value"),
        ("?field=score&op=at_least&value=", "value"),
        ("?field=score&op=contains&value=1", "op"),
        ("?field=nothing&op=is&value=1", "field"),
        ("?field=created&op=is&value=someday", "value"),
    ],
)
def test_a_condition_that_makes_no_sense_is_told_at_its_input_with_what_was_typed(
    marketer: Any, query: str, place: str
) -> None:
    a_lead()
    answer = marketer.get(f"/leads/{query}")
    assert answer.context["rows"] == []
    assert answer.context["adding"]["error"].place == place
    page = answer.content.decode()
    assert f'name="{place}"' in page and 'aria-invalid="true"' in page
    if "many" in query:
        assert 'value="many"' in page


def test_a_bad_date_is_told_at_its_field(marketer: Any) -> None:
    answer = marketer.get("/leads/?created_from=abc")
    assert "created_from" in answer.context["form"].errors
    assert 'value="abc"' in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "?q=%00", "?company=%00", "?where=title|is|%00", "?where=|||", "?where=score|between|1", "?view=x&after=y",
        "?before=%F0%9F&after=", "?segment=9223372036854775808", "?stage=-1", "?owner=x", "?status=x", "?sort=%00",
        "?created_from=0001-01-01", "?where=created|is|99999-01-01", "?band=%27", "?q=" + "x" * 5000,
        "?where=custom.%22|is|x", "?has_email=maybe", "?field=title&op=matches&value=" + "*" * 300,
    ],
)  # fmt: skip
def test_no_address_whatever_breaks_the_page(marketer: Any, query: str) -> None:
    a_live_model()
    a_lead()
    assert marketer.get(f"/leads/{query}").status_code == 200
    assert marketer.get(f"/companies/{query}").status_code == 200
    saved = marketer.post("/leads/views/", {"query": query[1:], "name": "v\0w"})
    assert marketer.get(saved["Location"]).status_code == 200
    picked = {"action": "disqualify", "everything": "1", "query": query[1:]}
    assert marketer.post("/leads/bulk/", picked).status_code in (200, 302)
    assert marketer.post("/leads/bulk/", {"action": "x", "lead": ["not-an-id", "\0"]}).status_code == 302


def test_only_listed_orders_and_filters_are_read(marketer: Any) -> None:
    a_lead(family_name="One", email="a@example.com")
    answer = marketer.get("/leads/?sort=owner__password&email__startswith=zzz&owner__password=1")
    assert [row["lead"].family_name for row in answer.context["rows"]] == ["One"]
    assert answer.context["list"].order == "newest"


def test_columns_are_chosen_by_each_for_themselves_and_keep_their_order(marketer: Any) -> None:
    a_custom_field("area")
    a_lead(family_name="One", department="Sales", **{"custom.area": "North"})
    marketer.post("/leads/columns/", {"column": ["custom.area"]})
    marketer.post("/leads/columns/", {"column": ["department", "custom.area", "not.there"]})
    columns = [column.key for column in marketer.get("/leads/").context["columns"]]
    assert columns == ["custom.area", "department"]
    assert "North" in marketer.get("/leads/").content.decode()
    other = browser(a_person("colleague", Role.MARKETER))
    assert "custom.area" not in [column.key for column in other.get("/leads/").context["columns"]]


def test_every_column_there_is_can_be_shown(marketer: Any) -> None:
    a_live_model()
    a_custom_field("on", "date")
    a_custom_field("rich", "boolean", target="company")
    lead = a_lead(company=a_company("Works", employees=1200), **{"custom.on": "2026-01-02"})
    include(a_hand_picked_segment("Few"), lead, now=clock.now())
    keys = list(marketer.get("/leads/columns/").context["groups"])
    keys = [column.key for _group, columns in keys for column in columns]
    for some in (keys[:20], keys[20:]):
        marketer.post("/leads/columns/", {"column": some})
        assert [column.key for column in marketer.get("/leads/").context["columns"]]
    text = marketer.get("/leads/").content.decode()
    assert "Few" in text


def test_a_view_keeps_filter_columns_and_order_and_may_open_first(marketer: Any) -> None:
    a_lead(family_name="Web", source="Web")
    a_lead(family_name="Fair", source="Fair")
    marketer.post("/leads/views/", {"query": "source=web&sort=name", "name": "Web leads", "is_default": "1"})
    view = SavedView.objects.get(name="Web leads")
    answer = marketer.get("/leads/")
    assert answer.context["how"].view == view
    assert {row["lead"].family_name for row in answer.context["rows"]} == {"Web"}
    assert answer.context["list"].order == "name"
    assert shown(marketer, "?view=all") == {"Web", "Fair"}
    marketer.post("/leads/views/", {"query": "source=fair", "name": "Other", "is_default": "1"})
    assert list(SavedView.objects.filter(is_default=True).values_list("name", flat=True)) == ["Other"]


def test_a_shared_view_may_be_used_by_colleagues_but_not_changed(marketer: Any) -> None:
    marketer.post("/leads/views/", {"query": "source=web", "name": "Ours", "shared": "1"})
    marketer.post("/leads/views/", {"query": "source=web", "name": "Mine"})
    colleague = browser(a_person("colleague", Role.MARKETER))
    views = [view.name for view in colleague.get("/leads/").context["how"].views]
    assert views == ["Ours"]
    ours, mine = SavedView.objects.get(name="Ours"), SavedView.objects.get(name="Mine")
    assert colleague.post(f"/leads/views/{ours.pk}/delete/").status_code == 404
    assert colleague.get(f"/leads/?view={mine.pk}").context["how"].view is None
    assert marketer.post(f"/leads/views/{ours.pk}/delete/").status_code == 302
    assert not SavedView.objects.filter(name="Ours").exists()


def test_a_rep_keeps_views_and_shares_none(marketer: Any) -> None:
    person = a_person("rep", Role.REP)
    rep = browser(person)
    assert 'name="shared"' not in rep.get("/leads/").content.decode()
    assert 'name="shared"' in marketer.get("/leads/").content.decode()
    rep.post("/leads/views/", {"query": "q=taro", "name": "Taro", "shared": "1"})
    assert not SavedView.objects.exists()
    rep.post("/leads/views/", {"query": "q=taro", "name": "Taro"})
    assert [view.name for view in rep.get("/leads/").context["how"].views] == ["Taro"]
    SavedView.objects.update(shared=True)  # as one may be from before
    assert marketer.get("/leads/").context["how"].views == []


def test_what_people_wrote_is_text_on_the_page_and_nothing_else(marketer: Any) -> None:
    a_custom_field("note")
    company = a_company(f"C{HOSTILE}")
    a_lead(family_name=HOSTILE, title=HOSTILE, company=company, **{"custom.note": HOSTILE})
    a_hand_picked_segment(f"S{HOSTILE}")
    marketer.post("/leads/columns/", {"column": ["custom.note", "title", "company.name"]})
    marketer.post("/leads/views/", {"query": "", "name": f"V{HOSTILE}"})
    for address in (
        "/leads/",
        f"/leads/?q={HOSTILE}",
        f"/leads/?field=title&op=is&value={HOSTILE}",
        "/companies/",
    ):
        page = marketer.get(address).content.decode()
        assert "<script>alert" not in page, address
        assert "&lt;script&gt;alert" in page, address


def test_the_number_of_queries_does_not_grow_with_the_leads(marketer: Any) -> None:
    model = a_live_model()
    segment = a_hand_picked_segment("Few")
    rep = a_person("rep", Role.REP)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert marketer.get(address).status_code == 200
        return len(captured)

    def grow(number: int) -> None:
        for _number in range(number):
            lead = scored(model, owned(rep, company=a_company()), 7)
            include(segment, lead, now=clock.now())

    marketer.post(
        "/leads/columns/", {"column": ["segments", "last_act", "bant.budget", "company.name", "owner"]}
    )
    grow(3)
    few = [queries(address) for address in ("/leads/", "/companies/", "/leads/columns/", "/leads/imports/")]
    grow(197)
    many = [queries(address) for address in ("/leads/", "/companies/", "/leads/columns/", "/leads/imports/")]
    after = marketer.get("/leads/").context["page"].after
    assert max(few) <= 12
    assert many[0] <= few[0]  # a full page does not look for leads without a score
    assert many[1:] == few[1:]
    assert queries(f"/leads/?after={after}") <= 12
