"""A market of leads and companies, the same at every run of a scale."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model

from benchmarks.writing import write
from handoff.models import SalesRep, SalesTeam
from leadqual.common import clock
from leadqual.common.words import folded
from leadqual.leads.cleaning import company_key, interests_folded
from leadqual.leads.models import Company, CustomField, Lead

SEED = 20260630
LAST_DAY = clock.day_number(date(2026, 6, 30))
FIRST_DAY = LAST_DAY - 400
REPS, TEAMS = 200, 2

INDUSTRIES = ["IT", "製造", "金融", "小売", "物流", "医療", "建設", "教育", "官公庁", "不動産"]
PREFECTURES = ["東京都", "大阪府", "愛知県", "福岡県", "北海道", "神奈川県", "京都府", "広島県"]
TITLES = ["部長", "課長", "主任", "担当", "取締役", "代表取締役", "Manager", "Engineer", "Director", ""]
DEPARTMENTS = ["情報システム部", "営業部", "経営企画室", "総務部", "マーケティング部", "製造部"]
SENIORITIES = ["executive", "director", "manager", "staff", ""]
SOURCES = ["展示会", "Web", "セミナー", "紹介", "広告", "資料請求"]
INTERESTS = ["cloud", "security", "ai", "erp", "crm", "iot", "analytics"]
PRODUCTS = ["alpha", "beta", "gamma", "delta"]
AREAS = ["関東", "関西", "中部", "九州"]
CUSTOM = [
    ("product", "choice", PRODUCTS), ("area", "text", []), ("seats", "number", []), ("budget", "number", []),
    ("trial", "boolean", []), ("renewal", "date", []),
]  # fmt: skip
MADE_AT = datetime(2025, 1, 15, tzinfo=UTC)


def write_market(leads: int) -> None:
    for key, type, choices in CUSTOM:
        CustomField.objects.create(target="lead", key=key, label=key, type=type, choices=choices)
    chance = random.Random(SEED)
    companies = max(1, leads // 4)
    write(Company, COMPANY_COLUMNS, _companies(companies, chance))
    write(Lead, LEAD_COLUMNS, _leads(leads, companies, chance))
    _write_reps()


COMPANY_COLUMNS = [
    "id", "public_id", "name", "normalised_name", "domain", "corporate_number", "industry", "industry_folded",
    "employees", "revenue", "prefecture", "prefecture_folded", "country", "country_folded", "custom",
    "custom_folded", "created_at", "created_day", "version",
]  # fmt: skip


def _companies(count: int, chance: random.Random) -> Iterator[tuple[Any, ...]]:
    for pk in range(1, count + 1):
        name = f"株式会社ベンチ{pk}"
        industry, prefecture = chance.choice(INDUSTRIES), chance.choice(PREFECTURES)
        employees = int(chance.lognormvariate(5, 1.5)) + 1
        yield (
            pk, _uuid(1, pk), name, company_key(name), f"c{pk}.example.jp", "", industry, folded(industry), employees,
            employees * 12_000_000, prefecture, folded(prefecture), "日本", "日本", "{}", "{}", _moment(MADE_AT),
            clock.day_of(MADE_AT), 1,
        )  # fmt: skip


LEAD_COLUMNS = [
    "id", "public_id", "external_id", "company_id", "family_name", "given_name", "family_kana", "given_kana",
    "name_folded", "email", "phone", "department", "department_folded", "title", "title_folded", "seniority",
    "source", "source_folded", "interests", "interests_folded", "status", "with_sales", "outcome", "custom",
    "custom_folded", "created_at", "created_day", "version",
]  # fmt: skip


def _leads(count: int, companies: int, chance: random.Random) -> Iterator[tuple[Any, ...]]:
    pick = chance.choice
    for pk in range(1, count + 1):
        family, given = f"佐藤{pk}", "太郎"
        title, department, source = pick(TITLES), pick(DEPARTMENTS), pick(SOURCES)
        interests = chance.sample(INTERESTS, chance.randrange(4))
        shown, compared = _custom(chance)
        created = MADE_AT + timedelta(days=chance.randrange(160))
        yield (
            pk, _uuid(2, pk), f"u{pk}", chance.randrange(companies) + 1 if pk % 20 else None, family, given, "", "",
            folded(f"{family} {given}"), f"u{pk}@c{pk % companies}.example.jp", "", department, folded(department),
            title, folded(title), pick(SENIORITIES), source, folded(source), json.dumps(interests),
            interests_folded(interests), "new", False, "", shown, compared, _moment(created), clock.day_of(created), 1,
        )  # fmt: skip


def _custom(chance: random.Random) -> tuple[str, str]:
    """As shown and as compared; every fifth value is missing."""
    renewal = date(2026, 1, 1) + timedelta(days=chance.randrange(700))
    values: dict[str, Any] = {
        "product": chance.choice(PRODUCTS), "area": chance.choice(AREAS), "seats": chance.randrange(1, 500),
        "budget": chance.randrange(10, 9999) * 1000, "trial": chance.random() < 0.3, "renewal": renewal.isoformat(),
    }  # fmt: skip
    shown = {key: value for key, value in values.items() if chance.random() < 0.8}
    compared = shown | ({"renewal": clock.day_number(renewal)} if "renewal" in shown else {})
    return json.dumps(shown, ensure_ascii=False), json.dumps(compared, ensure_ascii=False)


def _write_reps() -> None:
    User = get_user_model()
    users = [User(username=f"rep{n}", email=f"rep{n}@example.jp", password="!") for n in range(REPS)]
    teams = [SalesTeam(name=f"Team {n}") for n in range(TEAMS)]
    User.objects.bulk_create(users)
    SalesTeam.objects.bulk_create(teams)
    SalesRep.objects.bulk_create(
        SalesRep(
            user=user,
            team=teams[n % TEAMS],
            weight=1 + n % 3,
            territory={
                "field": "company.prefecture",
                "op": "is_one_of",
                "value": PREFECTURES[n % 4 : n % 4 + 5],
            }
            if n % 4 == 0
            else None,
        )
        for n, user in enumerate(users)
    )


def _uuid(kind: int, pk: int) -> str:
    return UUID(int=(kind << 64) + pk).hex


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")
