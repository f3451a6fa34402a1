"""Sentences as a native would write them, and why a lead is in or out."""

from typing import Any

import pytest
from django.utils import translation

from leadqual.leads.models import FieldType
from segments.conditions import holds, load_facts, parse, reasons, sentence
from tests.segments.factories import (
    DAY,
    a_company,
    a_field,
    a_lead,
    a_segment,
    a_signature,
    a_type,
    an_act,
    field,
)

pytestmark = pytest.mark.django_db
BOSS = field("title", "contains", "部長")
BIG = field("company.employees", "at_least", 1000)

SENTENCES = [
    (BOSS, "title contains “部長”", "役職に「部長」を含む"),
    (BIG, "number of employees is at least 1,000", "従業員数が1,000以上である"),
    ({"not": BOSS}, "not (title contains “部長”)", "(役職に「部長」を含む)に当てはまらない"),
    (
        {"all": [BIG, {"any": [BOSS, field("seniority", "is", "director")]}]},
        "number of employees is at least 1,000 and (title contains “部長” or seniority is “director”)",
        "従業員数が1,000以上である、かつ(役職に「部長」を含む、または職位が「部長級」である)",
    ),
    (
        field("created", "between", ["2024-06-01", "2024-06-30"]),
        "created on is from June 1, 2024 to June 30, 2024",
        "登録日が2024年6月1日から2024年6月30日までである",
    ),
    (field("created", "in_last_days", 1), "created on is today", "登録日が直近1日以内である"),
    (
        field("created", "in_last_days", 30),
        "created on is within the last 30 days",
        "登録日が直近30日以内である",
    ),
    (
        field("interests", "includes_any_of", ["AI", "Cloud"]),
        "interests include one of “AI”, “Cloud”",
        "関心分野に「AI」、「Cloud」のいずれかがある",
    ),
    (field("bant.budget", "is_empty"), "budget (BANT) is empty", "予算(BANT)が空欄である"),
    (field("custom.vip", "is", True), "VIP is “yes”", "VIPが「はい」である"),
    (
        {
            "activity": "download",
            "op": "at_least",
            "count": 2,
            "within_days": 30,
            "where": {"url": "/pricing*"},
        },
        "“資料請求” (page “/pricing*”) at least 2 times within the last 30 days",
        "直近30日間に「資料請求」(ページが「/pricing*」)を2回以上行った",
    ),
    ({"activity": "download"}, "“資料請求” at least once", "「資料請求」を1回以上行った"),
    ({"activity": "download", "op": "none"}, "“資料請求” never", "「資料請求」を一度も行っていない"),
    (
        {"activity": "download", "op": "none", "within_days": 90},
        "no “資料請求” within the last 90 days",
        "直近90日間に「資料請求」を行っていない",
    ),
    (
        {"activity": "download", "op": "at_most", "count": 3, "within_days": 7},
        "“資料請求” at most 3 times within the last 7 days",
        "直近7日間に「資料請求」を行った回数が3回以下である",
    ),
    ({"segment": "製造業"}, "is in the segment “製造業”", "セグメント「製造業」に所属している"),
    ({"all": []}, "everybody", "すべてのリード"),
]


@pytest.mark.parametrize(("tree", "english", "japanese"), SENTENCES, ids=[row[1][:40] for row in SENTENCES])
def test_a_condition_reads_like_a_sentence(tree: Any, english: str, japanese: str) -> None:
    a_type("download", label="資料請求")
    row = a_field("vip", FieldType.BOOLEAN)
    row.label = "VIP"
    row.save()
    a_segment({"all": []}, "製造業")
    condition = parse(tree)
    assert sentence(condition) == english
    with translation.override("ja"):
        assert sentence(condition) == japanese


def why(tree: Any, lead: Any) -> list[tuple[str, bool, str, str]]:
    condition = parse(tree)
    facts = load_facts([lead.pk], day=DAY, conditions=[condition])[lead.pk]
    found = reasons(condition, facts, day=DAY)
    # Whoever is in is in by parts that hold, and whoever is out by parts that do not.
    assert {reason.holds for reason in found} == {holds(condition, facts, day=DAY)}
    return [(reason.text, reason.holds, reason.place, reason.actual) for reason in found]


def test_why_a_lead_is_in_or_out() -> None:
    page = a_signature(a_type("download"))
    lead = a_lead(title_folded="部長", company=a_company(employees=80))
    an_act(lead, page)
    often = {"activity": "download", "op": "at_least", "count": 2}
    text = "“download” at least 2 times"
    assert why({"all": [BOSS, BIG, often]}, lead) == [
        ("number of employees is at least 1,000", False, "all[1]", "80"),
        (text, False, "all[2]", "1 time"),
    ]
    assert why({"any": [BIG, BOSS]}, lead) == [("title contains “部長”", True, "any[1]", "部長")]
    assert why({"not": {"any": [BIG, often]}}, lead) == [
        ("not (number of employees is at least 1,000)", True, "not.any[0]", "80"),
        (f"not ({text})", True, "not.any[1]", "1 time"),
    ]
    assert why(field("source", "is", "web"), lead) == [("source is “web”", False, "", "empty")]
