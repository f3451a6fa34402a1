"""The two journey maps of the demo company: stages, touchpoints and contents, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from leadqual.demo.tongues import Tongue

Condition = dict[str, Any]


@dataclass(frozen=True)
class Point:
    """What the customer does, asks and feels, and our answer. `contents` are keys of `contents(t)`."""

    action: str
    channel: str
    question: str
    feeling: str
    level: int
    strength: str
    owner: str
    types: Sequence[str]
    contents: Sequence[str] = ()


@dataclass(frozen=True)
class Phase:
    key: str
    name: str
    goal: str
    entry: Condition | None
    points: Sequence[Point]


def persona(t: Tongue, makers: bool) -> str:
    if makers:
        return t(
            "従業員300名規模の部品メーカー、生産管理部の課長(40代)。納期遵守率で評価され、紙と表計算の二重入力に悩んでいる。",
            "Head of production planning at a parts maker of 300 people. Measured by deliveries on time,"
            " troubled by typing everything twice.",
        )
    return t(
        "成長中のIT・サービス企業、経営企画部の部長(30代後半)。少人数で受発注を回し、内部統制の整備を任されている。",
        "Head of strategy at a growing service company. Few people handle all orders; controls are to be put in place.",
    )


def contents(t: Tongue) -> dict[str, tuple[str, int]]:
    """key -> (title, days from today until it expires); one has expired."""
    return {
        "guide": (t("受発注デジタル化の進め方ガイド", "Guide: orders without paper"), 200),
        "cases": (t("製造業の導入事例集", "Cases from manufacturing"), 120),
        "service_cases": (t("IT・サービス業の導入事例集", "Cases from services"), 150),
        "comparison": (t("他方式との比較表", "Comparison with other ways of working"), -12),
        "prices": (t("料金プランと見積例", "Plans and sample quotes"), 90),
        "trial": (t("30日間トライアルの手引き", "Handbook of the 30-day trial"), 300),
        "approval": (t("稟議書のひな形", "Template for the approval request"), 240),
        "start": (t("導入スケジュール例", "Sample schedule for starting"), 365),
    }


def phases(t: Tongue, makers: bool) -> list[Phase]:
    return [_notice(t, makers), _learn(t, makers), _compare(t), _decide(t), _use(t)]


def _notice(t: Tongue, makers: bool) -> Phase:
    return Phase(
        "notice", t("課題の認識", "Notices a problem"),
        t("紙と二重入力の費用に気づく。", "Sees what paper and typing twice cost."), None,
        [
            Point(
                t("展示会で実演を見る", "Sees us at an exhibition"), t("展示会", "Exhibition"),
                t("うちと同じ悩みの会社はあるか", "Do others have this problem too?"),
                t("まだ半信半疑", "Doubtful"), -1,
                t("同業の事例をその場で見せられる", "We can show cases of the same trade on the spot"),
                _marketing(t), ["exhibition"], ["cases" if makers else "service_cases"],
            ),
            Point(
                t("メールの記事を読む", "Reads our mail"), t("メール", "Mail"),
                t("何から手を付ければよいか", "Where does one begin?"), t("関心がある", "Curious"), 0,
                t("業務別の始め方を示したガイド", "A guide that begins with one's own task"),
                _marketing(t), ["mail_open", "mail_click"], ["guide"],
            ),
        ],
    )  # fmt: skip


def _learn(t: Tongue, makers: bool) -> Phase:
    return Phase(
        "learn", t("情報収集", "Gathers information"),
        t("進め方と効果を社内で説明できる。", "Can explain ways and benefits to colleagues."),
        _acts("download", "seminar", "case_view"),
        [
            Point(
                t("資料をダウンロードする", "Downloads a paper"), t("Webサイト", "Web site"),
                t("効果はどのくらい出るのか", "How much does it bring?"), t("期待が高まる", "Hopeful"), 1,
                t("削減時間を自社の数字で試算できる", "Savings can be worked out with one's own figures"),
                _marketing(t), ["download", "case_view"], ["guide", "cases" if makers else "service_cases"],
            ),
            Point(
                t("セミナーに参加する", "Attends a seminar"), t("セミナー", "Seminar"),
                t("今の仕組みとつながるのか", "Does it work with what we have?"),
                t("少し不安", "A little uneasy"), -1,
                t("主要な基幹システムとの接続実績", "Proven connections to common systems"),
                _marketing(t), ["seminar"],
            ),
        ],
    )  # fmt: skip


def _compare(t: Tongue) -> Phase:
    return Phase(
        "compare", t("比較検討", "Compares"),
        t("候補を2社に絞り、費用を把握する。", "Two candidates are left and the cost is known."),
        _acts("pricing_view", "trial"),
        [
            Point(
                t("料金を確認する", "Looks at prices"), t("Webサイト", "Web site"),
                t("予算に収まるか", "Is it within the budget?"), t("冷静に見ている", "Sober"), 0,
                t("拠点数に応じた段階料金", "Prices grow with the number of sites"),
                _marketing(t), ["pricing_view"], ["prices", "comparison"],
            ),
            Point(
                t("無料で試す", "Tries it for free"), t("製品", "Product"),
                t("現場が使いこなせるか", "Will people on the floor cope?"), t("手応えがある", "Confident"), 1,
                t("実データで試せる30日間", "30 days with one's own data"),
                _sales(t), ["trial"], ["trial"],
            ),
        ],
    )  # fmt: skip


def _decide(t: Tongue) -> Phase:
    return Phase(
        "decide", t("稟議・商談", "Decides"),
        t("決裁者が費用と効果に納得する。", "Whoever signs agrees on cost and benefit."),
        {"any": [
            {"field": "status", "op": "is_one_of", "value": ["accepted", "opportunity"]},
            {"activity": "inquiry", "op": "at_least", "count": 1},
            {"activity": "call_request", "op": "at_least", "count": 1},
        ]},
        [
            Point(
                t("相談する", "Asks us"), t("電話・訪問", "Call or visit"),
                t("社内をどう説得するか", "How do I convince the others?"), t("不安が残る", "Uneasy"), -1,
                t("稟議書の作成まで支援する", "We help to write the request"),
                _sales(t), ["inquiry", "call_request"], ["approval"],
            ),
        ],
    )  # fmt: skip


def _use(t: Tongue) -> Phase:
    return Phase(
        "use", t("導入・活用", "Uses it"),
        t("最初の拠点で定着し、次の拠点へ広げる。", "Settled at one site, on to the next."),
        {"field": "status", "op": "is", "value": "customer"},
        [
            Point(
                t("最初の拠点で使い始める", "Begins at the first site"), t("導入支援", "Onboarding"),
                t("いつから効果が出るか", "When will it pay?"), t("満足している", "Content"), 2,
                t("90日間の立ち上げ支援", "90 days of help"), t("導入支援部", "Customer success"), [], ["start"],
            ),
        ],
    )  # fmt: skip


def _marketing(t: Tongue) -> str:
    return t("マーケティング部", "Marketing")


def _sales(t: Tongue) -> str:
    return t("営業部", "Sales")


def _acts(*types: str) -> Condition:
    return {"any": [{"activity": type, "op": "at_least", "count": 1} for type in types]}
