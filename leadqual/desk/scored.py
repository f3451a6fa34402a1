"""The live score of a page's leads, in one query."""

from collections.abc import Collection
from dataclasses import dataclass

from leadqual.scoring.models import LeadScore, ModelState
from leadqual.scoring.showing import band_of, band_words


@dataclass(frozen=True)
class Scored:
    total: int
    band: str

    @property
    def words(self) -> str:
        return band_words(self.band)


def scores_of(leads: Collection[int]) -> dict[int, Scored]:
    """By lead id; a lead that no model scored yet has none."""
    rows = LeadScore.objects.filter(model__state=ModelState.LIVE, lead_id__in=leads).values_list(
        "lead_id", "total", "model__hot_at", "model__cool_at"
    )
    return {
        lead: Scored(total, band_of(total, hot_at=hot_at, cool_at=cool_at))
        for lead, total, hot_at, cool_at in rows
    }
