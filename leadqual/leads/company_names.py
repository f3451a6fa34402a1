"""Company names as the same company writes them in five ways: 株式会社東和精機, (株)東和精機, ㈱東和精機, ﾄｳﾜｾｲｷ."""

import re
import unicodedata

import jaconv

# Longer forms first: 特定非営利活動法人 must not leave 特定非営利活動 behind.
JAPANESE_FORMS = (
    "特定非営利活動法人",
    "国立研究開発法人",
    "地方独立行政法人",
    "公益社団法人",
    "公益財団法人",
    "一般社団法人",
    "一般財団法人",
    "社会福祉法人",
    "独立行政法人",
    "国立大学法人",
    "医療法人社団",
    "医療法人財団",
    "医療法人",
    "学校法人",
    "宗教法人",
    "税理士法人",
    "監査法人",
    "弁護士法人",
    "株式会社",
    "有限会社",
    "合同会社",
    "合資会社",
    "合名会社",
    "相互会社",
)
SHORT_FORMS = ("株", "有", "同", "資", "名", "社", "財", "医", "学", "福")
LATIN_FORMS = (
    "incorporated",
    "corporation",
    "company",
    "limited",
    "inc",
    "corp",
    "co",
    "ltd",
    "llc",
    "llp",
    "plc",
    "gmbh",
    "ag",
    "kk",
    "bv",
    "sa",
    "sas",
    "srl",
    "pte",
    "pty",
)

_JAPANESE = re.compile("|".join(JAPANESE_FORMS) + "|" + "|".join(rf"\({form}\)" for form in SHORT_FORMS))
# 「カ)トウワセイキ」「トウワセイキ(カ」: how banks and old systems write 株式会社 in kana
_BANK_KANA = re.compile(r"^[カユド]\)|\([カユド]\)?$")
_LATIN = re.compile(rf"(?:[\s,.]+(?:{'|'.join(LATIN_FORMS)})\.?)+$")
_DOTTED = re.compile(r"\s*k\.\s?k\.?$")
_NOISE = re.compile(r"[\s\-‐‑–—−_・･.,'’\"“”&+/\\()\[\]【】「」『』*]+")
# The same name with an old form of a character, as cards and registers mix them.
_VARIANTS = str.maketrans(
    "髙﨑齋齊斎邊邉澤濱濵廣國德嶋嶌龍櫻瀧藪桒槇圓學會萬靜黑眞冨惠曾澁隆",
    "高崎斉斉斉辺辺沢浜浜広国徳島島竜桜滝薮桑槙円学会万静黒真富恵曽渋隆",
)


def normalised(name: str) -> str:
    """The form under which a company is found again: legal form, width, case, kana and punctuation do not matter.

    A name that consists of nothing else keeps its folded form, so that two such companies stay two.
    """
    text = unicodedata.normalize("NFKC", name).strip()
    text = _BANK_KANA.sub("", text)
    text = _JAPANESE.sub(" ", text).casefold()
    text = _DOTTED.sub(" kk", text)
    text = _LATIN.sub("", text)
    text = _NOISE.sub("", jaconv.hira2kata(text)).translate(_VARIANTS)
    return text or _NOISE.sub("", unicodedata.normalize("NFKC", name).casefold()) or name.strip()
