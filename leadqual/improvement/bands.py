"""Does a higher score mean more sales? Conversion by the score as it was judged when the lead became hot."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from leadqual.improvement.judgements import Judged, Tally, tally
from leadqual.improvement.statistics import Finding, Rate, compare

MOST_BANDS = 10
USUAL_BAND = 40  # decided leads, or answers, that a band should have


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
    counts = tally(rows)
    parts = cut(rows, lambda row: row.score, counted=counts.rate.of)
    return ByScore([Band(part[0].score, part[-1].score, tally(part)) for part in parts], counts)


def cut(
    rows: Sequence[Judged], value: Callable[[Judged], int], *, counted: int
) -> Iterator[Sequence[Judged]]:
    """Parts of about the same number of rows; as many parts as `counted`, those that a rate is made of, can fill."""
    ordered = sorted(rows, key=value)
    number = max(1, min(MOST_BANDS, counted // USUAL_BAND))
    begin = 0
    for place in range(1, number + 1):
        end = max(begin, round(place * len(ordered) / number))
        while 0 < end < len(ordered) and value(ordered[end]) == value(ordered[end - 1]):
            end += 1
        if end > begin:
            yield ordered[begin:end]
        begin = end
