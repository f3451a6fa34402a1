"""The market in one of two languages: `Tongue` is everything that differs, `tongue(language)` gives one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Pair = tuple[str, str]
Weighted = Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Tongue:
    """Names are (as written, as read): the reading becomes the kana and the address."""

    language: str
    families: Sequence[Pair]
    givens: Sequence[Pair]
    stems: Sequence[Pair]  # the invented part of a company's name
    trades: Mapping[str, Sequence[Pair]]  # industry -> what such companies are called
    forms: Weighted  # "株式会社%s", how often
    industries: Mapping[str, str]  # key -> name
    prefectures: Weighted
    country: str
    home: Sequence[str]  # prefectures of the rep who has a territory
    departments: Mapping[str, str]
    titles: Mapping[str, Sequence[str]]  # seniority -> titles
    sources: Mapping[str, str]
    interests: Sequence[str]
    tools: Sequence[str]
    staff: Sequence[Pair]  # the people of our own sales and marketing
    said: Mapping[str, Sequence[str]]  # what sales writes, by occasion
    phone: str  # numbers that nobody has, and how many there are of them
    phones: int

    def __call__(self, japanese: str, english: str) -> str:
        return japanese if self.language == "ja" else english
