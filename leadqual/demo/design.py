"""What marketing and sales of the demo company agreed on, as a design file has it."""

from datetime import timedelta
from typing import Any

from leadqual.common import clock
from leadqual.demo import scoring_design
from leadqual.demo.tongues import Tongue
from leadqual.demo.truth import LARGE, MIDDLE

Spec = dict[str, Any]
LEFT_DAYS_AGO = 24  # since when the ninth rep is gone
MARKETER, MANAGER, ADMIN = "marketer", "manager", "admin"
REPS = 9


def beginning(t: Tongue, day: int) -> Spec:
    """Everything, with the first version of the scoring model."""
    return {
        "leadqual": 1,
        "activity_types": _activity_types(t),
        "custom_fields": {
            "tool": {"label": t("現在の管理方法", "How they work today"), "type": "choice", "choices": list(t.tools)},
            "budget": {"label": t("想定予算(万円)", "Budget (1,000 pounds)"), "type": "number"},
            "agreed": {"label": t("メール配信に同意", "Agreed to mails"), "type": "boolean"},
        },
        "company_custom_fields": {
            "renewal": {"label": t("現契約の更新日", "Present contract ends"), "type": "date"},
            "sites": {"label": t("拠点数", "Number of sites"), "type": "number"},
        },
        "segments": segments(t),
        "scoring_models": {scoring_design.name(t): scoring_design.first(t, day)},
        "teams": {team(t, 1): {"manager": MANAGER}, team(t, 2): {"manager": MANAGER}},
        "reps": _reps(t, day),
        "policies": _policies(t, day),
    }  # fmt: skip


def improvement(t: Tongue, day: int) -> Spec:
    """The second version of the model, to be loaded when the first is published."""
    return {"leadqual": 1, "scoring_models": {scoring_design.name(t): scoring_design.second(t, day)}}


def team(t: Tongue, number: int) -> str:
    return [t("東日本営業チーム", "Team East"), t("西日本営業チーム", "Team West")][number - 1]


def user_name(number: int) -> str:
    """Of a rep, from 1."""
    return f"rep{number}"


def _activity_types(t: Tongue) -> Spec:
    def kind(label: str, category: str, intent: str = "weak", **more: Any) -> Spec:
        return {"label": label, "category": category, "intent": intent, **more}

    bought = {"is_conversion": True}
    return {
        "page_view": kind(t("ページ閲覧", "Page viewed"), "web"),
        "case_view": kind(t("導入事例閲覧", "Case read"), "web", url_globs=["/cases/*"]),
        "pricing_view": kind(t("料金ページ閲覧", "Prices viewed"), "web", "medium", url_globs=["/pricing*"]),
        "career_view": kind(t("採用ページ閲覧", "Jobs viewed"), "web", url_globs=["/recruit*"]),
        "mail_sent": kind(t("メール配信", "Mail sent"), "mail", by_person=False),
        "mail_open": kind(t("メール開封", "Mail opened"), "mail"),
        "mail_click": kind(t("メールのリンクをクリック", "Link in a mail clicked"), "mail"),
        "exhibition": kind(t("展示会で名刺交換", "Met at an exhibition"), "event"),
        "download": kind(
            t("資料ダウンロード", "Paper downloaded"),
            "web",
            "medium",
            declared_attributes=["topic"],
            **bought,
        ),
        "seminar": kind(
            t("セミナー参加", "Seminar attended"), "event", "medium", declared_attributes=["topic"], **bought
        ),
        "trial": kind(t("無料トライアル申込", "Trial begun"), "web", "strong", **bought),
        "inquiry": kind(t("お問い合わせ", "Inquiry"), "web", "strong", **bought),
        "call_request": kind(
            t("電話相談の希望", "Wish for a call"), "web", "strong", direct_to_sales=True, **bought
        ),
    }


