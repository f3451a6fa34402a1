import pytest
from django.db import transaction

from leadqual.leads import signatures
from leadqual.leads.models import Activity, ActivityType, Signature
from leadqual.leads.recording import Event
from tests.leads.acts import a_type, at, heard, recorded
from tests.leads.factories import a_lead


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("https://www.example.jp/pricing/?utm=x#top", "/pricing/"),
        ("https://www.example.jp", "/"),
        ("https://www.example.jp?x=1", "/"),
        ("/a/b?q=1", "/a/b"),
        ("/a#part", "/a"),
        ("Guide to C#.pdf", "Guide to C#.pdf"),
        ("What is MA?", "What is MA"),
        ("  /a  ", "/a"),
        ("", ""),
        ("/" + "x" * 600, "/" + "x" * 499),
    ],
)
def test_a_path_has_no_host_query_or_fragment(address: str, path: str) -> None:
    assert signatures.path_of(address) == path


@pytest.mark.parametrize(
    ("path", "folded"),
    [("/a/b/c/d", "/a/b/*"), ("/a/b", "/a/b"), ("/a/b/", "/a/b/*"), ("a/b/c", "a/b/*"), ("/", "/"), ("", "")],
)
def test_folding_keeps_two_segments(path: str, folded: str) -> None:
    assert signatures.two_segments(path) == folded


@pytest.mark.django_db
def test_declared_attributes_are_part_of_the_signature_and_the_others_stay_on_the_act() -> None:
    lead = a_lead()
    a_type("download", declared_attributes=["kind", "pages"])
    recorded(
        Event("download", at(), lead_id=lead.pk, attributes={"kind": "guide", "pages": 12, "session": "a1"}),
        Event("download", at(1), lead_id=lead.pk, attributes={"session": "b2", "pages": 12, "kind": "guide"}),
        Event("download", at(2), lead_id=lead.pk, attributes={"kind": ["no", "list"]}),
    )
    stored = Signature.objects.order_by("pk").values_list("attributes", flat=True)
    assert sorted(map(str, stored)) == ["{'kind': 'guide', 'pages': 12}", "{}"]
    kept = Activity.objects.order_by("occurred_at").values_list("attributes", flat=True)
    assert list(kept) == [{"session": "a1"}, {"session": "b2"}, {"kind": ["no", "list"]}]


@pytest.mark.django_db
def test_a_plain_page_view_becomes_the_type_whose_longest_address_matches() -> None:
    lead = a_lead()
    a_type("page_view")
    a_type("product_page", url_globs=["/product*"])
    a_type("pricing", url_globs=["/product/pricing*", "/料金*"])
    a_type("visit")
    paths = ["/product/x", "https://x.jp/PRODUCT/Pricing/jp?a=1", "/料金表", "/about", ""]
    recorded(*(Event("page_view", at(n), lead_id=lead.pk, path=path) for n, path in enumerate(paths)))
    recorded(Event("visit", at(9), lead_id=lead.pk, path="/product/x"))
    kinds = Activity.objects.order_by("occurred_at").values_list("signature__type__key", flat=True)
    assert list(kinds) == ["product_page", "pricing", "pricing", "page_view", "page_view", "visit"]


@pytest.mark.django_db
def test_a_type_once_decided_is_not_decided_again() -> None:
    lead = a_lead()
    a_type("page_view")
    recorded(Event("page_view", at(), lead_id=lead.pk, path="/pricing"))
    a_type("pricing", url_globs=["/pricing*"])
    recorded(Event("page_view", at(1), lead_id=lead.pk, path="/pricing"))
    kinds = Activity.objects.order_by("occurred_at").values_list("signature__type__key", flat=True)
    assert list(kinds) == ["page_view", "pricing"]


@pytest.mark.django_db
def test_past_the_limit_new_paths_are_folded_for_good_with_an_alarm(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(signatures, "MOST_PER_TYPE", 3)
    lead, kind = a_lead(), a_type()
    a_type("other")
    known = [Event("visit", at(n), lead_id=lead.pk, path=f"/a/b/{n}") for n in range(3)]
    recorded(*known)
    assert ActivityType.objects.get(pk=kind.pk).paths_folded_since is None
    assert not caplog.records
    with heard() as said:
        recorded(*(Event("visit", at(n), lead_id=lead.pk, path=f"/a/b/{n}") for n in range(1, 6)), now=at(99))
        recorded(Event("visit", at(8), lead_id=lead.pk, path="/a/b/4"), now=at(100))
    paths = Activity.objects.order_by("pk").values_list("signature__path", flat=True)
    assert list(paths)[3:] == ["/a/b/1", "/a/b/2", "/a/b/*", "/a/b/*", "/a/b/*", "/a/b/*"]
    assert [len(told["signatures"]) for told in said] == [1, 0]
    assert ActivityType.objects.get(pk=kind.pk).paths_folded_since == at(99)
    assert ActivityType.objects.get(key="other").paths_folded_since is None
    assert "new ones are folded" in caplog.text


@pytest.mark.django_db
def test_far_past_the_limit_paths_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "MOST_PER_TYPE", 2)
    lead = a_lead()
    a_type()
    for n in range(9):
        recorded(Event("visit", at(n), lead_id=lead.pk, path=f"/{n}"))
    assert Signature.objects.count() == 5
    assert Activity.objects.filter(signature__path="*").count() == 5


@pytest.mark.django_db(transaction=True)
def test_a_signature_of_a_transaction_rolled_back_is_not_remembered() -> None:
    lead = a_lead()
    a_type()
    with transaction.atomic():
        recorded(Event("visit", at(), lead_id=lead.pk, path="/lost"))
        transaction.set_rollback(True)
    with transaction.atomic():
        recorded(Event("visit", at(), lead_id=lead.pk, path="/kept"))
        with transaction.atomic():
            recorded(Event("visit", at(), lead_id=lead.pk, path="/lost"))
            transaction.set_rollback(True)
    recorded(Event("visit", at(), lead_id=lead.pk, path="/lost"))
    assert set(Signature.objects.values_list("path", flat=True)) == {"/kept", "/lost"}
    assert set(Activity.objects.values_list("signature__path", flat=True)) == {"/kept", "/lost"}


@pytest.mark.django_db(transaction=True)
def test_a_remembered_signature_takes_no_query(django_assert_num_queries: object) -> None:
    kind = a_type()
    asked = {signatures.wanted(kind.pk, "/a", {})}
    with transaction.atomic():
        first, new = signatures.intern(asked, now=at())
    assert new == set(first.values())
    with transaction.atomic(), django_assert_num_queries(0):  # type: ignore[operator]
        assert signatures.intern(asked, now=at()) == (first, set())


@pytest.mark.django_db(transaction=True)
def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "REMEMBERED", 10)
    kind = a_type()
    for n in range(40):
        with transaction.atomic():
            signatures.intern({signatures.wanted(kind.pk, f"/{n}", {})}, now=at())
        assert len(signatures._remembered) <= 10
