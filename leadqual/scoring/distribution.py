"""How many leads have how many points, as bars that begin and end at the threshold, and in bands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from leadqual.scoring.explaining import COLD, HOT, WARM
from leadqual.scoring.models import LeadScore, ScoringModel
from leadqual.scoring.showing import band_of, band_words

WIDTH, HEIGHT, FOOT, HEAD = 720, 220, 24, 18
BARS = 24
STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500)


@dataclass(frozen=True, slots=True)
class Bar:
    """Leads of `low` to `high` points, both included, and where the bar stands in the drawing."""

    low: int
    high: int
    leads: int
    band: str
    x: float
    y: float
    width: float
    height: float

    @property
    def band_words(self) -> str:
        return band_words(self.band)


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across the drawing, at hot or at cool."""

    x: float
    points: int
    kind: str


@dataclass(frozen=True, slots=True)
class BandCount:
    band: str
    words: str
    leads: int
    percent: float


@dataclass(frozen=True, slots=True)
class Distribution:
    bars: Sequence[Bar]
    marks: Sequence[Mark]
    bands: Sequence[BandCount]
    leads: int
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def ground(self) -> int:
        return HEIGHT - FOOT


def distribution(model: ScoringModel) -> Distribution:
    """One query: the totals that there are, out of their index."""
    scores = LeadScore.objects.filter(model_id=model.pk).order_by().values_list("total")
    counts = dict(scores.annotate(n=Count("lead_id")))
    return drawn(counts, hot_at=model.hot_at, cool_at=model.cool_at)


def drawn(counts: Mapping[int, int], *, hot_at: int, cool_at: int) -> Distribution:
    leads = sum(counts.values())
    bands = dict.fromkeys((HOT, WARM, COLD), 0)
    for total, n in counts.items():
        bands[band_of(total, hot_at=hot_at, cool_at=cool_at)] += n
    told = [
        BandCount(band, band_words(band), n, 100 * n / leads if leads else 0) for band, n in bands.items()
    ]
    if not leads:
        return Distribution([], [], told, 0)
    low, high = min(0, *counts), max(hot_at, *counts)
    step = next((each for each in STEPS if (high - low) / each < BARS), STEPS[-1])
    first = hot_at - -(-(hot_at - low) // step) * step
    number = (high - first) // step + 1
    sums = [0] * number
    for total, n in counts.items():
        sums[(total - first) // step] += n
    return Distribution(
        [_bar(each, n, max(sums), number, first, step, hot_at, cool_at) for each, n in enumerate(sums)],
        [
            Mark((points - first) / (number * step) * WIDTH, points, kind)
            for points, kind in ((hot_at, HOT), (cool_at, WARM))
            if points != cool_at or cool_at < hot_at
        ],
        told,
        leads,
    )


def _bar(each: int, n: int, most: int, number: int, first: int, step: int, hot_at: int, cool_at: int) -> Bar:
    width = WIDTH / number
    room = HEIGHT - FOOT - HEAD
    # Somebody is there: seen even beside a bar of thousands.
    height = max(1.5, n / most * room) if n else 0
    low = first + each * step
    band = band_of(low, hot_at=hot_at, cool_at=cool_at)
    return Bar(
        low, low + step - 1, n, band,
        round(each * width + 1, 1), round(HEIGHT - FOOT - height, 1), round(width - 2, 1), round(height, 1),
    )  # fmt: skip
