import pytest

from leadqual.leads.company_names import normalised


@pytest.mark.parametrize(
    "name",
    [
        "株式会社東和精機",
        "東和精機株式会社",
        "(株)東和精機",
        "㈱東和精機",
        "㈱ 東和精機",
        "（株）東和精機",
        "東和精機　㈱",
        " 東和精機 ",
    ],
)
def test_one_company_written_in_eight_ways_has_one_normalised_name(name: str) -> None:
    assert normalised(name) == "東和精機"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ﾄｳﾜｾｲｷ", "トウワセイキ"),
        ("ﾎﾟﾗﾘｽﾃﾞｰﾀ(株)", "ポラリスデータ株式会社"),
        ("カ)トウワセイキ", "株式会社トウワセイキ"),
        ("トウワセイキ(カ", "トウワセイキ株式会社"),
        ("とうわ商事", "トウワ商事"),
        ("ＡＢＣ商事", "abc商事"),
        ("髙島屋", "高島屋"),
        ("Acme, Inc.", "ACME"),
        ("Acme Co., Ltd.", "Acme Company Limited"),
        ("アクメ・ジャパンK.K.", "アクメジャパン"),
        ("日本 データ", "日本データ"),
        ("一般社団法人データ協会", "データ協会"),
        ("㍿東和", "株式会社東和"),
    ],
)
def test_width_case_kana_and_legal_form_do_not_matter(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("東和精機", "東和物流"),
        ("Costa", "Sta"),  # "co" inside a word is no legal form
        ("株式会社", "有限会社"),  # nothing else is left, so they stay two
        ("A社", "B社"),
    ],
)
def test_different_companies_stay_different(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@pytest.mark.parametrize("name", ["株式会社", "・・・", "(株)", "Inc."])
def test_a_name_without_a_proper_name_is_not_nothing(name: str) -> None:
    assert normalised(name)