def segments(t: Tongue) -> Spec:
    maker = {"field": "company.industry", "op": "is", "value": t.industries["manufacturing"]}
    large = {"field": "company.employees", "op": "at_least", "value": LARGE}
    middle = {"field": "company.employees", "op": "between", "value": [MIDDLE, LARGE - 1]}
    served = {
        "field": "company.industry",
        "op": "is_one_of",
        "value": [t.industries["it"], t.industries["services"]],
    }
    prices = {"activity": "pricing_view", "op": "at_least", "count": 2, "within_days": 30}
    cases = {"activity": "case_view", "op": "at_least", "count": 3, "within_days": 30}
    silent = [
        {"activity": kind, "op": "none", "within_days": 120}
        for kind in ("page_view", "mail_open", "seminar", "inquiry")
    ]
    return {
        middle_makers(t): {
            "description": t("従業員100〜999名の製造業。導入事例が最も多い。", "100 to 999 people."),
            "condition": {"all": [maker, middle]},
        },
        large_makers(t): {
            "description": t("従業員1,000名以上の製造業。", "1,000 people or more."),
            "condition": {"all": [maker, large]},
        },
        services(t): {
            "description": t("情報通信業とサービス業。", "Information technology and services."),
            "condition": served,
        },
        t("比較検討中", "Comparing"): {
            "description": t("料金や事例を繰り返し見ている。", "Comes back to prices and cases."),
            "condition": {"any": [prices, cases]},
        },
        t("決裁者", "Decision makers"): {
            "description": t("部長以上。", "Directors and above."),
            "condition": {"field": "seniority", "op": "is_one_of", "value": ["director", "executive"]},
        },
        t("休眠リード", "Asleep"): {
            "description": t("120日間、行動がない。", "No act for 120 days."),
            "condition": {"all": silent},
        },
    }  # fmt: skip


def middle_makers(t: Tongue) -> str:
    return t("製造業・中堅", "Manufacturers, middle size")


def large_makers(t: Tongue) -> str:
    return t("製造業・大手", "Manufacturers, large")


def services(t: Tongue) -> str:
    return t("IT・サービス業", "IT and services")


def _reps(t: Tongue, day: int) -> Spec:
    reps: dict[str, Spec] = {}
    for number in range(1, REPS + 1):
        family, given = (t.staff[2 * number + place][0] for place in (2, 3))
        reps[user_name(number)] = {
            "team": team(t, 1 if number <= 4 else 2),
            "family_name": family,
            "given_name": given,
            "email": f"{user_name(number)}@leadqual-demo.example",
            "weight": 2 if number in (1, 5) else 1,
            "capacity": 24 if number in (1, 5) else 18,
        }
    reps[user_name(6)]["territory"] = {
        "field": "company.prefecture", "op": "is_one_of", "value": list(t.home),
    }  # fmt: skip
    return reps


def _policies(t: Tongue, day: int) -> Spec:
    review = clock.date_of(day + 60).isoformat()
    east, west = team(t, 1), team(t, 2)
    usual = {
        "cadence": "at_once",
        "accept_within_hours": 8,
        "feedback_after_days": 30,
        "review_date": review,
        "means": ["in_app", "mail"],
    }
    return {
        t("大手製造業は週次で", "Large manufacturers weekly"): usual | {
            "segment": large_makers(t), "team": east, "fallback_team": west, "strategy": "weighted",
            "cadence": "weekly", "cadence_time": "09:30", "cadence_weekday": _weekday(day),
            "means": ["in_app", "digest"], "accept_within_hours": 16,
            "follow_up": t("業界別の導入事例集を添えて、3営業日以内に訪問を打診する。",
                           "Send the collection of cases and propose a visit within three days."),
        },
        t("IT・サービス業は即時に", "IT and services at once"): usual | {
            "segment": services(t), "team": east, "fallback_team": west, "strategy": "same_company_first",
            "follow_up": t("無料トライアルの案内を送り、翌営業日に電話する。",
                           "Send the invitation to a trial and call the next day."),
        },
        t("その他は担当エリア優先", "All others by territory"): usual | {
            "segment": "", "team": west, "fallback_team": east, "strategy": "territory_first",
            "follow_up": t("資料一式を送り、課題を電話で聞く。", "Send our papers and ask what they need."),
        },
        t("展示会フォロー(検討中)", "Exhibition follow-up (to be agreed)"): {
            "state": "draft", "segment": t("比較検討中", "Comparing"), "team": east,
        },
    }  # fmt: skip


def _weekday(day: int) -> int:
    """The next working day: so the last turn is almost a week ago, and some leads wait for the next."""
    return min((clock.date_of(day) + timedelta(days=1)).weekday() % 7, 4)
