"""The scoring model of the demo market as a design file has it: the first version and the one that replaced it.

The first falls into every trap (opened mails without limit, no gate, no decay). The second is better and still wrong
in two places that feedback shows: a paper earns points and says nothing, a large company earns points and buys less.
"""

from typing import Any

from leadqual.common import clock
from leadqual.demo.tongues import Tongue
from leadqual.demo.truth import LARGE

Spec = dict[str, Any]
# How many days before today each version went live.
FIRST_LIVE, SECOND_LIVE = 364, 245


def name(t: Tongue) -> str:
    return t("標準スコアリング", "Standard")


def first(t: Tongue, day: int) -> Spec:
    fit, interest = t("属性", "Who they are"), t("行動", "What they did")
    return {
        "hot_at": 50,
        "cool_at": 35,
        "cool_down_days": 14,
        "review_date": clock.date_of(day - SECOND_LIVE).isoformat(),
        "groups": {fit: {"axis": "fit"}, interest: {"axis": "engagement"}},
        "rules": {
            t("製造業", "Manufacturer"): _attribute(fit, 10, _industry(t)),
            t("従業員1,000名以上", "1,000 people or more"): _attribute(fit, 15, _large()),
            t("メール開封", "Opened a mail"): _act(interest, "mail_open", 4, window_days=120),
            t("メールのリンクをクリック", "Clicked in a mail"): _act(
                interest, "mail_click", 5, window_days=180
            ),
            t("料金ページ閲覧", "Looked at prices"): _act(interest, "pricing_view", 6, window_days=120),
            t("資料ダウンロード", "Took a paper"): _act(interest, "download", 10, window_days=180),
            t("セミナー参加", "Came to a seminar"): _act(interest, "seminar", 12, window_days=180),
            t("お問い合わせ", "Asked"): _act(interest, "inquiry", 35, window_days=120),
            t("無料トライアル申込", "Began a trial"): _act(interest, "trial", 30, window_days=120),
            t("電話相談の希望", "Wants a call"): _act(interest, "call_request", 40, window_days=90),
        },
    }


def second(t: Tongue, day: int) -> Spec:
    fit, interest = t("理想的な顧客像", "Ideal customer"), t("行動の関与度", "Engagement")
    minus = t("減点", "Deductions")
    return {
        "hot_at": 60,
        "cool_at": 42,
        "cool_down_days": 21,
        "gate_strong_within": 90,
        "gate_active_days": 2,
        "gate_active_within": 45,
        "review_date": clock.date_of(day + 40).isoformat(),
        "groups": {
            fit: {"axis": "fit", "cap": 35, "floor": -30},
            interest: {"axis": "engagement", "cap": 100},
            minus: {"axis": "engagement", "floor": -30},
        },
        "rules": {
            t("製造業", "Manufacturer"): _attribute(fit, 8, _industry(t)),
            t("部長以上", "Director or above"): _attribute(fit, 12, _deciders()),
            t("従業員1,000名以上", "1,000 people or more"): _attribute(fit, 15, _large()),
            t("学生", "Student"): _attribute(fit, -30, _student(t)),
            **_acts_of_second(t, interest),
            t("採用ページ閲覧", "Looked at jobs"): _act(
                minus, "career_view", -15, limit_count=1, limit_period="ever", window_days=180
            ),
            t("45日間行動なし", "45 days without an act"): {
                "group": minus, "kind": "inactivity", "inactive_days": 45, "points": -15,
            },
        },
    }  # fmt: skip


def _acts_of_second(t: Tongue, interest: str) -> dict[str, Spec]:
    return {
        t("メール開封", "Opened a mail"): _act(
            interest, "mail_open", 1, limit_count=1, limit_period="week", window_days=60
        ),
        t("メールのリンクをクリック", "Clicked in a mail"): _act(
            interest, "mail_click", 3, limit_count=1, limit_period="week", window_days=60
        ),
        t("導入事例閲覧", "Read a case"): _act(
            interest, "case_view", 3, limit_count=2, limit_period="week", window_days=60
        ),
        t("料金ページ閲覧", "Looked at prices"): _act(
            interest, "pricing_view", 7, limit_count=2, limit_period="day", window_days=60, half_life_days=30
        ),
        t("資料ダウンロード", "Took a paper"): _act(
            interest, "download", 10, limit_count=2, limit_period="month", window_days=120
        ),
        t("セミナー参加", "Came to a seminar"): _act(interest, "seminar", 15, window_days=120),
        t("お問い合わせ", "Asked"): _act(interest, "inquiry", 35, window_days=90, half_life_days=60),
        t("無料トライアル申込", "Began a trial"): _act(
            interest, "trial", 30, window_days=60, half_life_days=30
        ),
        t("電話相談の希望", "Wants a call"): _act(interest, "call_request", 40, window_days=60),
    }


def _act(group: str, activity_type: str, points: int, **more: Any) -> Spec:
    return {"group": group, "kind": "behaviour", "activity_type": activity_type, "points": points, **more}


def _attribute(group: str, points: int, condition: Spec) -> Spec:
    return {"group": group, "kind": "attribute", "points": points, "condition": condition}


def _industry(t: Tongue) -> Spec:
    return {"field": "company.industry", "op": "is", "value": t.industries["manufacturing"]}


def _large() -> Spec:
    return {"field": "company.employees", "op": "at_least", "value": LARGE}


def _deciders() -> Spec:
    return {"field": "seniority", "op": "is_one_of", "value": ["director", "executive"]}


def _student(t: Tongue) -> Spec:
    return {"field": "title", "op": "contains", "value": t.titles[""][0]}
