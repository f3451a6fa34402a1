"""Does a higher score mean more sales? Conversion by the score as it was judged when the lead became hot."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from leadqual.improvement.judgements import Judged, Tally, tally
from leadqual.improvement.statistics import Finding, Rate, compare

MOST_BANDS = 10
USUAL_BAND = 30  # leads that a band should have, decided or not


@dataclass(frozen=True, slots=True)
class Band:
    """Leads whose score was `low` .. `high`, inclusive."""

    low: int
    high: int
    leads: Tally

    @property
    def rate(self) -> Rate:
        return self.leads.rate


@dataclass(frozen=True, slots=True)
class ByScore:
    bands: Sequence[Band]
    all: Tally

    @property
    def finding(self) -> Finding:
        """The upper half of the bands against the lower."""
        half = len(self.bands) // 2
        upper, lower = self.bands[len(self.bands) - half :], self.bands[:half]
        return compare(_together(upper), _together(lower))


def _together(bands: Sequence[Band]) -> Rate:
    return Rate(sum(band.leads.won for band in bands), sum(band.rate.of for band in bands))


def by_score(rows: Sequence[Judged]) -> ByScore:
    """Up to ten bands of about the same number of leads; the cut looks at scores only, never at outcomes.

    Leads of the same score stay together. In few leads the bands are fewer, so that each can say something.
    """
    bands = [Band(part[0].score, part[-1].score, tally(part)) for part in cut(rows, lambda row: row.score)]
    return ByScore(bands, tally(rows))


def cut(rows: Sequence[Judged], value: Callable[[Judged], int]) -> Iterator[Sequence[Judged]]:
    ordered = sorted(rows, key=value)
    number = max(1, min(MOST_BANDS, len(ordered) // USUAL_BAND))
    begin = 0
    for place in range(1, number + 1):
        end = max(begin, round(place * len(ordered) / number))
        while 0 < end < len(ordered) and value(ordered[end]) == value(ordered[end - 1]):
            end += 1
        if end > begin:
            yield ordered[begin:end]
        begin = end
